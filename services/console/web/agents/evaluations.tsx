import { Link } from 'wouter';
import { to } from '../address.ts';
import { usePlatformNow } from '../data/clock.ts';
import { useEvaluationsOfAgent } from '../data/queries.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import { Score, When } from '../parts/marks.tsx';
import { useQuestionName } from '../parts/names.tsx';
import { Await, Empty } from '../parts/states.tsx';
import classes from './agents.module.css';

export function Evaluations({ agentId }: { agentId: string }) {
  const { t } = useSpeech();
  const questionName = useQuestionName();
  const now = usePlatformNow();
  return (
    <Section title={t.agent.evaluations}>
      <Await of={useEvaluationsOfAgent(agentId)}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t.state.empty}</Empty>
          ) : (
            <ol>
              {items.map(({ evaluationId, callId, callEndedAt, score, passed, answers }) => (
                <li key={evaluationId}>
                  <Link href={to.call(callId)} className={classes.evaluation}>
                    <Score value={score} passed={passed} />
                    <When at={callEndedAt} nowMs={now()} />
                    <span className="ellipsis quiet small">
                      {answers
                        .filter(({ value }) => value === 'no')
                        .map(({ questionId }) => `✕ ${questionName(questionId)}`)
                        .join('  ')}
                    </span>
                  </Link>
                </li>
              ))}
            </ol>
          )
        }
      </Await>
    </Section>
  );
}
