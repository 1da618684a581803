/** What stands where data will, cannot, or do not yet stand. */
import { Button, Skeleton, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { to } from '../address.ts';
import { RequestFailed } from '../data/client.ts';
import { useLive } from '../data/live.ts';
import { outageIn, useSpeech } from '../i18n/index.tsx';
import classes from './parts.module.css';

export function Loading({ lines = 4 }: { lines?: number }) {
  const { t } = useSpeech();
  return (
    <div role="status" aria-label={t.state.loading}>
      {Array.from({ length: lines }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars without identity
        <Skeleton key={i} height={i === 0 ? 26 : 14} mt={i === 0 ? 0 : 12} width={`${90 - ((i * 17) % 50)}%`} />
      ))}
    </div>
  );
}

export const Empty = ({ children }: { children: ReactNode }) => <p className={classes.empty}>{children}</p>;

interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

/** The data once they are there; before that, and after a failure, what to know and do. Old data stay while new ones fail. */
export function Await<T>({ of, lines, children }: { of: Loaded<T>; lines?: number; children: (data: T) => ReactNode }) {
  const outages = useLive((live) => live.outages);
  if (of.data !== undefined) return children(of.data);
  if (outages.includes('document-store') && !isMissing(of.error)) return <Outage />; // what is to be shown is in there
  if (of.error) return <Failed error={of.error} again={of.refetch} />;
  return <Loading {...(lines === undefined ? {} : { lines })} />;
}

const isMissing = (error: Error | null): boolean =>
  error instanceof RequestFailed && (error.status === 404 || error.status === 400);

function Outage() {
  const { t } = useSpeech();
  const outages = useLive((live) => live.outages);
  return (
    <div role="alert" className={classes.failed}>
      <p>{t.outage.waits(outageIn(t, outages))}</p>
    </div>
  );
}

export function Failed({ error, again }: { error: Error; again: () => unknown }) {
  const { t } = useSpeech();
  const missing = isMissing(error);
  return (
    <div role="alert" className={classes.failed}>
      <p>{missing ? t.state.notFound : t.state.failed}</p>
      {missing ? (
        <Link href={to.cases()} className="link">
          {t.app.toCases}
        </Link>
      ) : (
        <p className="quiet small">{error.message}</p>
      )}
      {missing ? null : (
        <Button size="xs" variant="light" mt={8} onClick={() => again()}>
          {t.state.again}
        </Button>
      )}
    </div>
  );
}

/** Unknown is not zero. */
export function Unknown() {
  const { t } = useSpeech();
  return (
    <Tooltip label={t.state.unknownHint} multiline w={220}>
      <span className="unknown">
        –<span className="hidden-visually"> {t.state.unknown}</span>
      </span>
    </Tooltip>
  );
}
