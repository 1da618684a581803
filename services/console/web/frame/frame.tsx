/** What stands around every view: navigation, what is true of the whole page, and the keys. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { to } from '../address.ts';
import { type Language, useSpeech } from '../i18n/index.tsx';
import { Boundary } from '../parts/boundary.tsx';
import { Controls, useColours } from './controls.tsx';
import classes from './frame.module.css';
import { KeysList, useKeys } from './keys.tsx';
import { ConnectionNote, DemoLabel, Troubles } from './notes.tsx';

export function Frame({ onLanguage, children }: { onLanguage: (language: Language) => void; children: ReactNode }) {
  const { t, language } = useSpeech();
  const [place, navigate] = useLocation();
  const [keysShown, setKeysShown] = useState(false);
  const switchLanguage = () => onLanguage(language === 'en' ? 'zh' : 'en');
  const { switchColours } = useColours();
  const main = useFocusOnMove(place);
  useKeys({
    w: () => navigate(to.wall),
    a: () => navigate(to.agents),
    c: () => navigate(to.cases()),
    l: switchLanguage,
    d: switchColours,
    '?': () => setKeysShown(true),
  });
  const links = [
    { href: to.wall, label: t.app.wall, here: place === '/' },
    { href: to.agents, label: t.app.agents, here: place.startsWith('/agents') || place.startsWith('/calls') },
    { href: to.cases(), label: t.app.cases, here: place.startsWith('/cases') },
  ];
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#main">
        {t.app.skip}
      </a>
      <header className={classes.header}>
        <Link href={to.wall} className={classes.brand}>
          <Loop /> Coachloop
        </Link>
        <nav aria-label={t.app.navigation} className={classes.nav}>
          {links.map(({ href, label, here }) => (
            <Link key={href} href={href} className={classes.link} aria-current={here ? 'page' : undefined}>
              {label}
            </Link>
          ))}
        </nav>
        <div className={classes.notes}>
          <Troubles />
          <DemoLabel />
          <ConnectionNote />
        </div>
        <Controls onLanguage={switchLanguage} onKeys={() => setKeysShown(true)} />
      </header>
      <main id="main" ref={main} tabIndex={-1} className={classes.main}>
        <Boundary place={place}>{children}</Boundary>
      </main>
      <KeysList shown={keysShown} onClose={() => setKeysShown(false)} />
    </div>
  );
}

/** A new view begins at its top, and a screen reader begins there too. */
function useFocusOnMove(place: string) {
  const main = useRef<HTMLElement>(null);
  const before = useRef(place);
  useEffect(() => {
    if (before.current === place) return;
    before.current = place;
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [place]);
  return main;
}

const Loop = () => (
  <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
    <path d="M25 12.4A10 10 0 1 0 26 18" fill="none" stroke="currentColor" strokeWidth="4" strokeLinecap="round" />
    <path d="m27 5 .2 8.6-8.4-1z" fill="currentColor" />
  </svg>
);
