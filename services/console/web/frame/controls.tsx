import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useSpeech } from '../i18n/index.tsx';
import classes from './frame.module.css';

export function useColours() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  return { scheme, switchColours: () => setColorScheme(scheme === 'light' ? 'dark' : 'light') };
}

export function Controls({ onLanguage, onKeys }: { onLanguage: () => void; onKeys: () => void }) {
  const { t } = useSpeech();
  const { scheme, switchColours } = useColours();
  const colours = scheme === 'light' ? t.app.dark : t.app.light;
  return (
    <div className={classes.controls}>
      <button
        type="button"
        className={classes.language}
        onClick={onLanguage}
        aria-label={t.app.otherLanguageName}
        lang={t.locale === 'zh-CN' ? 'en' : 'zh-CN'}
      >
        {t.app.otherLanguage}
      </button>
      <Tooltip label={colours}>
        <ActionIcon variant="subtle" color="gray" onClick={switchColours} aria-label={colours}>
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.5" />
            <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
          </svg>
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t.app.keys}>
        <ActionIcon variant="subtle" color="gray" onClick={onKeys} aria-label={t.app.keys}>
          <span aria-hidden="true">?</span>
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
