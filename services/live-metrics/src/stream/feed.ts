/** A public event → one line of the feed: who, which call or case, how it came out. Never what was said. */
import { type CloudEvent, type FeedItem, TOPIC_OF_TYPE } from '@coachloop/contracts';

/** Too many to be read by people, or about words. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'transcript.segment',
  'transcript.completed',
  'agent.state.changed',
  'training.trigger.evaluated',
]);

export const isShown = (type: string): boolean => TOPIC_OF_TYPE[type] !== undefined && !LEFT_OUT.has(type);

const TEXTS = ['agentId', 'agentName', 'callId', 'caseId', 'competency', 'outcome', 'queue'] as const;

export function feedItemOf({ id, type, time, data }: CloudEvent): FeedItem {
  const fields = (typeof data === 'object' && data !== null ? data : {}) as Readonly<Record<string, unknown>>;
  const texts = TEXTS.flatMap((name) => (typeof fields[name] === 'string' ? [[name, fields[name]] as const] : []));
  return {
    id,
    type,
    at: new Date(time).toISOString(),
    ...Object.fromEntries(texts),
    ...stageOf(fields),
    ...(typeof fields.score === 'number' || fields.score === null ? { score: fields.score } : {}),
    ...(typeof fields.passed === 'boolean' || fields.passed === null ? { passed: fields.passed } : {}),
  };
}

/** Of a call it is in `stage.to`, of a case in `to`. */
function stageOf({ stage, to, caseId }: Readonly<Record<string, unknown>>): { stage?: string } {
  const moved = typeof stage === 'object' && stage !== null ? (stage as { to?: unknown }).to : undefined;
  if (typeof moved === 'string') return { stage: moved };
  return typeof to === 'string' && caseId !== undefined ? { stage: to } : {};
}
