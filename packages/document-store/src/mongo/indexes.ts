import type { mongo } from 'mongoose';
import type { CollectionSpec } from '../port.ts';
import { keyName } from './rows.ts';

/** All indexes that we make in MongoDB, declared here and nowhere else. Others that a site adds are left alone. */
export function mongoIndexes(spec: CollectionSpec): mongo.IndexDescription[] {
  if (spec.marks) return [{ name: 'expire', key: { expireAtMs: 1 } }];
  return [
    // In the order of `due`; the lane is there so that timers of other lanes are passed over without reading documents.
    {
      name: 'wake',
      key: { wakeAt: 1, _id: 1, lane: 1 },
      partialFilterExpression: { wakeAt: { $exists: true } },
    },
    ...spec.indexes.map(({ name }) => ({ name: `by_${name}`, key: { [`keys.${keyName(name)}`]: 1 } })),
  ];
}
