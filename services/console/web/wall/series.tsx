/** Calls and mean score over time: two charts that share one time axis. */
import type { Snapshot } from '@coachloop/contracts';
import { SegmentedControl } from '@mantine/core';
import { useMemo } from 'react';
import { useParameter } from '../address.ts';
import { TimeChart } from '../charts/time-chart.tsx';
import { useDemo } from '../data/queries.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Section } from '../parts/layout.tsx';
import classes from './panels.module.css';

const RANGES = ['2h', '24h', '14d'] as const;
type Range = (typeof RANGES)[number];
const DAY_HOURS = 24;
/** On a clock this fast two hours pass in seconds. */
const FAST = 60;

export function Series({ series }: { series: Snapshot['series'] }) {
  const { t, score, whole } = useSpeech();
  const { data: demo } = useDemo();
  const [asked, setRange] = useParameter('range');
  const usual: Range = demo && demo.speed >= FAST ? '24h' : '2h';
  const range = RANGES.find((one) => one === asked) ?? usual;
  const data = useMemo(() => columnsOf(series, range), [series, range]);
  return (
    <Section
      title={t.wall.series}
      className={classes.panel}
      aside={
        <SegmentedControl
          size="xs"
          aria-label={t.wall.range}
          value={range}
          onChange={setRange}
          data={RANGES.map((one) => ({ value: one, label: t.wall.ranges[one] }))}
        />
      }
    >
      <div className={classes.charts}>
        <TimeChart
          key={`calls-${range}`}
          name={range === '2h' ? t.wall.callsPerMinute : t.wall.callsPerHour}
          times={data.times}
          values={data.calls}
          kind="columns"
          format={whole}
        />
        <TimeChart
          key={`score-${range}`}
          name={t.wall.meanScore}
          times={data.times}
          values={data.meanScore}
          kind="line"
          range={[50, 100]}
          format={score}
        />
      </div>
    </Section>
  );
}

function columnsOf({ minutes, hours }: Snapshot['series'], range: Range) {
  const from = range === '2h' ? minutes : hours;
  const first = Date.parse(from.from) / 1000;
  const times = from.calls.map((_, i) => first + i * from.stepSeconds);
  const keep = range === '24h' ? DAY_HOURS : times.length;
  return { times: times.slice(-keep), calls: from.calls.slice(-keep), meanScore: from.meanScore.slice(-keep) };
}
