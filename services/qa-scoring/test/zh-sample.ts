/** Turns a file of the Chinese samples into a call record, as call-ingest would. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentIdOf, type CallRecord, callIdOf } from '@coachloop/contracts';

interface ZhFile {
  readonly id: string;
  readonly language: string;
  readonly channel: 'voice' | 'chat';
  readonly direction: 'inbound' | 'outbound';
  readonly queue: string;
  readonly agent: string;
  readonly startedAt: string;
  readonly ringSeconds: number | null;
  readonly segments: readonly { speaker: 'agent' | 'customer' | null; start: number; end: number; text: string }[];
  readonly events: readonly { type: string; at: number }[];
  readonly truth: Readonly<Record<string, unknown>>;
}

export const readZh = (folder: string): readonly ZhFile[] =>
  readdirSync(join(folder, 'zh'))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name): ZhFile => JSON.parse(readFileSync(join(folder, 'zh', name), 'utf8')));

const ms = (seconds: number) => Math.round(seconds * 1_000);

export function zhCall(file: ZhFile): CallRecord {
  const holds = file.events.filter((event) => event.type === 'hold');
  const unholds = file.events.filter((event) => event.type === 'unhold');
  const end = Math.max(...file.segments.map((segment) => segment.end));
  const startedAt = new Date(file.startedAt);
  return {
    callId: callIdOf('test', file.id),
    revision: 1,
    source: 'test',
    sourceCallId: file.id,
    agentId: agentIdOf('test', file.agent),
    agentKey: file.agent,
    queue: file.queue,
    channel: file.channel,
    direction: file.direction,
    language: file.language,
    startedAt: startedAt.toISOString(),
    endedAt: new Date(startedAt.getTime() + ms(end)).toISOString(),
    ...(file.ringSeconds === null ? {} : { ringSeconds: file.ringSeconds }),
    holds: holds.map((hold, n) => {
      const unhold = unholds[n];
      return { startMs: ms(hold.at), ...(unhold ? { endMs: ms(unhold.at) } : {}) };
    }),
    transfers: 0,
    abandoned: false,
    transcript: {
      language: file.language,
      timing: file.channel === 'chat' ? 'sent' : 'measured',
      segments: file.segments.map((segment, index) => ({
        index,
        speaker: segment.speaker ?? 'unknown',
        text: segment.text,
        startMs: ms(segment.start),
        endMs: ms(segment.end),
      })),
    },
    missing: [],
    openCases: false,
  };
}

/** Our question → the truth's criterion, and whether its yes is our yes. */
const CRITERIA: Readonly<Record<string, readonly [criterion: string, sameSense: boolean]>> = {
  greeting: ['greeting', true],
  closing: ['closing', true],
  'answered-in-3-rings': ['answeredWithin3Rings', true],
  courtesy: ['polite', true],
  'no-dispute': ['noDispute', true],
  'standard-language': ['noDialectOrFiller', true],
  'identity-checked': ['identityVerified', true],
  'need-confirmed': ['needConfirmed', true],
  'solved-or-promised': ['solvedOrPromised', true],
  'complaint-empathy': ['complaintSteps.empathise', true],
  'complaint-verified': ['complaintSteps.verify', true],
  'complaint-follow-up': ['complaintSteps.followUp', true],
  'hold-announced': ['holdAnnounced', true],
  'no-long-silence': ['longSilence', false],
  'no-talk-over': ['talkOver', false],
  'speech-rate': ['speechRateOk', true],
  empathy: ['empathyAfterNegative', true],
  'satisfaction-asked': ['satisfactionAsked', true],
  'no-forbidden-phrase': ['forbiddenPhrase', false],
};

/** What the answer to one of our questions should be; undefined: the truth does not say. */
export function expected(file: ZhFile, questionId: string): string | undefined {
  const entry = CRITERIA[questionId];
  if (!entry) return undefined;
  const [path, same] = entry;
  let node: unknown = file.truth;
  for (const key of path.split('.')) {
    if (node === 'na') return 'na';
    node = typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined;
  }
  const value = typeof node === 'object' && node !== null ? (node as { value?: unknown }).value : undefined;
  if (typeof value !== 'string') return undefined;
  return same || value === 'na' ? value : value === 'yes' ? 'no' : 'yes';
}
