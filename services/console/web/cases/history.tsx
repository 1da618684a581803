/** Through which stages the case went, and how long it stayed in each. */
import { usePlatformNow } from '../data/clock.ts';
import type { CaseView } from '../data/types.ts';
import { useSpeech } from '../i18n/index.tsx';
import { StageMark, When } from '../parts/marks.tsx';
import classes from './case.module.css';

export function History({ found }: { found: CaseView }) {
  const { t, term, duration, moment } = useSpeech();
  const now = usePlatformNow();
  const { history } = found;
  return (
    <section aria-label={t.case.stages}>
      <ol className={classes.history}>
        {history.map(({ to, at }, i) => {
          const next = history[i + 1];
          const stayed = next ? Date.parse(next.at) - Date.parse(at) : null;
          const current = next === undefined;
          return (
            <li key={`${to}-${at}`} aria-current={current ? 'step' : undefined}>
              <span className={classes.historyStage}>
                <StageMark stage={to} />
                {term('stage', to)}
              </span>
              <span className="small quiet">
                <When at={at} nowMs={now()} />
                {stayed === null ? null : ` · ${t.case.took(duration(stayed))}`}
                {current && found.open ? ` · ${t.case.since(moment.clock(Date.parse(at)))}` : null}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
