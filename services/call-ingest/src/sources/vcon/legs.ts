/**
 * The calls in a vCon. All text messages together are one chat; every recording, and every text dialog whose words are in
 * an analysis only, is a call of its own, so that each agent is scored for what that agent said. A transfer is counted on
 * the call it left. The first call takes the vCon's uuid as its id, so that a vCon that grows keeps the ids of its calls.
 */
import type { CallIntakeData, Transcript } from '@coachloop/contracts';
import { type Fields, fields, list, number, pointerOf, text } from '../json.ts';
import type { Note } from '../source.ts';
import { type Party, partyIndices, readParties } from './parties.ts';
import { readTime } from './time.ts';
import { bodyOf, type Read, type Turn, transcriptOf, transcriptsOf } from './transcript.ts';

type Shared = Pick<
  CallIntakeData,
  'agentId' | 'agentName' | 'channel' | 'direction' | 'queue' | 'customerId' | 'startedAt'
>;

export interface Leg {
  /** Index of its (first) dialog. */
  readonly dialog: number;
  readonly shared: Shared;
  /** Ms; `answeredAt` absent where the source cannot tell how long it lasted: a figure would be invented. */
  readonly answeredAt?: number;
  readonly endedAt: number;
  readonly abandoned: boolean;
  readonly transfers: readonly number[];
  readonly transcript: Transcript | undefined;
}

export interface Legs {
  readonly legs: readonly Leg[];
  readonly rejected: readonly Note[];
  readonly warnings: readonly Note[];
}

interface Dialog {
  readonly index: number;
  readonly fields: Fields;
  readonly kind: 'message' | 'recording' | 'incomplete' | 'transfer';
  readonly at: number;
}

const note = (code: string, path: readonly (string | number)[], reason: string): Note => ({
  code,
  path: pointerOf(path),
  reason,
});

/**
 * How much a vCon may ask of us. What is in it once may be named many times (a transcript by each dialog, a recording by each
 * transfer): without bounds a few kilobytes would make gigabytes of events.
 */
export const LEG_BOUNDS = { calls_max: 200, sharing_max: 10, transfers_max: 1_000 } as const;

const refused = (rejected: Note): Legs => ({ legs: [], rejected: [rejected], warnings: [] });

/** Dialogs and parties are bounded by the caller. */
export function legsOf(vcon: Fields): Legs {
  const transcripts = transcriptsOf(vcon);
  const parties = readParties(vcon);
  const rejected: Note[] = [];
  const warnings: Note[] = [];
  const dialogs = list(vcon.dialog).flatMap((entry, index) =>
    readDialog(vcon, fields(entry), index, transcripts, rejected, warnings),
  );
  const messages = dialogs.filter(({ kind }) => kind === 'message');
  const recordings = dialogs.filter(({ kind }) => kind === 'recording');
  const calls = recordings.length + dialogs.filter(({ kind }) => kind === 'incomplete').length;
  const fault = calls > LEG_BOUNDS.calls_max ? tooManyCalls(calls) : sharedTooOften(recordings, transcripts);
  if (fault) return refused(fault);
  const transfers = transfersOf(dialogs, recordings);
  if ('code' in transfers) return refused(transfers);
  const legs = dialogs.flatMap((dialog) => {
    if (dialog.kind === 'recording')
      return [recordedLeg(dialog, transcripts.get(dialog.index), parties, transfers.get(dialog.index) ?? [])];
    if (dialog.kind === 'incomplete') return incompleteLeg(dialog, parties, rejected);
    return dialog === messages[0] ? [chatLeg(messages, parties)] : [];
  });
  return { legs, rejected, warnings };
}

function readDialog(
  vcon: Fields,
  dialog: Fields,
  index: number,
  transcripts: ReadonlyMap<number, Read>,
  rejected: Note[],
  warnings: Note[],
): readonly Dialog[] {
  const kind = kindOf(dialog, index, transcripts);
  if (typeof kind !== 'string') {
    rejected.push(kind);
    return [];
  }
  const start = readTime(dialog.start) ?? readTime(vcon.created_at);
  if (!start) {
    rejected.push(
      note('VCON_NO_TIME', ['dialog', index, 'start'], 'Neither the dialog nor the vCon has a readable time.'),
    );
    return [];
  }
  if (start.assumedUtc)
    warnings.push(
      note('VCON_TIME_WITHOUT_OFFSET', ['dialog', index, 'start'], 'The time has no offset; UTC was assumed.'),
    );
  return [{ index, fields: dialog, kind, at: start.ms }];
}

