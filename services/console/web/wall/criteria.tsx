/** The criteria that are missed most, as bars with their counts. */
import type { Criterion, Snapshot } from '@coachloop/contracts';
import { Tooltip } from '@mantine/core';
import { useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import { Tag } from '../parts/marks.tsx';
import { useQuestionName } from '../parts/names.tsx';
import { Empty } from '../parts/states.tsx';
import { answered } from './headline.ts';
import classes from './panels.module.css';

const SHOWN_MAX = 7;

export function Criteria({ criteria }: { criteria: Snapshot['criteria'] }) {
  const { t } = useSpeech();
  const shown = criteria.weakest.slice(0, SHOWN_MAX);
  return (
    <Section title={t.wall.criteria} hint={t.wall.criteriaHint[criteria.window]} className={classes.panel}>
      {shown.length === 0 ? <Empty>{t.state.empty}</Empty> : null}
      <ol className={classes.scroll}>
        {shown.map((criterion) => (
          <CriterionRow key={criterion.questionId} criterion={criterion} />
        ))}
      </ol>
    </Section>
  );
}

function CriterionRow({ criterion }: { criterion: Criterion }) {
  const { t, whole, percent, term } = useSpeech();
  const name = useQuestionName()(criterion.questionId);
  const share = (criterion.failPercent ?? 0) / 100;
  const detail = `${name} — ${term('competency', criterion.competency)}${t.mark.colon}${t.wall.criteriaRow(whole(criterion.no), whole(answered(criterion)))}`;
  return (
    <Tooltip label={detail} multiline maw={360} position="top-start">
      <li className={classes.criterion}>
        <span className="ellipsis">
          {name} {criterion.critical ? <Tag tone="bad">{t.wall.critical}</Tag> : null}
        </span>
        <span className={classes.share}>
          {percent(share)}
          <span className="hidden-visually">
            {' '}
            {t.wall.criteriaRow(whole(criterion.no), whole(answered(criterion)))}
          </span>
        </span>
        <span className={classes.bar} aria-hidden="true">
          <span style={{ width: `${100 * share}%` }} />
        </span>
      </li>
    </Tooltip>
  );
}
