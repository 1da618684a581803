/** Figures in the text format of Prometheus (exposition format 0.0.4). Unknown figures are left out: an absent series is not 0. */
import { FIGURE_IDS, type HealthFigures, type Snapshot } from '@coachloop/contracts';
import { type Histogram, histogramsOf, upperMsOf } from './domain/histogram.ts';
import { count } from './domain/readings.ts';
import type { Share } from './domain/share.ts';

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string | number>>;
type Sample = readonly [labels: Labels, value: number | null];

const escaped = (value: string | number): string =>
  String(value).replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, of]) => `${label}="${escaped(of)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
}

function family(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): string {
  const lines = samples.flatMap(([labels, value]) => (value === null ? [] : sample(name, labels, value)));
  return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

export function prometheusText(snapshot: Snapshot, { flow, sums }: Share, clients: number): string {
  const { figures, callStages, caseStages, health } = snapshot;
  const events = Object.entries(flow).filter(([name]) => name.startsWith('seen|'));
  return [
    family(
      'coachloop_events_total',
      'counter',
      'Events counted, by type.',
      events.map(([name, n]) => [{ type: name.slice('seen|'.length) }, n]),
    ),
    family(
      'coachloop_calls',
      'gauge',
      'Calls by stage; done and abandoned since the first event.',
      callStages.map(({ stage, count: n }) => [{ stage }, n]),
    ),
    family(
      'coachloop_cases',
      'gauge',
      'Remediation cases by stage.',
      caseStages.map(({ stage, count: n }) => [{ stage }, n]),
    ),
    ...FIGURE_IDS.map((id) =>
      family(
        `coachloop_${id.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
        'gauge',
        `${figures[id].unit}, window: ${figures[id].window}. Formula: docs/metrics.md.`,
        [[{}, figures[id].value]],
      ),
    ),
    scoreHistogram(snapshot, count(sums, 'score.sum') / 100),
    loopHistograms(flow),
    health === null ? '' : healthText(health),
    family('coachloop_stream_clients', 'gauge', 'Clients of the live stream on this instance.', [[{}, clients]]),
  ].join('');
}

function histogram(
  name: string,
  labels: Labels,
  buckets: readonly (readonly [number, number])[],
  n: number,
  sum: number,
) {
  let below = 0;
  const lines = buckets.map(([upper, more]) => {
    below += more;
    return sample(`${name}_bucket`, { ...labels, le: upper }, below);
  });
  return [
    ...lines,
    sample(`${name}_bucket`, { ...labels, le: '+Inf' }, n),
    sample(`${name}_sum`, labels, sum),
    sample(`${name}_count`, labels, n),
  ].join('');
}

/** Bins are open above (90 is in the last one), so that the bounds are a hair below the tens. */
function scoreHistogram({ scores: { all } }: Snapshot, sum: number): string {
  const name = 'coachloop_score_points';
  if (all.n === 0) return '';
  const buckets = all.bins.map((n, i) => [i === 9 ? 100 : (i + 1) * 10 - 0.01, n] as const);
  return `# HELP ${name} Scores of all evaluations.\n# TYPE ${name} histogram\n${histogram(name, {}, buckets, all.n, sum)}`;
}

function loopHistograms(flow: Share['flow']): string {
  const name = 'coachloop_loop_seconds';
  const found = [...histogramsOf(flow)];
  if (found.length === 0) return '';
  // All series have the same buckets, so that they can be added up.
  const last = Math.max(...found.flatMap(([, { buckets }]) => buckets.map(([bucket]) => bucket)));
  const lines = found.map(([step, each]) =>
    histogram(name, { step }, cumulated(each, last), each.n, each.sumMs / 1000),
  );
  return `# HELP ${name} Times of the loop, by step.\n# TYPE ${name} histogram\n${lines.join('')}`;
}

/** Every fourth bucket: doubling, near enough, and a quarter of the lines. */
function cumulated({ buckets }: Histogram, last: number): readonly (readonly [number, number])[] {
  const counts = new Map(buckets);
  const steps = Array.from({ length: Math.floor(last / 4) + 1 }, (_, i) => i * 4 + 3);
  return steps.map((top) => {
    const n = [0, 1, 2, 3].reduce((sum, below) => sum + (counts.get(top - below) ?? 0), 0);
    return [Math.round(upperMsOf(top)) / 1000, n] as const;
  });
}

const healthText = ({ lag, deadLettersOpen }: HealthFigures): string =>
  family(
    'coachloop_lag_records',
    'gauge',
    'Records in the log that a group has not handled.',
    lag.map(({ group, topic, partition, records }) => [{ group, topic, partition }, records]),
  ) +
  family('coachloop_dead_letters_open', 'gauge', 'Dead letters that nobody replayed or discarded.', [
    [{}, deadLettersOpen],
  ]);
