/** One centre, played through the loop: what was opened, assigned and closed, beside what was true at that moment. */
import { callIngest } from '@coachloop/call-ingest';
import { type CloudEvent, callIdOf, type EvaluationResult, type TrainingEventData } from '@coachloop/contracts';
import { type Policy as EvaluationPolicy, evaluation } from '@coachloop/evaluation';
import { loadForms, qaScoring } from '@coachloop/qa-scoring';
import {
  type CallTruth,
  type Centre,
  type Competency,
  createCentre,
  createDriver,
  type Levels,
  type PhraseBook,
  type ScheduledEvent,
  type SimulatorConfig,
} from '@coachloop/simulator';
import { type Policy as TriggerPolicy, trainingAssignment } from '@coachloop/training-assignment';
import { createLoop, type Knock } from './loop.ts';
import { trueAnswer, withTrueAnswers } from './oracle.ts';

export interface PlayOptions {
  readonly seed: number;
  readonly agents: number;
  /** The centre closes when every agent has had so many calls. */
  readonly callsPerAgent: number;
  readonly config: SimulatorConfig;
  readonly phrases: PhraseBook;
  /** Scoring: what the forms hear; oracle: what is true. */
  readonly answers: 'scoring' | 'oracle';
  /** Absent: the default ones. */
  readonly triggers?: TriggerPolicy;
  readonly reviews?: EvaluationPolicy;
}

export interface PlayedCase {
  readonly agentKey: string;
  readonly competency: string;
  readonly rule: string;
  /** How many calls the agent had had, with the last of those that opened it. */
  readonly calls: number;
  /** True level when it was opened. */
  readonly levelBefore: number;
  /** The agent was made weak in this competency, and no training had changed it yet. */
  readonly rightly: boolean;
  /** Verdicts of the re-evaluation, the first one first, with the true level at that moment. */
  readonly reviews: { readonly outcome: string; readonly level: number }[];
  /** How the case ended, and the true level then; null: still open. */
  ended: { readonly outcome: string; readonly level: number } | null;
}

/** How often a question was answered so, by what was true. */
export interface Agreement {
  yesYes: number;
  yesNo: number;
  noYes: number;
  noNo: number;
  na: number;
}

export interface Played {
  /** (agent, competency) made weak. */
  readonly weak: readonly { readonly agentKey: string; readonly competency: Competency }[];
  readonly agentKeys: readonly string[];
  readonly cases: readonly PlayedCase[];
  /** Scores of all evaluations, with the agent; for the spread. */
  readonly scores: readonly { readonly agentKey: string; readonly score: number }[];
  /** Per language and question, e.g. `en greeting`; empty with the oracle. */
  readonly agreement: ReadonlyMap<string, Agreement>;
  readonly calls: number;
}

const FORMS = loadForms();
const STEP_MS = 60_000;

/** How far a play is. */
export interface Progress {
  readonly calls: number;
  /** That each agent has had; the play is over when this is `callsPerAgent`. */
  readonly fewest: number;
}

export function play(options: PlayOptions, onStep: (progress: () => Progress) => void = () => undefined): Played {
  const { config, phrases, seed } = options;
  const centre = createCentre({ seed, agents: options.agents, config, phrases });
  const told = createTruths(centre);
  const driver = createDriver({ centre, onCall: told.add });
  const out = observer(centre, told, options.answers === 'oracle');
  const loop = createLoop({
    services: [
      callIngest(),
      qaScoring({ forms: FORMS }),
      trainingAssignment(options.triggers ? { policy: options.triggers } : {}),
      evaluation(options.reviews ? { policy: options.reviews } : {}),
    ].map(({ definition }) => definition),
    on: (event, nowMs) => {
      if (event.type === 'training.assigned')
        driver.assigned(event.data as TrainingEventData<'training.assigned'>, nowMs);
      return out.hear(event);
    },
  });
  const progress = () => ({ calls: told.size(), fewest: told.fewest() });
  for (let timeMs = centre.startMs; told.fewest() < options.callsPerAgent; timeMs += STEP_MS) {
    for (const due of driver.until(timeMs)) loop.deliver(knockOf(due, centre.source), due.deliverMs);
    loop.passTo(timeMs);
    onStep(progress);
  }
  return out.played();
}

function knockOf(due: ScheduledEvent, source: string): Knock {
  if (due.kind === 'event') {
    const { id, type, time, data } = due.event;
    return { topic: 'call-intake', id, source: due.event.source, type, timeMs: Date.parse(time ?? ''), data };
  }
  const type = due.kind === 'start' ? 'training.start.reported' : 'training.completion.reported';
  const { assignmentId, report } = due;
  const data = { ...report, assignmentId };
  return { topic: 'training-intake', id: `${due.kind}-${report.sourceId}`, source, type, timeMs: due.deliverMs, data };
}

