/**
 * The aggregate `learners` (id = agent id): hears every evaluation of one agent and decides whether a case opens.
 *
 * A revised evaluation takes the place of its earlier revision and is judged like a new one. It opens a case where it now
 * meets a rule; it does not take back a case that is open, since somebody may have begun the training: withdrawing is a
 * person's decision. An evaluation that is withdrawn (the call was another agent's) counts no more, the trigger log says so,
 * and the case it may have led to is told: that one knows whether the training has begun.
 */
import type {
  Decision,
  Emit,
  EvaluationResult,
  EvaluationWithdrawn,
  Message,
  TrainingEventData,
  TriggerCall,
} from '@coachloop/contracts';
import { UNASSIGNED_AGENT } from '@coachloop/contracts';
import { LEARNER_BOUNDS, type Learner, type Track, type TriggerDecision, type TriggerEntry } from './learner.ts';
import { resultOf, withResult } from './results.ts';
import type { Point } from './rules.ts';
import { isoOf, msOf } from './time.ts';
import { judge, type OpenedCase, type Rules, type Subject, silent } from './triggers.ts';

/** The contract's `maxItems`. */
const DECISIONS_MAX = 300;

const unchanged = (state: Learner): Decision<Learner> => ({ state, events: [], wakeAt: null });

const whoOf = (learner: Learner) => ({
  agentId: learner.agentId,
  ...(learner.agentKey === undefined ? {} : { agentKey: learner.agentKey }),
  ...(learner.agentName === undefined ? {} : { agentName: learner.agentName }),
});

const callOf = ({ result, competency }: Point): TriggerCall => ({
  callId: result.callId,
  evaluationId: result.evaluationId,
  callEndedAt: isoOf(result.endedAt),
  score: competency.score,
  questions: [
    ...competency.no.map((q) => ({ questionId: q.questionId, value: 'no' as const, evidence: [...q.evidence] })),
    ...competency.yes.map((questionId) => ({ questionId, value: 'yes' as const, evidence: [] })),
  ],
});

/**
 * The form that most of the calls were scored by, of equals the latest: the re-evaluation waits for calls on it, and who takes a chat
 * now and then should not be waited for until they have taken five more.
 */
function formOf(points: readonly Point[]): EvaluationResult['form'] {
  const forms = Map.groupBy(points, ({ result: { form } }) => `${form.id} ${form.version}`);
  const most = [...forms.values()].reduce((a, b) => (b.length >= a.length ? b : a));
  const latest = most.at(-1);
  if (!latest) throw new RangeError('a case is opened by at least one call');
  return latest.result.form;
}

function openedEvent(learner: Learner, opened: OpenedCase, policyVersion: number, scoredMs: number): Emit {
  const { measure } = opened;
  const data: TrainingEventData<'training.case.opened'> = {
    caseId: opened.caseId,
    ...whoOf(learner),
    competency: opened.competency,
    openedAt: isoOf(opened.openedAt),
    scoredAt: isoOf(scoredMs),
    trigger: {
      rule: measure.rule,
      observed: measure.observed ?? 0,
      threshold: measure.threshold,
      policyVersion,
      ...(measure.questionId === undefined ? {} : { questionId: measure.questionId }),
      ...(measure.mean === undefined ? {} : { mean: measure.mean }),
      ...(measure.confidence === undefined ? {} : { confidence: measure.confidence }),
      calls: measure.points.map(callOf),
    },
    form: formOf(measure.points),
  };
  return { type: 'training.case.opened', key: learner.agentId, subject: opened.caseId, data };
}

const withTrack = (tracks: readonly Track[], track: Track): readonly Track[] => {
  const others = tracks.filter((t) => t.competency !== track.competency);
  const idle = others.length >= LEARNER_BOUNDS.tracks_max ? others.findIndex((t) => t.openCase === null) : -1;
  return [...(idle < 0 ? others : others.toSpliced(idle, 1)), track];
};

function trackOf(tracks: readonly Track[], opened: OpenedCase): Track {
  const before = tracks.find((t) => t.competency === opened.competency);
  const used = opened.measure.points.map((p) => p.result.evaluationId);
  return {
    ...before,
    competency: opened.competency,
    openCase: opened.caseId,
    openedAt: opened.openedAt,
    closedAt: before?.closedAt ?? null,
    countsAfter: Math.max(before?.countsAfter ?? 0, opened.openedAt),
    consumed: [...(before?.consumed ?? []), ...used].slice(-LEARNER_BOUNDS.consumed_max),
    taken: { evaluations: used, countsAfter: before?.countsAfter ?? 0 },
  };
}

