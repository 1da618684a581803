/** Router, language and frame around the views. Each view but the wall is loaded when it is first opened. */
import { lazy, Suspense, useState } from 'react';
import { Link, Route, Router, Switch } from 'wouter';
import { keepLanguage, to } from './address.ts';
import { Frame } from './frame/frame.tsx';
import { initialLanguage, type Language, SpeechProvider, storeLanguage, useSpeech } from './i18n/index.tsx';
import { Loading } from './parts/states.tsx';
import { useTitle } from './parts/title.ts';
import { Wall } from './wall/wall.tsx';

const Agents = lazy(async () => ({ default: (await import('./agents/agents.tsx')).Agents }));
const Agent = lazy(async () => ({ default: (await import('./agents/agent.tsx')).Agent }));
const Cases = lazy(async () => ({ default: (await import('./cases/cases.tsx')).Cases }));
const Case = lazy(async () => ({ default: (await import('./cases/case.tsx')).Case }));
const Call = lazy(async () => ({ default: (await import('./calls/call.tsx')).Call }));

export function App() {
  const [language, setLanguage] = useState<Language>(initialLanguage);
  const choose = (next: Language) => {
    storeLanguage(next);
    const address = new URL(location.href);
    address.searchParams.set('lang', next);
    history.replaceState(history.state, '', address);
    setLanguage(next);
  };
  return (
    <SpeechProvider language={language}>
      <Router hrefs={keepLanguage} aroundNav={(navigate, path, options) => navigate(keepLanguage(path), options)}>
        <Frame onLanguage={choose}>
          <Suspense fallback={<Loading />}>
            <Switch>
              <Route path="/" component={Wall} />
              <Route path="/agents" component={Agents} />
              <Route path="/agents/:id">{({ id }) => <Agent key={id} id={decodeURIComponent(id)} />}</Route>
              <Route path="/cases" component={Cases} />
              <Route path="/cases/:id">{({ id }) => <Case key={id} id={decodeURIComponent(id)} />}</Route>
              <Route path="/calls/:id">{({ id }) => <Call key={id} id={decodeURIComponent(id)} />}</Route>
              <Route component={NotFound} />
            </Switch>
          </Suspense>
        </Frame>
      </Router>
    </SpeechProvider>
  );
}

function NotFound() {
  const { t } = useSpeech();
  useTitle(t.app.notFound);
  return (
    <p>
      {t.app.notFound}{' '}
      <Link href={to.wall} className="link">
        {t.app.toWall}
      </Link>
    </p>
  );
}
