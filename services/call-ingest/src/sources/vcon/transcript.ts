/** The transcript of a recorded dialog: whatever form its `analysis` has → segments. */
import { BOUNDS, decodeJson, EVENT_BOUNDS, type Segment, type Transcript, valueFaultOf } from '@coachloop/contracts';
import { type Fields, fields, isFields, list, number, text } from '../json.ts';
import { type Party, type Speaker, speakerOfWord } from './parties.ts';
import { inferAlternating, inferByLabel } from './speakers.ts';

export interface Turn {
  readonly text: string;
  /** Any word or number by which the source tells speakers apart. */
  readonly label: string | undefined;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
}
export interface Read {
  readonly turns: readonly Turn[];
  readonly language: string | undefined;
}

const KINDS = /transcript|diari[sz]ed|diari[sz]ation/i;
const LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/;

/**
 * Index of a dialog → its transcript: timings are best, then labels; among equals the first that the vCon lists. Each analysis is
 * decoded once, whatever the number of dialogs: the body is a stranger's.
 */
export function transcriptsOf(vcon: Fields): ReadonlyMap<number, Read> {
  const count = list(vcon.dialog).length;
  const best = new Map<number, { readonly read: Read; readonly worth: number }>();
  for (const analysis of list(vcon.analysis).map(fields)) {
    if (!KINDS.test(text(analysis.type) ?? '')) continue;
    const named = analysis.dialog === undefined ? (count === 1 ? [0] : []) : [analysis.dialog].flat();
    const dialogs = named.filter((index): index is number => Number.isInteger(index) && Number(index) < count);
    if (dialogs.length === 0) continue;
    const read = readTranscript(bodyOf(analysis));
    if (read.turns.length === 0) continue;
    const worth = worthOf(read);
    for (const dialog of dialogs)
      if (worth > (best.get(dialog)?.worth ?? Number.NEGATIVE_INFINITY)) best.set(dialog, { read, worth });
  }
  return new Map([...best].map(([dialog, { read }]) => [dialog, read]));
}

const worthOf = ({ turns }: Read): number =>
  (turns.every((turn) => turn.startMs !== undefined) ? 2 : 0) +
  (turns.some((turn) => turn.label !== undefined) ? 1 : 0);

