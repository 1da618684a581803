/** Addresses of the views. A language that stands in the address stays there from view to view, so that links keep it. */
import { useCallback } from 'react';
import { useSearchParams } from 'wouter';

const id = encodeURIComponent;

export const to = {
  wall: '/',
  agents: '/agents',
  agent: (agentId: string) => `/agents/${id(agentId)}`,
  cases: (stage?: string) => (stage === undefined ? '/cases' : `/cases?stage=${id(stage)}`),
  case: (caseId: string) => `/cases/${id(caseId)}`,
  call: (callId: string, questionId?: string) =>
    questionId === undefined ? `/calls/${id(callId)}` : `/calls/${id(callId)}?q=${id(questionId)}`,
} as const;

export function keepLanguage(path: string): string {
  const language = new URLSearchParams(location.search).get('lang');
  if (language === null || /[?&]lang=/.test(path)) return path;
  return `${path}${path.includes('?') ? '&' : '?'}lang=${language}`;
}

/** One parameter of the address; null takes it out. `push`: Back returns to the value before. */
export function useParameter(name: string): readonly [string | null, (value: string | null, push?: boolean) => void] {
  const [parameters, setParameters] = useSearchParams();
  const set = useCallback(
    (value: string | null, push = false) =>
      setParameters(
        (before) => {
          const after = new URLSearchParams(before);
          if (value === null) after.delete(name);
          else after.set(name, value);
          return after;
        },
        { replace: !push },
      ),
    [name, setParameters],
  );
  return [parameters.get(name), set];
}
