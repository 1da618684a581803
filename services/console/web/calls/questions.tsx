/** The form as it was answered: by section, missed first in sight, each with its reason and its way to the proof. */
import type { Answer } from '@coachloop/contracts';
import { UnstyledButton } from '@mantine/core';
import { useScorecard } from '../data/queries.ts';
import type { EvaluationDetail, Title } from '../data/types.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Tag, Verdict } from '../parts/marks.tsx';
import { useQuestionName } from '../parts/names.tsx';
import classes from './call.module.css';

interface QuestionsProps {
  readonly detail: EvaluationDetail;
  readonly titles: ReadonlyMap<string, Title>;
  readonly chosen: string | null;
  readonly segment: number | null;
  onChoose(questionId: string | null): void;
}

export const restsOn = (answer: Answer, segment: number): boolean =>
  answer.evidence.some((evidence) => evidence.segment === segment);

export function Questions({ detail: { evaluation }, titles, chosen, segment, onChoose }: QuestionsProps) {
  const { t, language, whole } = useSpeech();
  const { data: form } = useScorecard(evaluation.form);
  const shown = segment === null ? evaluation.answers : evaluation.answers.filter((answer) => restsOn(answer, segment));
  const byId = new Map(shown.map((answer) => [answer.questionId, answer]));
  // Until the form is there (or if it does not name a question) they stand under no heading.
  const sections = form?.sections ?? [];
  const placed = new Set(sections.flatMap(({ questions }) => questions.map(({ id }) => id)));
  const groups = [
    ...sections.map(({ id, title, questions }) => ({
      id,
      title: title[language],
      answers: questions.flatMap(({ id: questionId }) => byId.get(questionId) ?? []),
    })),
    { id: 'rest', title: '', answers: shown.filter(({ questionId }) => !placed.has(questionId)) },
  ].filter(({ answers }) => answers.length > 0);
  return (
    <>
      {segment !== null || chosen !== null ? (
        <p className={classes.filtered}>
          {segment === null ? null : t.call.segmentOf(whole(shown.length))}{' '}
          <UnstyledButton className="link small" c="var(--accent)" onClick={() => onChoose(null)}>
            {t.call.clear}
          </UnstyledButton>
        </p>
      ) : null}
      {groups.map(({ id, title, answers }) => (
        <div key={id} className={classes.group}>
          <h3>{title}</h3>
          <ul>
            {answers.map((answer) => (
              <QuestionRow
                key={answer.questionId}
                answer={answer}
                titles={titles}
                chosen={chosen === answer.questionId}
                onChoose={() => onChoose(chosen === answer.questionId ? null : answer.questionId)}
              />
            ))}
          </ul>
        </div>
      ))}
      <p className="small quiet">
        {t.case.form(evaluation.form.id, whole(evaluation.form.version))} · {t.call.scorer(evaluation.scorer.version)}
      </p>
    </>
  );
}

/** Then the evidence is where it was looked for in vain. */
const FOUND_NOTHING: ReadonlySet<string> = new Set(['not-found', 'unanswered']);

interface RowProps {
  readonly answer: Answer;
  readonly titles: ReadonlyMap<string, Title>;
  readonly chosen: boolean;
  onChoose(): void;
}

function QuestionRow({ answer, titles, chosen, onChoose }: RowProps) {
  const { t, term, whole } = useSpeech();
  const name = useQuestionName(titles)(answer.questionId);
  const places = new Set(answer.evidence.flatMap(({ segment }) => segment ?? [])).size;
  const measured = answer.evidence.filter(({ segment }) => segment === undefined);
  return (
    <li>
      <UnstyledButton
        className={classes.question}
        aria-pressed={chosen}
        data-value={answer.value}
        onClick={onChoose}
        data-question={answer.questionId}
      >
        <Verdict value={answer.value} />
        <span className={classes.questionName}>
          {name} {answer.critical ? <Tag tone="bad">{t.call.critical}</Tag> : null}{' '}
          {answer.autoFail ? <Tag tone="bad">{t.call.autoFail}</Tag> : null}
          <span className={classes.reason}>
            {term('answerReason', answer.reason)}
            {places > 0
              ? ` · ${(FOUND_NOTHING.has(answer.reason) ? t.call.lookedAt : t.call.showIn)(whole(places))}`
              : null}
            {measured.map(({ text }) => ` · ${text}`)}
          </span>
        </span>
        <span className={classes.weight}>{answer.weight > 0 ? `${whole(answer.weight)} %` : ''}</span>
      </UnstyledButton>
    </li>
  );
}