/** Newest last; drops whole entries from the oldest until the bound on decisions holds. */
function withEntry(log: readonly TriggerEntry[], entry: TriggerEntry): readonly TriggerEntry[] {
  const kept = [...log, entry];
  let decisions = kept.reduce((n, e) => n + e.decisions.length, 0);
  while (decisions > LEARNER_BOUNDS.decisions_max && kept.length > 1) decisions -= kept.shift()?.decisions.length ?? 0;
  return kept;
}

/** All of them where they fit; else those about answered competencies first. */
const bounded = (decisions: readonly TriggerDecision[], max: number) =>
  decisions.length <= max ? decisions : decisions.toSorted((a, b) => rank(a) - rank(b)).slice(0, max);
const rank = (d: TriggerDecision) => (d.fired ? 0 : d.observed === null ? 2 : 1);

/** 0: nothing of this evaluation is remembered. */
const latestKnown = (state: Learner, evaluationId: string): number =>
  [...state.results, ...(state.withdrawn ?? [])].reduce(
    (latest, known) => (known.evaluationId === evaluationId ? Math.max(latest, known.revision) : latest),
    0,
  );

/** `scoredMs`: when the evaluation was made, ms. */
function evaluated(
  state: Learner,
  evaluation: EvaluationResult,
  scoredMs: number,
  rules: Rules,
  now: number,
): Decision<Learner> {
  const { policy } = rules;
  const result = resultOf(evaluation);
  const superseded = latestKnown(state, result.evaluationId) >= result.revision;
  const keeps = state.agentId !== UNASSIGNED_AGENT && !superseded;
  const named: Learner = {
    ...state,
    ...(evaluation.agentKey === undefined ? {} : { agentKey: evaluation.agentKey }),
    ...(evaluation.agentName === undefined ? {} : { agentName: evaluation.agentName }),
  };
  const learner = keeps ? { ...named, results: withResult(state.results, result, policy.windowCalls) } : state;
  const subject: Subject = {
    result,
    competencies: [...new Set(evaluation.competencies.map((c) => c.competency))],
    openCases: evaluation.openCases,
    superseded,
  };
  const { decisions, opened } = judge(learner, subject, rules, now);
  const data: TrainingEventData<'training.trigger.evaluated'> = {
    agentId: state.agentId,
    evaluationId: result.evaluationId,
    revision: result.revision,
    callId: result.callId,
    policyVersion: policy.version,
    decisions: [...bounded(decisions, DECISIONS_MAX)],
  };
  const events: Emit[] = [
    { type: 'training.trigger.evaluated', key: state.agentId, subject: result.evaluationId, data },
    ...opened.map((o) => openedEvent(learner, o, policy.version, scoredMs)),
  ];
  if (!keeps) return { state: learner, events, wakeAt: null };
  const entry: TriggerEntry = {
    evaluationId: result.evaluationId,
    revision: result.revision,
    callId: result.callId,
    callEndedAt: isoOf(result.endedAt),
    decidedAt: isoOf(now),
    decisions: bounded(
      decisions.filter((d) => d.reason !== 'not-answered' && d.reason !== 'disabled'),
      LEARNER_BOUNDS.decisions_max,
    ),
  };
  const tracks = opened.reduce<readonly Track[]>((all, o) => withTrack(all, trackOf(all, o)), learner.tracks);
  return { state: { ...learner, tracks, triggers: withEntry(learner.triggers, entry) }, events, wakeAt: null };
}

