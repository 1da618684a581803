/** A small chart over time on a canvas (uPlot). Its value axis only ever grows, so that live data do not make it jump. */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useSpeech } from '../i18n/index.tsx';
import classes from './time-chart.module.css';

interface TimeChartProps {
  readonly name: string;
  /** Seconds since the epoch, rising. */
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  readonly kind: 'columns' | 'line';
  /** The least that the value axis covers. */
  readonly range?: readonly [number, number];
  readonly format: (value: number) => string;
}

export function TimeChart({ name, times, values, kind, range, format }: TimeChartProps) {
  const { moment } = useSpeech();
  const scheme = useComputedColorScheme('light');
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(null);
  const scale = useRef<readonly [number, number]>(range ?? [0, 1]);
  const [pointed, setPointed] = useState<number | null>(null);
  const [low, high] = range ?? [0, 1];

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the page, which `scheme` decides
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    scale.current = [low, high];
    const style = getComputedStyle(box);
    const colour = (token: string) => style.getPropertyValue(token).trim();
    const plot = new UPlot(
      optionsOf({
        kind,
        scale,
        format,
        clock: moment,
        ink: colour('--ink-2'),
        line: colour('--line'),
        accent: colour('--accent'),
        onPoint: setPointed,
      }),
      [[], []],
      box,
    );
    chart.current = plot;
    const fit = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      if (width > 0 && height > 0) plot.setSize({ width, height });
    });
    fit.observe(box);
    return () => {
      fit.disconnect();
      plot.destroy();
      chart.current = null;
    };
  }, [scheme, kind, low, high, moment, format]);

  useEffect(() => {
    chart.current?.setData([[...times], [...values]]);
  });

  // The last step is still going on.
  const last = lastKnown(values.slice(0, -1));
  const at = pointed === null ? undefined : times[pointed];
  const value = pointed === null ? last : (values[pointed] ?? null);
  return (
    <figure className={classes.chart}>
      <figcaption>
        {name} <b>{value === null || value === undefined ? '–' : format(value)}</b>
        {at === undefined ? null : (
          <span>
            {moment.day(at * 1000)} {moment.clock(at * 1000)}
          </span>
        )}
      </figcaption>
      <div ref={place} className={classes.place} />
    </figure>
  );
}

const lastKnown = (values: readonly (number | null)[]): number | null =>
  values.findLast((value) => value !== null) ?? null;

interface Look {
  readonly kind: 'columns' | 'line';
  readonly scale: { current: readonly [number, number] };
  readonly format: (value: number) => string;
  readonly clock: { clock(ms: number): string; day(ms: number): string };
  readonly ink: string;
  readonly line: string;
  readonly accent: string;
  readonly onPoint: (index: number | null) => void;
}

const DAY_SECONDS = 86_400;

function optionsOf({ kind, scale, format, clock, ink, line, accent, onPoint }: Look): UPlot.Options {
  const font = '11px system-ui, sans-serif';
  const columns = UPlot.paths.bars?.({ size: [0.7, 24], align: 1 });
  return {
    width: 300,
    height: 90,
    padding: [6, 16, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: 'wall' }, drag: { x: false, y: false }, y: false, points: { size: 6 } },
    scales: {
      x: { time: true },
      y: {
        range: (_plot, low, high) => {
          const [least, most] = scale.current;
          const grown = high > most ? niceAbove(high) : most;
          scale.current = [Math.min(least, low ?? least), Math.max(most, grown)];
          return [...scale.current] as [number, number];
        },
      },
    },
    axes: [
      {
        stroke: ink,
        font,
        size: 24,
        gap: 7,
        grid: { show: false },
        ticks: { show: false },
        space: 70,
        values: (plot, splits) => {
          const { min = 0, max = 0 } = plot.scales.x ?? {};
          const long = (max ?? 0) - (min ?? 0) > 2 * DAY_SECONDS;
          return splits.map((second) => (long ? clock.day(second * 1000) : clock.clock(second * 1000)));
        },
      },
      {
        stroke: ink,
        font,
        size: 34,
        gap: 4,
        grid: { stroke: line, width: 1 },
        ticks: { show: false },
        space: 22,
        incrs: [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000],
        values: (_plot, splits) => splits.map((value) => format(value)),
      },
    ],
    series: [
      {},
      {
        stroke: accent,
        width: kind === 'columns' ? 0 : 2,
        ...(kind === 'columns' ? { fill: accent, ...(columns ? { paths: columns } : {}) } : {}),
        points: { show: kind === 'line' ? undefined : false, size: 5 } as UPlot.Series.Points,
        spanGaps: false,
      },
    ],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}

/** The next round number, with some room. */
function niceAbove(value: number): number {
  const step = 10 ** Math.floor(Math.log10(value));
  return Math.ceil((value * 1.15) / (step / 2)) * (step / 2);
}
