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
import { bodyOf, type Turn, transcriptOf, transcriptsOf } from './transcript.ts';

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

export function legsOf(vcon: Fields): Legs {
  const parties = readParties(vcon);
  const rejected: Note[] = [];
  const warnings: Note[] = [];
  const dialogs = list(vcon.dialog).flatMap((entry, index) =>
    readDialog(vcon, fields(entry), index, rejected, warnings),
  );
  const messages = dialogs.filter(({ kind }) => kind === 'message');
  const transfers = dialogs.filter(({ kind }) => kind === 'transfer');
  const legs = dialogs.flatMap((dialog) => {
    if (dialog.kind === 'recording')
      return [recordedLeg(vcon, dialog, parties, transfersFrom(dialog, transfers, dialogs))];
    if (dialog.kind === 'incomplete') return incompleteLeg(dialog, parties, rejected);
    return dialog === messages[0] ? [chatLeg(messages, parties)] : [];
  });
  return { legs, rejected, warnings };
}

function readDialog(
  vcon: Fields,
  dialog: Fields,
  index: number,
  rejected: Note[],
  warnings: Note[],
): readonly Dialog[] {
  const kind = kindOf(vcon, dialog, index);
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

function kindOf(vcon: Fields, dialog: Fields, index: number): Dialog['kind'] | Note {
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
  if (transcriptsOf(vcon, index).length > 0) return 'recording';
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

function recordedLeg(vcon: Fields, dialog: Dialog, parties: readonly Party[], transfers: readonly number[]): Leg {
  const read = transcriptsOf(vcon, dialog.index)[0];
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

function transfersFrom(dialog: Dialog, transfers: readonly Dialog[], all: readonly Dialog[]): readonly number[] {
  const recordings = all.filter(({ kind }) => kind === 'recording');
  return transfers
    .filter(
      ({ fields: { original } }) =>
        list([original].flat()).includes(dialog.index) || (original === undefined && recordings[0] === dialog),
    )
    .map(({ at }) => at);
}
