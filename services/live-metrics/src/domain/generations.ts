/**
 * The aggregate `live-generation` (one document): which generation of the projections is read, which is being built, and which
 * wait to be removed. Moving the pointer is one guarded write: reads switch at once and for good.
 */
import type { Decision, Message } from '@coachloop/contracts';

export interface Building {
  readonly generation: number;
  readonly requestedAt: string;
}

export interface Generations {
  readonly active: number;
  readonly building: Building | null;
  /** Stopped, or about to be; their documents and group are still there. */
  readonly retired: readonly number[];
  readonly last: (Building & { readonly finishedAt: string }) | null;
}

export const FIRST_GENERATION: Generations = { active: 1, building: null, retired: [], last: null };

export const GENERATION_COMMANDS = { build: 'build', show: 'show', forget: 'forget' } as const;

const iso = (ms: number): string => new Date(ms).toISOString();

const decided = (state: Generations): Decision<Generations> => ({
  state,
  events: [],
  wakeAt: null,
  reply: { building: state.building?.generation ?? null },
});

/** Whatever has happened already, or was overtaken, changes nothing: every instance may say it. */
export function handleGenerations(state: Generations, message: Message, now: number): Decision<Generations> {
  const { generation } = message.data as { generation?: number };
  switch (message.type) {
    case GENERATION_COMMANDS.build: {
      if (state.building !== null) return decided(state);
      const next = Math.max(state.active, ...state.retired) + 1;
      return decided({ ...state, building: { generation: next, requestedAt: iso(now) } });
    }
    case GENERATION_COMMANDS.show: {
      const { building, active, retired } = state;
      if (building === null || building.generation !== generation) return decided(state);
      const last = { ...building, finishedAt: iso(now) };
      return decided({ ...state, active: building.generation, building: null, retired: [...retired, active], last });
    }
    case GENERATION_COMMANDS.forget:
      return decided({ ...state, retired: state.retired.filter((old) => old !== generation) });
    default:
      return decided(state);
  }
}