/** The result leaves the window, and the log says so. No rule is looked at: there is no call that could meet one. */
function withdrawn(state: Learner, data: EvaluationWithdrawn, { policy }: Rules, now: number): Decision<Learner> {
  const { evaluationId, revision, callId, callEndedAt } = data;
  if (latestKnown(state, evaluationId) >= revision) return unchanged(state);
  const isOther = (known: { readonly evaluationId: string }) => known.evaluationId !== evaluationId;
  const marks = [...(state.withdrawn ?? []).filter(isOther), { evaluationId, revision }];
  const next: Learner = {
    ...state,
    results: state.results.filter(isOther),
    withdrawn: marks.slice(-LEARNER_BOUNDS.withdrawn_max),
  };
  const known = state.results.find((r) => r.evaluationId === evaluationId);
  const told = state.tracks.flatMap((track) =>
    track.consumed.includes(evaluationId) ? causeEvent(next, track, data, now) : [],
  );
  if (!known) return { state: next, events: told, wakeAt: null };
  const decisions = bounded(
    known.competencies.flatMap(({ competency }) => silent(competency, 'withdrawn', policy)),
    LEARNER_BOUNDS.decisions_max,
  );
  const about = { evaluationId, revision, callId };
  const said: TrainingEventData<'training.trigger.evaluated'> = {
    agentId: state.agentId,
    ...about,
    policyVersion: policy.version,
    decisions: [...decisions],
  };
  const entry = { ...about, callEndedAt, decidedAt: isoOf(now), decisions };
  return {
    state: { ...next, triggers: withEntry(state.triggers, entry) },
    events: [{ type: 'training.trigger.evaluated', key: state.agentId, subject: evaluationId, data: said }, ...told],
    wakeAt: null,
  };
}

function causeEvent(
  learner: Learner,
  { openCase, competency }: Track,
  { evaluationId, callId, reason }: EvaluationWithdrawn,
  now: number,
): readonly Emit[] {
  if (openCase === null) return [];
  const data: TrainingEventData<'training.case.cause.withdrawn'> = {
    caseId: openCase,
    ...whoOf(learner),
    competency,
    evaluationId,
    callId,
    reason,
    at: isoOf(now),
  };
  return [{ type: 'training.case.cause.withdrawn', key: learner.agentId, subject: openCase, data }];
}

const onTrackOf = (state: Learner, caseId: string, change: (track: Track) => Track): Decision<Learner> =>
  state.tracks.some((t) => t.openCase === caseId)
    ? {
        state: { ...state, tracks: state.tracks.map((t) => (t.openCase === caseId ? change(t) : t)) },
        events: [],
        wakeAt: null,
      }
    : unchanged(state);

/** Calls from before the training's end say nothing about what it changed. */
function trained(state: Learner, data: TrainingEventData<'training.completed'>): Decision<Learner> {
  const completedAt = msOf(data.completedAt, '/completedAt');
  return onTrackOf(state, data.caseId, (t) => ({ ...t, countsAfter: Math.max(t.countsAfter, completedAt) }));
}

/** However a case ends, `training.case.closed` says so: it frees the competency and, but for a withdrawn one, starts the cool-down. */
function closed(state: Learner, data: TrainingEventData<'training.case.closed'>): Decision<Learner> {
  const closedAt = msOf(data.closedAt, '/closedAt');
  return onTrackOf(state, data.caseId, ({ taken, ...track }) => {
    const ended: Track = { ...track, openCase: null };
    return data.outcome === 'withdrawn'
      ? givenBack(ended, taken)
      : { ...ended, closedAt: Math.max(track.closedAt ?? 0, closedAt) };
  });
}

/** As if the case had not been: it ended before anybody was trained, so what its other calls say still holds. */
function givenBack(track: Track, taken: Track['taken']): Track {
  if (!taken) return track;
  return {
    ...track,
    countsAfter: taken.countsAfter,
    consumed: track.consumed.filter((id) => !taken.evaluations.includes(id)),
    withdrawnCases: (track.withdrawnCases ?? 0) + 1,
  };
}

export const handleLearner =
  (rules: Rules) =>
  (state: Learner, message: Message, now: number): Decision<Learner> => {
    // The data of events was checked against their contract when they were read.
    switch (message.type) {
      case 'qa.evaluation.completed':
      case 'qa.evaluation.revised':
        return evaluated(state, message.data as EvaluationResult, message.time, rules, now);
      case 'qa.evaluation.withdrawn':
        return withdrawn(state, message.data as EvaluationWithdrawn, rules, now);
      case 'training.completed':
        return trained(state, message.data as TrainingEventData<'training.completed'>);
      case 'training.case.closed':
        return closed(state, message.data as TrainingEventData<'training.case.closed'>);
      default:
        return unchanged(state);
    }
  };
