/** Is anything wrong now? */
import type { Snapshot } from '@coachloop/contracts';
import { Link } from 'wouter';
import { to } from '../address.ts';
import { useLive } from '../data/live.ts';
import { useFirstSnapshot } from '../data/queries.ts';
import { outageIn, useSpeech } from '../i18n/index.tsx';
import { Answer } from '../parts/layout.tsx';
import { useQuestionName } from '../parts/names.tsx';
import { Await } from '../parts/states.tsx';
import { useTitle } from '../parts/title.ts';
import { Criteria } from './criteria.tsx';
import { Distribution } from './distribution.tsx';
import { Events } from './events.tsx';
import { Figures } from './figures.tsx';
import { headlineOf } from './headline.ts';
import { LoopStrip } from './loop-strip.tsx';
import { Moving } from './moving.tsx';
import { Series } from './series.tsx';
import classes from './wall.module.css';

export function Wall() {
  const { t } = useSpeech();
  useTitle(t.app.wall);
  const live = useLive(({ snapshot }) => snapshot);
  const first = useFirstSnapshot(live === null);
  return (
    <Await of={{ ...first, data: live ?? first.data }} lines={12}>
      {(snapshot) => <WallOf snapshot={snapshot} />}
    </Await>
  );
}

function WallOf({ snapshot }: { snapshot: Snapshot }) {
  return (
    <div className={classes.wall}>
      <Headline snapshot={snapshot} />
      <Figures snapshot={snapshot} />
      <LoopStrip snapshot={snapshot} />
      <div className={classes.panels}>
        <Series series={snapshot.series} />
        <Criteria criteria={snapshot.criteria} />
        <Events />
        <Distribution scores={snapshot.scores} />
        <Moving />
      </div>
    </div>
  );
}

function Headline({ snapshot }: { snapshot: Snapshot }) {
  const { t, percent, score, whole } = useSpeech();
  const questionName = useQuestionName();
  // Of all re-evaluations, not of closed cases: those that repeat are not closed yet.
  const { casesOpen, trainingMastery } = snapshot.figures;
  const outages = useLive((live) => live.outages);
  const headline = headlineOf(snapshot, outages);
  const share = (value: number) => percent(value / 100);
  const sentence = () => {
    switch (headline.kind) {
      case 'waiting':
        return t.headline.waiting;
      case 'outage':
        return t.outage.behind(outageIn(t, headline.outages));
      case 'stalled':
        return t.headline.stalled(headline.service);
      case 'away':
        return t.headline.away(headline.service);
      case 'service-level':
        return t.headline.serviceLevel(share(headline.now), share(headline.target), t.headline.over[headline.over]);
      case 'abandoned':
        return t.headline.abandoned(share(headline.now), share(headline.bound), t.headline.over[headline.over]);
      case 'score-fell':
        return t.headline.scoreFell(score(headline.now), score(headline.before));
      case 'criterion':
        return t.headline.criterion(questionName(headline.questionId), share(headline.missed), share(headline.usual));
      case 'calm':
        return headline.score === null ? t.headline.calmUnknown : t.headline.calm(score(headline.score));
    }
  };
  const under = () => {
    if (headline.kind === 'waiting') return t.headline.waitingHint;
    if (casesOpen.value === null) return undefined;
    const open = whole(casesOpen.value);
    return (
      <Link href={to.cases()} className="link">
        {trainingMastery.value === null
          ? t.headline.insightOpen(open)
          : t.headline.insight(
              open,
              whole(Math.round((trainingMastery.value * trainingMastery.n) / 100)),
              whole(trainingMastery.n),
            )}
      </Link>
    );
  };
  return <Answer under={under()}>{sentence()}</Answer>;
}