/** Body of an analysis or a dialog by its `encoding`; JSON inside a string is opened. Undefined: by reference, or unreadable. */
export function bodyOf(holder: Fields): unknown {
  const { body } = holder;
  if (typeof body !== 'string') return body;
  const plain = /^base64(url)?$/i.test(text(holder.encoding) ?? '')
    ? Buffer.from(body, 'base64url').toString('utf8')
    : body;
  if (!/^\s*[[{]/.test(plain)) return plain;
  const decoded = decodeJson(plain, EVENT_BOUNDS.depth_max);
  // Half characters may hide in the escapes of the inner JSON; as plain text they are harmless.
  return 'fault' in decoded || valueFaultOf(decoded.value, '', EVENT_BOUNDS.depth_max) ? plain : decoded.value;
}

export function readTranscript(body: unknown): Read {
  if (typeof body === 'string') return { turns: turnsOfText(body), language: undefined };
  if (Array.isArray(body)) return { turns: turnsOfList(body), language: undefined };
  if (!isFields(body)) return { turns: [], language: undefined };
  const inner = fields(body.transcript);
  const alternative = fields(list(fields(list(fields(body.results).channels)[0]).alternatives)[0]);
  const named = [body.detected_language, body.language, body.language_code, inner.language].map(text).find(Boolean);
  const language = named !== undefined && LANGUAGE.test(named) ? named : undefined;
  const lists = [body.segments, body.utterances, body.turns, fields(body.results).utterances, body.transcript].map(
    list,
  );
  const words = list(alternative.words);
  const turns =
    lists.map(turnsOfList).find((found) => found.length > 0) ??
    (words.length > 0
      ? turnsOfWords(words)
      : turnsOfText(
          text(body.transcript) ?? text(body.text) ?? text(inner.text) ?? text(alternative.transcript) ?? '',
        ));
  return { turns, language };
}

/** Blank lines part turns; so do single lines when each names its speaker. */
function turnsOfText(whole: string): readonly Turn[] {
  const lines = whole
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
  const labelled = lines.map((line) =>
    /^([\p{L}][\p{L}\p{N} ._-]{0,40}?|speaker[ _-]?\w{1,3}) ?[:：]\s*(\S.*)$/iu.exec(line),
  );
  if (lines.length > 1 && labelled.every(Boolean)) return labelled.map((match) => turn(match?.[2] ?? '', match?.[1]));
  return whole
    .split(/\r?\n\s*\r?\n/)
    .map((part) => part.trim().replace(/\s+/g, ' '))
    .filter(Boolean)
    .map((part) => turn(part, undefined));
}

const turn = (said: string, label: string | undefined): Turn => ({
  text: said,
  label,
  startMs: undefined,
  endMs: undefined,
});

const ms = (seconds: unknown, millis: unknown): number | undefined => {
  const value = number(millis) ?? (number(seconds) === undefined ? undefined : Number(number(seconds)) * 1000);
  return value !== undefined && value >= 0 && value <= 604_800_000 ? Math.round(value) : undefined;
};

function turnsOfList(entries: readonly unknown[]): readonly Turn[] {
  return entries.map(fields).flatMap((entry) => {
    const said = [entry.text, entry.transcript, entry.message, entry.body].map(text).find(Boolean);
    if (said === undefined) return [];
    const who = [entry.speaker, entry.speaker_id, entry.participant, entry.role, entry.party, entry.channel].find(
      (label) => text(label) !== undefined || typeof label === 'number',
    );
    const startMs = ms(entry.start ?? entry.start_time ?? entry.startTime, entry.start_ms ?? entry.startMs);
    const endMs = ms(entry.end ?? entry.end_time ?? entry.endTime, entry.end_ms ?? entry.endMs);
    return [{ text: said, label: who === undefined ? undefined : String(who).trim(), startMs, endMs }];
  });
}

/** A pause of this length ends a turn where no speaker changes. */
const PAUSE_MS = 1_000;

/** Words with times and speakers (Deepgram and alike) → turns. */
function turnsOfWords(words: readonly unknown[]): readonly Turn[] {
  const turns: {
    words: string[];
    label: string | undefined;
    startMs: number | undefined;
    endMs: number | undefined;
  }[] = [];
  for (const entry of words.map(fields)) {
    const said = text(entry.punctuated_word) ?? text(entry.word) ?? text(entry.text);
    if (said === undefined) continue;
    const label = entry.speaker === undefined ? undefined : String(entry.speaker);
    const startMs = ms(entry.start, undefined);
    const endMs = ms(entry.end, undefined);
    const last = turns.at(-1);
    const pause = last?.endMs !== undefined && startMs !== undefined && startMs - last.endMs > PAUSE_MS;
    if (last && last.label === label && !pause) {
      last.words.push(said);
      last.endMs = endMs ?? last.endMs;
    } else turns.push({ words: [said], label, startMs, endMs });
  }
  return turns.map(({ words: said, ...rest }) => ({ text: said.join(' '), ...rest }));
}

/** Turns → a transcript of ours: speakers stated, else inferred, else unknown. */
export function transcriptOf(
  { turns, language }: Read,
  parties: readonly Party[],
  timing: 'measured' | 'sent',
): Transcript {
  const byName = speakersByName(parties);
  const stated = turns.map((each) => speakerOfLabel(each.label, byName));
  const known = stated.some((speaker) => speaker !== 'unknown');
  const labelled = turns.some((each) => each.label !== undefined);
  const inferred = known ? null : labelled ? inferByLabel(turns) : inferAlternating(turns.map((each) => each.text));
  const timed = turns.every((each) => each.startMs !== undefined);
  const segments = turns.flatMap((each, index) => segmentsOf(each, (inferred ?? stated)[index] ?? 'unknown', timed));
  return {
    ...(language === undefined ? {} : { language }),
    timing: timed ? timing : 'none',
    speakers: known ? 'stated' : inferred ? 'inferred' : 'unknown',
    segments: segments.map((segment, index) => ({ ...segment, index })),
  };
}

/** Of two parties with one name the first. */
const speakersByName = (parties: readonly Party[]): ReadonlyMap<string, Speaker> =>
  new Map(
    parties
      .flatMap(({ name, speaker }): [string, Speaker][] => (name === undefined ? [] : [[name.toLowerCase(), speaker]]))
      .reverse(),
  );

function speakerOfLabel(label: string | undefined, byName: ReadonlyMap<string, Speaker>): Speaker {
  if (label === undefined) return 'unknown';
  const byRole = speakerOfWord(label);
  return byRole === 'unknown' ? (byName.get(label.toLowerCase()) ?? 'unknown') : byRole;
}

/** A text over the bound is cut at a space, or between two characters: long turns are kept whole, in pieces. */
function segmentsOf(each: Turn, speaker: Speaker, timed: boolean): readonly Segment[] {
  const pieces =
    each.text.match(
      new RegExp(`[^]{1,${BOUNDS.text_chars_max / 2}}(?=\\s|$)|[^]{1,${BOUNDS.text_chars_max / 2}}`, 'gu'),
    ) ?? [];
  const times =
    timed && each.startMs !== undefined
      ? {
          startMs: each.startMs,
          ...(each.endMs !== undefined && each.endMs >= each.startMs ? { endMs: each.endMs } : {}),
        }
      : {};
  return pieces.map((piece) => ({ index: 0, speaker, text: piece.trim(), ...times }));
}