function kindOf(dialog: Fields, index: number, transcripts: ReadonlyMap<number, Read>): Dialog['kind'] | Note {
  const media = text(dialog.mediatype) ?? text(dialog.mimetype) ?? '';
  const type = text(dialog.type)?.toLowerCase() ?? (/^(audio|video)\//i.test(media) ? 'recording' : 'text');
  if (type === 'recording' || type === 'incomplete' || type === 'transfer') return type;
  if (type !== 'text')
    return note(
      'VCON_DIALOG_TYPE_UNKNOWN',
      ['dialog', index, 'type'],
      `Type ${JSON.stringify(type.slice(0, 40))} is none of recording, text, transfer, incomplete.`,
    );
  if (text(messageOf(dialog)) !== undefined) return 'message';
  if (transcripts.has(index)) return 'recording';
  const elsewhere = text(dialog.url) !== undefined;
  return note(
    elsewhere ? 'VCON_CONTENT_ELSEWHERE' : 'VCON_DIALOG_EMPTY',
    ['dialog', index, elsewhere ? 'url' : 'body'],
    elsewhere
      ? 'The text is at a URL, which is not fetched; put it inline.'
      : 'There are neither words nor a transcript of them.',
  );
}

/** Text of a message; the body may be text in quotes of JSON. */
function messageOf(dialog: Fields): unknown {
  const body = bodyOf(dialog);
  return typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
}

function people(parties: readonly Party[], indices: readonly number[], agent: Party | undefined): Shared {
  const present = indices.length > 0 ? indices.flatMap((index) => parties[index] ?? []) : parties;
  const serving =
    agent ?? present.find((party) => party.speaker === 'agent') ?? parties.find((party) => party.speaker === 'agent');
  const customer =
    present.find((party) => party.speaker === 'customer') ?? parties.find((party) => party.speaker === 'customer');
  return {
    ...(serving?.id === undefined ? {} : { agentId: serving.id }),
    ...(serving?.id === undefined || serving.name === undefined ? {} : { agentName: serving.name }),
    ...(customer?.address === undefined ? {} : { customerId: customer.address }),
  };
}

function circumstances(dialog: Fields, parties: readonly Party[]): Shared {
  const meta = fields(dialog.meta);
  const word = text(dialog.direction) ?? text(meta.direction) ?? '';
  const by = parties[partyIndices(dialog.originator, parties.length)[0] ?? -1]?.speaker;
  const direction = /^in/i.test(word)
    ? 'inbound'
    : /^out/i.test(word)
      ? 'outbound'
      : by === 'agent'
        ? 'outbound'
        : by === 'customer'
          ? 'inbound'
          : undefined;
  const queue = text(dialog.skill) ?? text(meta.skill) ?? text(meta.queue);
  return { ...(direction === undefined ? {} : { direction }), ...(queue === undefined ? {} : { queue }) };
}

function recordedLeg(
  dialog: Dialog,
  read: Read | undefined,
  parties: readonly Party[],
  transfers: readonly number[],
): Leg {
  const transcript = read && transcriptOf(read, parties, 'measured');
  const spokenMs = Math.max(0, ...(transcript?.segments ?? []).map(({ endMs }) => endMs ?? 0));
  const lastedMs = Math.min(Math.max(Math.round((number(dialog.fields.duration) ?? 0) * 1000), spokenMs), 604_800_000);
  return {
    dialog: dialog.index,
    shared: {
      ...people(parties, partyIndices(dialog.fields.parties, parties.length), undefined),
      channel: 'voice',
      ...circumstances(dialog.fields, parties),
    },
    ...(lastedMs > 0 ? { answeredAt: dialog.at } : {}),
    endedAt: dialog.at + lastedMs,
    abandoned: false,
    transfers,
    transcript,
  };
}

/** A caller who hung up, or was not answered, is an abandoned call; a busy line or a failed set-up was no conversation. */
function incompleteLeg(dialog: Dialog, parties: readonly Party[], rejected: Note[]): readonly Leg[] {
  const disposition = text(dialog.fields.disposition)?.toLowerCase() ?? '';
  if (disposition !== 'hung-up' && disposition !== 'no-answer') {
    rejected.push(
      note(
        'VCON_NO_CONVERSATION',
        ['dialog', dialog.index, 'disposition'],
        `An incomplete dialog (${JSON.stringify(disposition.slice(0, 40))}) is no call that could be scored.`,
      ),
    );
    return [];
  }
  const lastedMs = Math.min(Math.max(0, Math.round((number(dialog.fields.duration) ?? 0) * 1000)), 604_800_000);
  const { customerId } = people(parties, partyIndices(dialog.fields.parties, parties.length), undefined);
  const shared: Shared = {
    ...(customerId === undefined ? {} : { customerId }),
    channel: 'voice',
    ...circumstances(dialog.fields, parties),
  };
  return [
    {
      dialog: dialog.index,
      shared,
      endedAt: dialog.at + lastedMs,
      abandoned: true,
      transfers: [],
      transcript: undefined,
    },
  ];
}

/** Messages in the order of sending. Answered: the agent's first message; a wait is known only when the customer wrote first. */
function chatLeg(messages: readonly Dialog[], parties: readonly Party[]): Leg {
  const sent = messages
    .toSorted((a, b) => a.at - b.at || a.index - b.index)
    .map((dialog) => {
      const writer = partyIndices(dialog.fields.originator ?? dialog.fields.parties, parties.length)[0];
      return { dialog, writer, party: writer === undefined ? undefined : parties[writer] };
    });
  const startMs = sent[0]?.dialog.at ?? 0;
  const turns = sent.map(({ dialog, writer, party }): Turn => {
    const atMs = dialog.at - startMs;
    const label =
      party && party.speaker !== 'unknown' ? party.speaker : writer === undefined ? undefined : `party ${writer}`;
    return { text: text(messageOf(dialog.fields)) ?? '', label, startMs: atMs, endMs: atMs };
  });
  const first = sent.find(({ party }) => party?.speaker === 'agent');
  const last = sent.findLast(({ party }) => party?.speaker === 'agent');
  const waited = first !== undefined && first !== sent[0];
  return {
    dialog: messages[0]?.index ?? 0,
    shared: {
      ...people(parties, [...new Set(sent.flatMap(({ writer }) => writer ?? []))], last?.party),
      channel: 'chat',
      ...circumstances({ meta: messages[0]?.fields.meta, direction: messages[0]?.fields.direction }, parties),
      ...(waited ? { startedAt: new Date(startMs).toISOString() } : {}),
    },
    ...(first ? { answeredAt: first.dialog.at } : {}),
    endedAt: sent.at(-1)?.dialog.at ?? startMs,
    abandoned: false,
    transfers: [],
    transcript: transcriptOf({ turns, language: undefined }, parties, 'sent'),
  };
}

const tooManyCalls = (calls: number): Note =>
  note('VCON_TOO_MANY_CALLS', ['dialog'], `One vCon may hold ${LEG_BOUNDS.calls_max} calls; it has ${calls}.`);

function sharedTooOften(recordings: readonly Dialog[], transcripts: ReadonlyMap<number, Read>): Note | undefined {
  const uses = new Map<Read, number>();
  for (const { index } of recordings) {
    const read = transcripts.get(index);
    if (read) uses.set(read, (uses.get(read) ?? 0) + 1);
  }
  const most = Math.max(0, ...uses.values());
  return most <= LEG_BOUNDS.sharing_max
    ? undefined
    : note(
        'VCON_TRANSCRIPT_SHARED',
        ['analysis'],
        `One transcript may be that of ${LEG_BOUNDS.sharing_max} recordings; one is that of ${most}.`,
      );
}

const tooManyTransfers = (): Note =>
  note(
    'VCON_TOO_MANY_PARTS',
    ['dialog'],
    `The calls of one vCon may be transferred ${LEG_BOUNDS.transfers_max} times.`,
  );

/** Index of a recording → when it was transferred. A transfer that does not say which left the first one. */
function transfersOf(
  dialogs: readonly Dialog[],
  recordings: readonly Dialog[],
): ReadonlyMap<number, readonly number[]> | Note {
  const found = new Map<number, number[]>(recordings.map(({ index }) => [index, []]));
  let count = 0;
  for (const { kind, at, fields: transfer } of dialogs) {
    if (kind !== 'transfer') continue;
    const left = transfer.original === undefined ? [recordings[0]?.index] : new Set([transfer.original].flat());
    for (const index of left) {
      const times = typeof index === 'number' ? found.get(index) : undefined;
      if (times === undefined) continue;
      times.push(at);
      count += 1;
      if (count > LEG_BOUNDS.transfers_max) return tooManyTransfers();
    }
  }
  return found;
}
