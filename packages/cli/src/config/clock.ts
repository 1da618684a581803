/** The clock that the settings ask for: the machine's, unless a trial moves it or lets it run. */
import { clockBy } from '@coachloop/service-kit';
import type { Settings } from './settings.ts';

export const clockOf = (settings: Settings) =>
  clockBy({
    offsetMs: settings.COACHLOOP_CLOCK_OFFSET_MS,
    speed: settings.COACHLOOP_CLOCK_SPEED,
    startMs: settings.COACHLOOP_CLOCK_START === undefined ? 0 : Date.parse(settings.COACHLOOP_CLOCK_START),
  });
