/** One-letter keys. They rest while somebody types, and leave the browser's own combinations alone. */
import { Kbd, Modal } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useSpeech } from '../i18n/index.tsx';
import classes from './frame.module.css';

export type Keys = Readonly<Record<string, () => void>>;

export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { target } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (
        target instanceof HTMLElement &&
        (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
      )
        return;
      const act = latest.current[event.key];
      if (!act || document.querySelector('[role="dialog"]')) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

export function KeysList({ shown, onClose }: { shown: boolean; onClose: () => void }) {
  const { t } = useSpeech();
  const rows = [
    ['w', t.keys.wall],
    ['a', t.keys.agents],
    ['c', t.keys.cases],
    ['j  k', t.keys.next],
    ['l', t.keys.language],
    ['d', t.keys.colours],
    ['?', t.keys.help],
  ] as const;
  return (
    // Locking the scroll would put a style element into the page that its security policy refuses.
    <Modal opened={shown} onClose={onClose} title={t.keys.title} centered size="sm" lockScroll={false}>
      <dl className={classes.keys}>
        {rows.map(([key, label]) => (
          <div key={key}>
            <dt>
              {key.split('  ').map((one) => (
                <Kbd key={one}>{one}</Kbd>
              ))}
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