type Truths = ReturnType<typeof createTruths>;

/** What was true of each call, by our id, and the how-manyth of its agent it was. */
function createTruths({ source, agents }: Centre) {
  const calls = new Map<string, CallTruth & { readonly ordinal: number }>();
  const counts = new Map(agents.map(({ key }) => [key, 0]));
  return {
    add: (truth: CallTruth) => {
      // An abandoned call reached nobody.
      if (truth.agentKey === null) return;
      const ordinal = (counts.get(truth.agentKey) ?? 0) + 1;
      counts.set(truth.agentKey, ordinal);
      calls.set(callIdOf(source, truth.callId), { ...truth, ordinal });
    },
    of: (callId: string) => calls.get(callId),
    fewest: () => Math.min(...counts.values()),
    size: () => calls.size,
  };
}

const isCompetency = (levels: Levels, word: string): word is Competency => Object.hasOwn(levels, word);

function observer(centre: Centre, truths: Truths, oracle: boolean) {
  const weak = centre.agents.flatMap(({ key, weak }) => weak.map((competency) => ({ agentKey: key, competency })));
  const cases = new Map<string, PlayedCase>();
  const scores: { agentKey: string; score: number }[] = [];
  const agreement = new Map<string, Agreement>();
  const keyOf = (agentId: string) => centre.keyOf(agentId) ?? '';
  const levelOf = (agentKey: string, competency: string) => {
    const levels = centre.levelsOf(agentKey);
    return isCompetency(levels, competency) ? levels[competency] : 0;
  };
  const lastTraining = (agentKey: string, competency: string) =>
    centre.trainings.findLast((each) => each.agentKey === agentKey && each.competency === competency);

  function opened(data: TrainingEventData<'training.case.opened'>): void {
    const agentKey = keyOf(data.agentId);
    const { competency, trigger } = data;
    const isWeak = weak.some((each) => each.agentKey === agentKey && each.competency === competency);
    const last = lastTraining(agentKey, competency);
    cases.set(data.caseId, {
      agentKey,
      competency,
      rule: trigger.rule,
      calls: Math.max(...trigger.calls.map(({ callId }) => truths.of(callId)?.ordinal ?? 0)),
      levelBefore: levelOf(agentKey, competency),
      rightly: isWeak && (last === undefined || last.after === last.before),
      reviews: [],
      ended: null,
    });
  }

  function evaluated(evaluation: EvaluationResult): EvaluationResult {
    const truth = truths.of(evaluation.callId);
    const form = FORMS.find(
      (each) => each.form.id === evaluation.form.id && each.form.version === evaluation.form.version,
    );
    if (!truth || !form) return evaluation;
    const used = oracle ? withTrueAnswers(form, evaluation, truth.shown) : evaluation;
    if (used.score !== null && used.revision === 1) scores.push({ agentKey: truth.agentKey ?? '', score: used.score });
    if (!oracle) count(agreement, evaluation, truth);
    return used;
  }

  return {
    hear: (event: CloudEvent): unknown => {
      switch (event.type) {
        case 'qa.evaluation.completed':
        case 'qa.evaluation.revised':
          return evaluated(event.data as EvaluationResult);
        case 'training.case.opened':
          opened(event.data as TrainingEventData<'training.case.opened'>);
          return event.data;
        case 'evaluation.completed': {
          const { caseId, outcome } = event.data as { caseId: string; outcome: string };
          const found = cases.get(caseId);
          found?.reviews.push({ outcome, level: levelOf(found.agentKey, found.competency) });
          return event.data;
        }
        case 'training.case.closed': {
          const { caseId, outcome } = event.data as TrainingEventData<'training.case.closed'>;
          const found = cases.get(caseId);
          if (found) found.ended = { outcome, level: levelOf(found.agentKey, found.competency) };
          return event.data;
        }
        default:
          return event.data;
      }
    },
    played: (): Played => ({
      weak,
      agentKeys: centre.agents.map(({ key }) => key),
      cases: [...cases.values()],
      scores,
      agreement,
      calls: truths.size(),
    }),
  };
}

function count(agreement: Map<string, Agreement>, { answers, form }: EvaluationResult, truth: CallTruth): void {
  for (const { questionId, value } of answers) {
    const known = trueAnswer(questionId, truth.shown);
    if (known === null) continue;
    const name = `${form.id.slice(0, 2)} ${questionId}`;
    const counted = agreement.get(name) ?? { yesYes: 0, yesNo: 0, noYes: 0, noNo: 0, na: 0 };
    agreement.set(name, counted);
    if (value === 'na') counted.na++;
    else if (known) counted[value === 'yes' ? 'yesYes' : 'yesNo']++;
    else counted[value === 'yes' ? 'noYes' : 'noNo']++;
  }
}
