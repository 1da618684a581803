/** From a request to an input: the twin of what `decode.ts` makes of a record, recognised in the same way when it comes again. */
import { PARTITIONS, sha256 } from '@coachloop/contracts';
import { partitionOf } from '@coachloop/event-log';
import { normalised } from './decode.ts';
import type { Command, ForeignEvent, ServiceDefinition } from './definition.ts';
import { contentOf, foreignStream, hashOfContent } from './inbox.ts';
import type { Input } from './work.ts';

export function commandInput(service: string, command: Command, nowMs: number): Input {
  const { target, type, data, key, time = nowMs, traceparent } = command;
  const cause = `${target.collection}/${target.id}/key/${key}`;
  const text = JSON.stringify(data);
  return {
    target,
    message: { id: cause, kind: 'command', type, source: service, time, data, origin: null },
    identity: { kind: 'key', key, hash: sha256(`${type}\u001f${text}`).slice(0, 22) },
    cause,
    lane: laneOf(command.laneKey),
    traceparent,
    size: text?.length ?? 0,
  };
}

/** Its identity is its source and id, as if it had come over the bus. */
export function foreignInput(definition: ServiceDefinition, event: ForeignEvent): Input {
  const { target, id, source, type, time, traceparent } = event;
  const data = normalised(definition, type, event.data);
  const content = contentOf(type, data);
  return {
    target,
    message: { id, kind: 'event', type, source, time, data, origin: null },
    identity: {
      kind: 'stream',
      stream: foreignStream(source, id),
      seq: 1,
      born: 0,
      hash: hashOfContent(content),
      replay: false,
    },
    cause: `${source}|${id}`,
    lane: laneOf(event.laneKey),
    traceparent,
    size: content.length,
  };
}

const laneOf = (key: string): string => String(partitionOf(key, PARTITIONS));
