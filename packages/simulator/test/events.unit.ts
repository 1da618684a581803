import { type CallIntakeData, CloudEventSchema, faultOf, schemaOf } from '@coachloop/contracts';
import { describe, expect, it } from 'vitest';
import { calls, createCentre, DEFAULT_CONFIG, type SimulatedCall } from '../src/index.ts';

const config = {
  ...DEFAULT_CONFIG,
  calls: { ...DEFAULT_CONFIG.calls, liveTranscriptShare: 0.5, missingTranscriptShare: 0.1 },
};
const sample = [...calls(createCentre({ seed: 12, agents: 20, config }), 600)];
const dataOf = <T extends 'transcript.completed' | 'call.ended'>(call: SimulatedCall, type: T) =>
  call.events.find(({ event }) => event.type === type)?.event.data as CallIntakeData<T> | undefined;
const timesOf = (call: SimulatedCall, type: string) =>
  call.events.filter(({ event }) => event.type === type).map(({ atMs }) => atMs);

describe('the events of a call', () => {
  it('fit the contracts, each one', () => {
    const types = new Set<string>();
    for (const { events } of sample)
      for (const { event } of events) {
        const schema = schemaOf('call-intake', event.type);
        if (!schema) throw new Error(`${event.type} is not in the contracts`);
        expect(faultOf(CloudEventSchema, event)).toBeNull();
        expect({ type: event.type, fault: faultOf(schema, event.data) }).toEqual({ type: event.type, fault: null });
        types.add(event.type);
      }
    expect(types.size).toBe(13);
  });

  it('have ids of their own, times that rise, and one source', () => {
    const ids = sample.flatMap(({ events }) => events.map(({ event }) => event.id));
    expect(new Set(ids).size).toBe(ids.length);
    for (const { events } of sample) {
      const times = events.map(({ atMs }) => atMs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      for (const { event, atMs } of events) {
        expect(event.source).toBe('urn:coachloop:simulator:12');
        expect(Date.parse(event.time ?? '')).toBe(atMs);
      }
    }
  });

  it('tell a story that holds: queued, ringing, answered, holds within, ended, wrap-up', () => {
    for (const call of sample.filter(({ truth }) => truth.agentKey !== null)) {
      const story = ['call.queued', 'call.ringing', 'call.answered', 'call.ended', 'call.wrapup.ended'];
      const times = story.flatMap((type) => timesOf(call, type));
      expect(times).toHaveLength(story.length);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      const [held, back] = [timesOf(call, 'call.held'), timesOf(call, 'call.unheld')];
      expect(held.length).toBe(back.length);
      expect(held.length > 0).toBe('announces-hold' in call.truth.shown);
      expect(call.readyMs).toBeGreaterThanOrEqual(call.truth.endMs);
    }
  });

  it('leave an abandoned call without an agent and without truth', () => {
    const abandoned = sample.filter(({ truth }) => truth.agentKey === null);
    expect(abandoned.length).toBeGreaterThan(5);
    for (const { events, truth } of abandoned) {
      expect(events.map(({ event }) => event.type)).toEqual(['call.queued', 'call.abandoned']);
      expect(events.every(({ event }) => !Object.hasOwn(event.data as object, 'agentId'))).toBe(true);
      expect(truth.shown).toEqual({});
    }
  });

  it('carry the transcript whole, and where it came live the same utterances one by one', () => {
    let [live, missing] = [0, 0];
    for (const call of sample.filter(({ truth }) => truth.agentKey !== null)) {
      const transcript = dataOf(call, 'transcript.completed')?.transcript;
      const single = call.events.filter(({ event }) => event.type === 'transcript.segment');
      if (!transcript) {
        missing++;
        expect(single).toHaveLength(0);
        continue;
      }
      expect(transcript.segments.length).toBeGreaterThanOrEqual(12);
      expect(transcript.segments.length).toBeLessThanOrEqual(31);
      expect(transcript.segments.map(({ index }) => index)).toEqual(transcript.segments.map((_, i) => i));
      if (single.length === 0) continue;
      live++;
      const said = single.map(({ event }) => event.data as CallIntakeData<'transcript.segment'>);
      expect(said.sort((a, b) => a.index - b.index).map(({ text }) => text)).toEqual(
        transcript.segments.map(({ text }) => text),
      );
    }
    expect(live).toBeGreaterThan(100);
    expect(missing).toBeGreaterThan(20);
  });

  it('keep an agent to one call at a time, with realistic lengths', () => {
    const free = new Map<string, number>();
    const minutes: number[] = [];
    for (const call of sample) {
      const key = call.truth.agentKey;
      if (key === null) continue;
      expect(call.truth.startMs).toBeGreaterThanOrEqual(free.get(key) ?? 0);
      free.set(key, call.readyMs);
      if (call.truth.channel === 'voice') minutes.push((call.truth.endMs - call.truth.startMs) / 60_000);
    }
    minutes.sort((a, b) => a - b);
    expect(minutes[Math.floor(minutes.length * 0.1)]).toBeGreaterThan(2);
    expect(minutes[Math.floor(minutes.length * 0.5)]).toBeGreaterThan(3);
    expect(minutes[Math.floor(minutes.length * 0.95)]).toBeLessThan(8);
  });
});
