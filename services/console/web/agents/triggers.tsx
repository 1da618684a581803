/** For each evaluation, why each rule fired or did not. First those where a rule was met; all on request. */
import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import { to } from '../address.ts';
import { usePlatformNow } from '../data/clock.ts';
import { useTriggers } from '../data/queries.ts';
import type { Trigger } from '../data/types.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import { Tag, When } from '../parts/marks.tsx';
import { Await, Empty } from '../parts/states.tsx';
import classes from './agents.module.css';

const SHOWN_MAX = 40;

export function Triggers({ agentId }: { agentId: string }) {
  const { t } = useSpeech();
  const [all, setAll] = useState(false);
  const fired = ({ decisions }: Trigger) => decisions.some((one) => one.fired);
  return (
    <Section
      title={t.agent.triggers}
      aside={<Checkbox size="xs" label={t.agent.allTriggers} checked={all} onChange={() => setAll(!all)} />}
    >
      <Await of={useTriggers(agentId)}>
        {(triggers) => {
          const shown = (all ? triggers : triggers.filter(fired)).slice(0, SHOWN_MAX);
          if (shown.length === 0) return <Empty>{t.agent.noTriggers}</Empty>;
          return (
            <ol>
              {shown.map((trigger) => (
                <TriggerOf key={`${trigger.evaluationId}-${trigger.decidedAt}`} trigger={trigger} />
              ))}
            </ol>
          );
        }}
      </Await>
    </Section>
  );
}

function TriggerOf({ trigger }: { trigger: Trigger }) {
  const { t, term, score } = useSpeech();
  const now = usePlatformNow();
  const [open, setOpen] = useState(false);
  const fired = trigger.decisions.filter((one) => one.fired);
  return (
    <li className={classes.trigger}>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          <Link href={to.call(trigger.callId)} className="link">
            <When at={trigger.callEndedAt} nowMs={now()} />
          </Link>
          {fired.length === 0 ? <span className="quiet">{t.agent.noTriggers}</span> : null}
          {fired.map(({ competency, rule }) => (
            <span key={`${competency}-${rule}`}>
              <Tag tone="bad">{term('triggerReason', 'fired')}</Tag> {term('competency', competency)}:{' '}
              {term('rule', rule)}
            </span>
          ))}
        </summary>
        {open ? (
          <ul className={classes.decisions}>
            {trigger.decisions.map((one) => (
              <li key={`${one.competency}-${one.rule}`} data-fired={one.fired || undefined}>
                <span>{term('competency', one.competency)}</span>
                <span>{term('rule', one.rule)}</span>
                <span className={one.fired ? undefined : 'quiet'}>
                  {term('triggerReason', one.reason)}
                  {one.observed === null ? null : ` (${t.agent.observed(score(one.observed), score(one.threshold))})`}
                </span>
              </li>
            ))}
          </ul>
        ) : null}
      </details>
    </li>
  );
}
