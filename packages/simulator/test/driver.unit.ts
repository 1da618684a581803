import { agentIdOf, CompletionReport, faultOf, StartReport, type TrainingEventData } from '@coachloop/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Centre, createCentre, createDriver, DEFAULT_CONFIG, type ScheduledEvent } from '../src/index.ts';

const HOUR_MS = 3_600_000;
const startMs = Date.UTC(2026, 2, 2, 8);
const surely = { ...DEFAULT_CONFIG, training: { ...DEFAULT_CONFIG.training, noEffectShare: 0, passShare: 1 } };

const assignment = (centre: Centre, agentKey: string, competency: string, id = 'case.1') => {
  const assigned: TrainingEventData<'training.assigned'> = {
    caseId: '00000000-0000-4000-8000-000000000001',
    agentId: agentIdOf(centre.source, agentKey),
    agentKey,
    competency,
    assignmentId: id,
    attempt: 1,
    course: { id: 'course-1', version: 1, title: 'A course', minutes: 30 },
    assignedAt: new Date(startMs).toISOString(),
    dueAt: new Date(startMs + 7 * 24 * HOUR_MS).toISOString(),
    form: { id: 'form', version: 1 },
  };
  return assigned;
};
const weakOne = (centre: Centre) => {
  const agent = centre.agents.find(({ weak }) => weak.length > 0);
  const competency = agent?.weak[0];
  if (!agent || !competency) throw new Error('the default centre has weak agents');
  return { agentKey: agent.key, competency };
};

describe('a driver', () => {
  it('delivers the same, however the clock is cut into steps', () => {
    const run = (steps: readonly number[]) => {
      const driver = createDriver({ centre: createCentre({ seed: 4, agents: 5, startMs }) });
      const out: ScheduledEvent[] = [];
      let at = startMs;
      for (const step of steps) {
        at += step;
        out.push(...driver.until(at));
      }
      out.push(...driver.until(startMs + 3 * HOUR_MS));
      return JSON.stringify(out);
    };
    const whole = run([]);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -60_000, max: 600_000 }), { maxLength: 15 }),
        (steps) => run(steps) === whole,
      ),
      { numRuns: 30 },
    );
  });

  it('never delivers what has not happened, nor out of order', () => {
    const driver = createDriver({ centre: createCentre({ seed: 4, agents: 14, startMs }) });
    let last = 0;
    for (let at = startMs; at < startMs + 2 * HOUR_MS; at += 60_000)
      for (const due of driver.until(at)) {
        expect(due.deliverMs).toBeLessThanOrEqual(at);
        expect(due.deliverMs).toBeGreaterThanOrEqual(last);
        last = due.deliverMs;
        if (due.kind === 'event') expect(Date.parse(due.event.time ?? '')).toBeLessThanOrEqual(due.deliverMs);
      }
    expect(driver.pending).toBeLessThan(2000);
  });

  it('reports the start and the completion of a training, and the agent is better from then on', () => {
    const centre = createCentre({ seed: 4, agents: 14, startMs, config: surely });
    const { agentKey, competency } = weakOne(centre);
    const driver = createDriver({ centre });
    const before = centre.levelsOf(agentKey)[competency];
    driver.until(startMs + HOUR_MS);
    expect(driver.assigned(assignment(centre, agentKey, competency), startMs + HOUR_MS)).toBe(true);
    const due = driver.until(startMs + 4 * HOUR_MS);
    const reports = due.filter(({ kind }) => kind !== 'event');
    expect(reports.map(({ kind }) => kind)).toEqual(['start', 'completion']);
    const [start, completion] = reports;
    if (start?.kind !== 'start' || completion?.kind !== 'completion') throw new Error('two reports');
    expect(faultOf(StartReport, start.report)).toBeNull();
    expect(faultOf(CompletionReport, completion.report)).toBeNull();
    expect(completion.report).toMatchObject({ courseId: 'course-1', passed: true, startedAt: start.report.startedAt });
    expect(centre.levelsOf(agentKey)[competency]).toBeGreaterThan(before + 0.3);
    expect(centre.trainings).toMatchObject([{ agentKey, competency, before, atMs: completion.deliverMs }]);
    const begun = due.filter((d) => d.kind === 'event' && d.event.type === 'call.queued');
    const during = begun.filter((d) => {
      if (d.kind !== 'event' || (d.event.data as { agentId?: string }).agentId !== agentKey) return false;
      const at = Date.parse(d.event.time ?? '');
      return at > start.deliverMs + 15 * 60_000 && at < completion.deliverMs;
    });
    expect(during).toHaveLength(0);
  });

  it('takes an assignment once, and none of a stranger', () => {
    const centre = createCentre({ seed: 4, agents: 14, startMs });
    const driver = createDriver({ centre });
    const assigned = assignment(centre, 'A001', 'call-control');
    expect(driver.assigned(assigned, startMs)).toBe(true);
    expect(driver.assigned(assigned, startMs)).toBe(false);
    const stranger = {
      ...assignment(centre, 'A001', 'call-control', 'other.1'),
      agentId: agentIdOf('urn:other', 'A001'),
    };
    expect(driver.assigned(stranger, startMs)).toBe(false);
    expect(driver.assigned(assignment(centre, 'A001', 'juggling', 'other.2'), startMs)).toBe(false);
    const reports = driver.until(startMs + 5 * HOUR_MS).filter(({ kind }) => kind !== 'event');
    expect(reports).toHaveLength(2);
  });
});

describe('training', () => {
  it('never lowers a level, keeps to the ceiling, and does nothing for the share set', () => {
    const centre = createCentre({ seed: 8, agents: 400, startMs, config: DEFAULT_CONFIG });
    let [tried, none] = [0, 0];
    for (const { key, weak } of centre.agents)
      for (const competency of weak) {
        const { before, after } = centre.train(key, competency, 1);
        tried++;
        if (after === before) none++;
        else expect(after - before).toBeCloseTo(DEFAULT_CONFIG.training.gain.first, 2);
        for (let attempt = 2; attempt < 8; attempt++) {
          const again = centre.train(key, competency, attempt);
          expect(again.after).toBeGreaterThanOrEqual(again.before);
          expect(again.after).toBeLessThanOrEqual(DEFAULT_CONFIG.training.ceiling);
        }
      }
    expect(none / tried).toBeGreaterThan(0.07);
    expect(none / tried).toBeLessThan(0.25);
  });

  it('shows in the calls that follow', () => {
    const centre = createCentre({
      seed: 8,
      agents: 1,
      startMs,
      config: { ...surely, agents: { ...surely.agents, weakShare: 1 } },
    });
    const { agentKey, competency } = weakOne(centre);
    const rate = () => {
      const done = Array.from({ length: 300 }, () => centre.nextCall().truth.shown)
        .flatMap((shown) => Object.entries(shown))
        .filter(([name]) => surely.behaviours[name as keyof typeof surely.behaviours].competency === competency);
      return done.filter(([, good]) => good).length / done.length;
    };
    const before = rate();
    centre.train(agentKey, competency, 1);
    expect(rate()).toBeGreaterThan(before + 0.2);
  });

  it('refuses an agent that is not there', () => {
    const centre = createCentre({ seed: 8, agents: 2, startMs });
    expect(() => centre.train('A003', 'call-control', 1)).toThrow(
      expect.objectContaining({ code: 'SIM_AGENT_UNKNOWN' }),
    );
  });
});
