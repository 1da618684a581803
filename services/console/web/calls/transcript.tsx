/** What was said. Places that an answer rests on are marked; a click on one shows the questions that rest on it. */
import type { Answer, CallRecord, Segment } from '@coachloop/contracts';
import { UnstyledButton } from '@mantine/core';
import { useEffect, useMemo, useRef } from 'react';
import { useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import { Empty } from '../parts/states.tsx';
import { useVisible } from '../parts/virtual.ts';
import classes from './call.module.css';
import { restsOn } from './questions.tsx';
import { marked } from './quotes.ts';

interface TranscriptProps {
  readonly transcript: CallRecord['transcript'];
  readonly answers: readonly Answer[];
  readonly chosen: string | null;
  readonly segment: number | null;
  onSegment(index: number | null): void;
}

const ROW_PX = 54;

export function Transcript({ transcript, answers, chosen, segment, onSegment }: TranscriptProps) {
  const { t } = useSpeech();
  const segments = transcript?.segments ?? [];
  const visible = useVisible(segments.length, ROW_PX);
  const chosenAnswer = answers.find(({ questionId }) => questionId === chosen);
  const chosenPlaces = useMemo(
    () => new Set(chosenAnswer?.evidence.flatMap((evidence) => evidence.segment ?? [])),
    [chosenAnswer],
  );
  useScrollToFirst(chosen, segment, chosenPlaces, segments, visible.scrollTo);
  if (!transcript) return <Section title={t.call.transcript}>{<Empty>{t.call.noTranscript}</Empty>}</Section>;
  const note =
    transcript.speakers === 'inferred'
      ? t.call.inferred
      : transcript.speakers === 'unknown'
        ? t.call.unknownSpeakers
        : undefined;
  return (
    <Section title={t.call.transcript} hint={note}>
      <ol
        ref={visible.anchor}
        className={classes.segments}
        style={{ paddingTop: visible.before, paddingBottom: visible.after }}
      >
        {visible.indexes.map((i) => {
          const one = segments[i];
          if (!one) return null;
          return (
            <li key={one.index} data-index={i} ref={visible.measure}>
              <SegmentRow
                segment={one}
                resting={answers.filter((answer) => restsOn(answer, one.index))}
                chosenAnswer={chosenPlaces.has(one.index) ? chosenAnswer : undefined}
                dimmed={chosen !== null && chosenPlaces.size > 0 && !chosenPlaces.has(one.index)}
                pressed={segment === one.index}
                onPress={() => onSegment(segment === one.index ? null : one.index)}
              />
            </li>
          );
        })}
      </ol>
    </Section>
  );
}

/** Goes to the first place of the proof when another question is chosen; not when data are merely loaded again. */
function useScrollToFirst(
  chosen: string | null,
  segment: number | null,
  places: ReadonlySet<number>,
  segments: readonly Segment[],
  scrollTo: (index: number) => void,
): void {
  const done = useRef<string | null>(null);
  useEffect(() => {
    const wanted = chosen ?? (segment === null ? null : `#${segment}`);
    if (wanted === done.current) return;
    const first = segments.findIndex(({ index }) => (chosen === null ? index === segment : places.has(index)));
    if (wanted !== null && first < 0) return;
    const byClickInTranscript = chosen === null && done.current !== null;
    done.current = wanted;
    if (wanted !== null && !byClickInTranscript && (chosen !== null || first > 0)) scrollTo(first);
  });
}

interface RowProps {
  readonly segment: Segment;
  readonly resting: readonly Answer[];
  readonly chosenAnswer: Answer | undefined;
  readonly dimmed: boolean;
  readonly pressed: boolean;
  onPress(): void;
}

function SegmentRow({ segment, resting, chosenAnswer, dimmed, pressed, onPress }: RowProps) {
  const { t, term, duration, whole } = useSpeech();
  const quotes = (chosenAnswer ? [chosenAnswer] : pressed ? resting : []).flatMap(({ evidence }) =>
    evidence.flatMap((one) => (one.segment === segment.index ? [one.text] : [])),
  );
  const words = marked(segment.text, quotes);
  const inside = (
    <>
      <span className={classes.segmentHead}>
        <span className={classes.speaker}>{term('speaker', segment.speaker)}</span>
        {segment.startMs === undefined ? null : <span>{duration(segment.startMs)}</span>}
        {resting.length > 0 ? (
          <span className={classes.resting} title={t.call.segmentOf(whole(resting.length))}>
            {resting.map(({ questionId, value }) => (
              <span key={questionId} data-value={value} aria-hidden="true">
                {value === 'yes' ? '✓' : '✕'}
              </span>
            ))}
            <span className="hidden-visually">{t.call.segmentOf(whole(resting.length))}</span>
          </span>
        ) : null}
      </span>
      <span className={classes.words}>
        {words.map(({ text, mark, at }) => (mark ? <mark key={at}>{text}</mark> : <span key={at}>{text}</span>))}
      </span>
    </>
  );
  const common = {
    className: classes.segment,
    'data-speaker': segment.speaker,
    'data-proof': chosenAnswer?.value,
    'data-dimmed': dimmed || undefined,
    'data-segment': segment.index,
  };
  if (resting.length === 0) return <div {...common}>{inside}</div>;
  return (
    <UnstyledButton {...common} aria-pressed={pressed} onClick={onPress}>
      {inside}
    </UnstyledButton>
  );
}
