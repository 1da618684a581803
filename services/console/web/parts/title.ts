import { useEffect } from 'react';
import { useSpeech } from '../i18n/index.tsx';

/** Names the browser's tab. */
export function useTitle(view: string): void {
  const { t } = useSpeech();
  const title = t.app.title(view);
  useEffect(() => {
    document.title = title;
  }, [title]);
}
