/** The row of figures. Each opens to what it is made of, and names its formula. */
import type { Figure, FigureId, Reading, Snapshot } from '@coachloop/contracts';
import { Popover, UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSpeech } from '../i18n/index.tsx';
import { Unknown } from '../parts/states.tsx';
import classes from './figures.module.css';

const SHOWN = [
  'callsInProgress',
  'callsDone',
  'serviceLevel',
  'abandonedRate',
  'handleTime',
  'satisfaction',
  'firstContactResolution',
  'meanScore',
] as const satisfies readonly FigureId[];

/** Which direction is good; null: neither. */
const BETTER: Readonly<Partial<Record<FigureId, 1 | -1>>> = {
  serviceLevel: 1,
  abandonedRate: -1,
  satisfaction: 1,
  firstContactResolution: 1,
  meanScore: 1,
};
const N_FEW = 20;

/** A figure's value in its unit. */
export function useReading(): (value: number, unit: Figure['unit']) => string {
  const { percent, duration, score, whole } = useSpeech();
  return (value, unit) => {
    switch (unit) {
      case 'percent':
        return percent(value / 100);
      case 'seconds':
        return duration(value * 1000);
      case 'points':
        return score(value);
      default:
        return whole(value);
    }
  };
}

export function Figures({ snapshot }: { snapshot: Snapshot }) {
  const { t, whole } = useSpeech();
  return (
    <section aria-label={t.wall.now}>
      <ul className={classes.row}>
        {SHOWN.map((id) => (
          <li key={id}>
            <FigureTile
              id={id}
              figure={snapshot.figures[id]}
              note={noteOf(id, snapshot)}
              off={isOff(id, snapshot)}
              detail={id === 'serviceLevel' ? t.figures.inTime(whole(snapshot.serviceLevelSeconds)) : null}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function noteOf(id: FigureId, snapshot: Snapshot): ReactNode {
  if (id === 'callsInProgress') return <InProgress snapshot={snapshot} />;
  return <Comparison id={id} figure={snapshot.figures[id]} targets={snapshot.targets} />;
}

function InProgress({ snapshot }: { snapshot: Snapshot }) {
  const { whole, term } = useSpeech();
  const running = snapshot.callStages.filter(({ stage }) => !['none', 'done', 'abandoned'].includes(stage));
  return (
    <span className={classes.stages}>
      {running
        .filter(({ count }) => count !== null && count > 0)
        .map(({ stage, count }) => (
          <span key={stage} className="nowrap">
            {term('callStage', stage)} {whole(count ?? 0)}
          </span>
        ))}
    </span>
  );
}

function Comparison({ id, figure, targets }: { id: FigureId; figure: Figure; targets: Snapshot['targets'] }) {
  const { t, signed, whole, percent, duration } = useSpeech();
  if (figure.value === null) return null;
  if (figure.n > 0 && figure.n < N_FEW && id !== 'callsDone') return t.state.few(t.figures.n(whole(figure.n)));
  const before = figure.before;
  if (!before || before.value === null || before.n < N_FEW) {
    if (id === 'serviceLevel') return `≥ ${percent(targets.serviceLevelPercent / 100)}`;
    return figure.n === figure.value ? null : t.figures.n(whole(figure.n));
  }
  const difference = figure.value - before.value;
  const text =
    figure.unit === 'seconds'
      ? `${difference < 0 ? '−' : '+'}${duration(Math.abs(difference) * 1000)}`
      : signed(difference);
  const direction = Math.sign(Math.round(difference)) * (BETTER[id] ?? 0);
  return (
    <span className={classes.difference} data-direction={direction}>
      {direction === 0 ? null : <span aria-hidden="true">{difference > 0 ? '▲ ' : '▼ '}</span>}
      {t.figures.against(text)}
    </span>
  );
}

interface TileProps {
  readonly id: FigureId;
  readonly figure: Figure;
  readonly note: ReactNode;
  /** Beyond what the site wants. */
  readonly off: boolean;
  /** For who opens it. */
  readonly detail: string | null;
}

function FigureTile({ id, figure, note, off, detail }: TileProps) {
  const { t } = useSpeech();
  const reading = useReading();
  const name = t.figure[id];
  return (
    <Popover width={330} position="bottom-start" shadow="md" withArrow trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className={classes.tile}>
          <span className={classes.head} title={`${name}, ${t.figures.window[figure.window]}`}>
            <span className={classes.name}>{name}</span>
            {figure.window === 'now' ? null : <span className={classes.window}>{t.figures.short[figure.window]}</span>}
          </span>
          <span className={classes.value} data-off={off || undefined}>
            {figure.value === null ? <Unknown /> : reading(figure.value, figure.unit)}
          </span>
          <span className={classes.note}>{note}</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Made id={id} figure={figure} detail={detail} />
      </Popover.Dropdown>
    </Popover>
  );
}

function isOff(id: FigureId, { figures, targets }: Snapshot): boolean {
  const { value, n } = figures[id];
  if (value === null || n < N_FEW) return false;
  if (id === 'serviceLevel') return value < targets.serviceLevelPercent;
  return id === 'abandonedRate' && value > targets.abandonedPercentMax;
}

/** Its other windows, with what each is made of. */
function Made({ id, figure, detail }: Omit<TileProps, 'note' | 'off'>) {
  const { t, whole } = useSpeech();
  const reading = useReading();
  const rows: readonly (readonly [string, Reading | undefined])[] = [
    [t.figures.hour, figure.hour],
    [t.figures.window[figure.window], figure],
    [t.figures.today, figure.today],
    [t.figures.before, figure.before],
    [t.figures.all, figure.window === 'all' ? undefined : figure.all],
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the opened box takes the focus, so that it is read and Escape closes it
    <div className={classes.made} tabIndex={0} data-autofocus>
      <strong>{t.figure[id]}</strong> {detail}
      <table>
        <tbody>
          {rows.map(([label, one]) =>
            one === undefined ? null : (
              <tr key={label}>
                <th scope="row">{label}</th>
                <td>{one.value === null ? <Unknown /> : reading(one.value, figure.unit)}</td>
                <td className="quiet">{t.figures.n(whole(one.n))}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
      <p className="quiet small">{t.figures.formula(figure.formula)}</p>
    </div>
  );
}
