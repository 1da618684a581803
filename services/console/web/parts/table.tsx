import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSpeech } from '../i18n/index.tsx';
import classes from './parts.module.css';
import { useVisible } from './virtual.ts';

export interface Column<T> {
  readonly key: string;
  readonly head: string;
  readonly number?: boolean;
  cell(row: T): ReactNode;
}

interface TableProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  keyOf(row: T): string;
  readonly more?: { load(): unknown; readonly loading: boolean } | null;
}

const ROW_PX = 38;

/** Rows under named columns; wide ones scroll inside their own frame, long ones are virtual. */
export function DataTable<T>({ label, rows, columns, keyOf, more }: TableProps<T>) {
  const { t } = useSpeech();
  const visible = useVisible(rows.length, ROW_PX);
  return (
    <div className={classes.tableWrap}>
      <table className={classes.table} aria-label={label} aria-rowcount={rows.length}>
        <thead>
          <tr>
            {columns.map(({ key, head, number }) => (
              <th key={key} scope="col" className={number ? classes.number : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={visible.anchor}>
          <Gap height={visible.before} columns={columns.length} />
          {visible.indexes.map((index) => {
            const row = rows[index];
            return row === undefined ? null : (
              <tr key={keyOf(row)} data-index={index} ref={visible.measure} aria-rowindex={index + 1}>
                {columns.map(({ key, cell, number }) => (
                  <td key={key} className={number ? classes.number : undefined}>
                    {cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          <Gap height={visible.after} columns={columns.length} />
        </tbody>
      </table>
      {more ? (
        <Button variant="subtle" size="xs" mt={8} loading={more.loading} onClick={() => more.load()}>
          {t.state.more}
        </Button>
      ) : null}
    </div>
  );
}

const Gap = ({ height, columns }: { height: number; columns: number }) =>
  height > 0 ? (
    <tr style={{ height }}>
      <td colSpan={columns} />
    </tr>
  ) : null;
