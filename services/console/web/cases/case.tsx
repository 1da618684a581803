/** Why was this case opened, and did the training help? The whole chain, from the calls to the outcome. */
import { to } from '../address.ts';
import { useCase } from '../data/queries.ts';
import type { CaseView } from '../data/types.ts';
import { type Speech, useSpeech } from '../i18n/index.tsx';
import { Answer, Crumbs } from '../parts/layout.tsx';
import { Stage } from '../parts/marks.tsx';
import { AgentLink, useAgentName, useQuestionName } from '../parts/names.tsx';
import { Await } from '../parts/states.tsx';
import { useTitle } from '../parts/title.ts';
import classes from './case.module.css';
import { Causes } from './causes.tsx';
import { Courses } from './courses.tsx';
import { History } from './history.tsx';
import { Outcome } from './outcome.tsx';

export function Case({ id }: { id: string }) {
  return (
    <Await of={useCase(id)} lines={10}>
      {(found) => <CaseOf found={found} />}
    </Await>
  );
}

function CaseOf({ found }: { found: CaseView }) {
  const speech = useSpeech();
  const { t, term, whole } = speech;
  const agentName = useAgentName()(found);
  const questionName = useQuestionName();
  useTitle(t.case.title(term('competency', found.competency), agentName));
  return (
    <article>
      <Crumbs
        steps={[
          { href: to.cases(), label: t.cases.title },
          { href: to.cases(found.stage), label: term('stage', found.stage) },
        ]}
      />
      <Answer
        question={`${t.case.question} ${term('competency', found.competency)}`}
        under={
          <span className={classes.facts}>
            <AgentLink who={found} />
            <Stage stage={found.stage} />
            <span>{t.case.form(found.form.id, whole(found.form.version))}</span>
          </span>
        }
      >
        {becauseOf(found, speech, questionName)} <span className={classes.effect}>{effectOf(found, speech)}</span>
      </Answer>
      <History found={found} />
      <div className={classes.chain}>
        <Causes found={found} />
        <Courses found={found} />
        <Outcome found={found} />
      </div>
    </article>
  );
}

function becauseOf(
  { trigger }: CaseView,
  { t, score, scoreBeside, whole, percent }: Speech,
  questionName: (id: string) => string,
): string {
  // The rule may be about any critical criterion; where one alone was missed, that was it.
  const failed = trigger.calls.flatMap(({ questions }) => questions.filter(({ value }) => value === 'no'));
  const missed = new Set(failed.map(({ questionId }) => questionId));
  const about = trigger.questionId ?? (missed.size === 1 ? [...missed][0] : undefined);
  const criterion = about === undefined ? t.case.aCriterion : `“${questionName(about)}”`;
  switch (trigger.rule) {
    case 'critical-failure':
      return t.case.because['critical-failure'](
        whole(trigger.observed),
        about === undefined ? criterion : t.case.critical(criterion),
      );
    case 'consecutive-fails':
      return t.case.because['consecutive-fails'](whole(trigger.observed), criterion);
    case 'low-moving-score':
      return t.case.because['low-moving-score'](score(trigger.observed), score(trigger.threshold));
    case 'low-level':
      return t.case.because['low-level'](
        whole(trigger.calls.length),
        score(trigger.mean ?? 0),
        scoreBeside(trigger.observed, trigger.threshold),
        score(trigger.threshold),
        percent(trigger.confidence ?? 0),
      );
  }
}

/** What the latest comparison says. */
function effectOf(found: CaseView, { t, score, whole }: Speech): string {
  const last = found.reEvaluations.at(-1);
  if (!last) return t.case.pending;
  const { before, after, outcome } = last;
  if (outcome === null) return t.case.waitsFor(whole(after?.n ?? 0), whole(last.calls ?? 3));
  if (outcome === 'insufficient-evidence' || before.mean === null || after?.mean == null) return t.case.tooFew;
  if (outcome === 'closed') return t.case.helped(score(before.mean), score(after.mean));
  if (outcome === 'held') return t.case.held(score(before.mean), score(after.mean), score(last.passMark ?? 0));
  // Certain, but not enough: to call that no help would be untrue.
  const rose = (last.interval80?.low ?? 0) > 0;
  const [from, to] = [score(before.mean), score(after.mean)];
  return rose ? t.case.notEnough(from, to, score(last.passMark ?? 0)) : t.case.notShown(from, to);
}
