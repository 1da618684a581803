/** What tests do to services from outside. */
import type { Command, ForeignEvent, RunningService } from '../../src/index.ts';
import { type Asked, callDocument } from './services.ts';
import { NOW, type World } from './world.ts';

export const foreignEventOf = (id: string, data: Asked): ForeignEvent => ({
  target: { collection: 'calls', id: callDocument(data.callId) },
  id,
  source: 'pbx',
  type: 'call.queued',
  time: NOW - 60_000,
  data,
  laneKey: data.callId,
});

export const commandOf = (key: string, data: Asked): Command => ({
  target: { collection: 'calls', id: callDocument(data.callId) },
  type: 'note',
  data,
  key,
  laneKey: data.callId,
});

/** As if these groups had never read anything. Their members must have been stopped. */
export async function resetToStart(world: World, ...services: readonly RunningService[]): Promise<void> {
  for (const { name, topics } of services) {
    const marks = await world.log.watermarks(topics);
    await world.log.resetOffsets(
      name,
      marks.map(({ topic, partition, first }) => ({ topic, partition, offset: first })),
    );
  }
}
