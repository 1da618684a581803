/** How the scores of the last day are spread, in ten columns. */
import type { Snapshot } from '@coachloop/contracts';
import { Tooltip } from '@mantine/core';
import { useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import { Empty } from '../parts/states.tsx';
import classes from './panels.module.css';

export function Distribution({ scores }: { scores: Snapshot['scores'] }) {
  const { t, whole, score } = useSpeech();
  const isOfDay = scores.day.n > 0;
  const shown = isOfDay ? scores.day : scores.all;
  const hint = isOfDay || shown.n === 0 ? t.wall.scoresHint : t.wall.scoresHintAll;
  const most = Math.max(1, ...shown.bins);
  return (
    <Section title={t.wall.scores} hint={hint(whole(shown.n))} className={classes.panel}>
      {shown.n === 0 ? (
        <Empty>{t.state.empty}</Empty>
      ) : (
        <div className={classes.distribution}>
          <ol>
            {shown.bins.map((n, i) => (
              <Tooltip key={t.wall.scoresBin(String(i * 10), '', '')} label={binName(t.wall.scoresBin, i, whole(n))}>
                <li>
                  <span className={classes.binCount}>{n > 0 ? whole(n) : ''}</span>
                  <span
                    className={classes.bin}
                    style={{ height: `${(100 * n) / most}%`, background: `var(--score-${Math.floor(i / 2) + 1})` }}
                  />
                  <span className="hidden-visually">{binName(t.wall.scoresBin, i, whole(n))}</span>
                </li>
              </Tooltip>
            ))}
          </ol>
          <div className={classes.binAxis} aria-hidden="true">
            {[0, 20, 40, 60, 80, 100].map((tick) => (
              <span key={tick}>{score(tick)}</span>
            ))}
          </div>
        </div>
      )}
    </Section>
  );
}

const binName = (text: (from: string, to: string, n: string) => string, bin: number, n: string): string =>
  text(String(bin * 10), String(bin * 10 + 10), n);
