/** What happened on this call, and where is the proof? Questions and transcript point at each other. */
import { useMemo } from 'react';
import { to, useParameter } from '../address.ts';
import { usePlatformNow } from '../data/clock.ts';
import { useCall, useEvaluationOfCall, useScorecard } from '../data/queries.ts';
import type { CallDetail, EvaluationDetail, Title } from '../data/types.ts';
import { useKeys } from '../frame/keys.tsx';
import { type Speech, useSpeech } from '../i18n/index.tsx';
import { Answer, Crumbs, Section } from '../parts/layout.tsx';
import { When } from '../parts/marks.tsx';
import { useAgentName, useQuestionName } from '../parts/names.tsx';
import { Await, Empty } from '../parts/states.tsx';
import { useTitle } from '../parts/title.ts';
import classes from './call.module.css';
import { Facts } from './facts.tsx';
import { Questions } from './questions.tsx';
import { Transcript } from './transcript.tsx';

export function Call({ id }: { id: string }) {
  return (
    <Await of={useCall(id)} lines={10}>
      {(call) => <CallOf call={call} />}
    </Await>
  );
}

function CallOf({ call }: { call: CallDetail }) {
  const speech = useSpeech();
  const { t } = speech;
  const now = usePlatformNow();
  const agentName = useAgentName()(call);
  useTitle(t.call.title(agentName));
  const evaluated = useEvaluationOfCall(call.callId);
  const detail = evaluated.data ?? null;
  const titles = useTitles(detail);
  const questionName = useQuestionName(titles);
  const [question, setQuestion] = useParameter('q');
  const [segmentText, setSegment] = useParameter('s');
  const segment = segmentText === null ? null : Number(segmentText);
  const answers = detail?.evaluation.answers ?? [];
  const step = (by: 1 | -1) => () => {
    const at = answers.findIndex(({ questionId }) => questionId === question);
    const next = answers[at < 0 ? (by > 0 ? 0 : answers.length - 1) : (at + by + answers.length) % answers.length];
    if (next) choose(next.questionId);
  };
  const choose = (questionId: string | null) => {
    setSegment(null);
    setQuestion(questionId);
  };
  useKeys({ j: step(1), k: step(-1), Escape: () => choose(null) });
  return (
    <article>
      <Crumbs
        steps={[
          { href: to.agents, label: t.agents.title },
          { href: to.agent(call.agentId), label: agentName },
        ]}
      />
      <Answer
        question={t.call.question}
        under={
          <span className={classes.under}>
            <When at={call.startedAt} nowMs={now()} />
            <Revisions detail={detail} />
          </span>
        }
      >
        {evaluated.isPending ? t.state.loading : sentence(detail, speech, questionName)}
      </Answer>
      <Facts call={call} />
      <div className={classes.columns}>
        <Section title={t.call.questions} className={classes.questions}>
          {detail ? (
            <Questions detail={detail} titles={titles} chosen={question} segment={segment} onChoose={choose} />
          ) : (
            <Empty>{t.call.notScored}</Empty>
          )}
        </Section>
        <Transcript
          transcript={call.transcript}
          answers={answers}
          chosen={question}
          segment={segment}
          onSegment={(index) => {
            setQuestion(null);
            setSegment(index === null ? null : String(index));
          }}
        />
      </div>
    </article>
  );
}

/** Titles as they stood in the very version that was used. */
function useTitles(detail: EvaluationDetail | null): ReadonlyMap<string, Title> {
  const { data } = useScorecard(detail?.evaluation.form);
  return useMemo(
    () => new Map(data?.sections.flatMap(({ questions }) => questions.map(({ id, title }) => [id, title] as const))),
    [data],
  );
}

function sentence(detail: EvaluationDetail | null, { t, score, whole }: Speech, name: (id: string) => string): string {
  if (!detail) return t.call.notScored;
  const { evaluation } = detail;
  if (evaluation.score === null) return t.call.notAnswerable;
  const answered = evaluation.answers.filter(({ value }) => value !== 'na');
  const missed = answered.filter(({ value }) => value === 'no').length;
  const first = `${t.call.scoreLine(score(evaluation.score), score(evaluation.passMark))}${t.mark.colon}${evaluation.passed ? t.call.passed : t.call.failed}`;
  const failedBy = evaluation.autoFailedBy[0];
  if (failedBy !== undefined) return `${first}${t.mark.comma}${t.call.autoFailed(name(failedBy))}${t.mark.end}`;
  const second =
    missed === 0 ? t.call.allMet(whole(answered.length)) : t.call.missedCount(whole(missed), whole(answered.length));
  return `${first}${t.mark.stop}${second}`;
}

function Revisions({ detail }: { detail: EvaluationDetail | null }) {
  const { t, whole, score } = useSpeech();
  if (!detail || detail.superseded.length === 0) return null;
  return (
    <details className={classes.revisions}>
      <summary>{t.call.current(whole(detail.evaluation.revision))}</summary>
      <p className="small">{t.call.superseded}</p>
      <ul className="small">
        {detail.superseded.map((one) => (
          <li key={one.revision}>
            {t.call.revision(whole(one.revision), one.score === null ? '–' : score(one.score))}
          </li>
        ))}
      </ul>
    </details>
  );
}
