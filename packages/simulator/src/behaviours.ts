/** What a listener can hear an agent do, or not do, in one call. The names are positive: true is good. */
export const BEHAVIOURS = [
  'answers-promptly',
  'greets',
  'closes',
  'asks-satisfaction',
  'stays-polite',
  'avoids-dispute',
  'uses-courtesy',
  'verifies-identity',
  'asks-clarifying',
  'restates-need',
  'offers-solution',
  'empathises',
  'commits-follow-up',
  'announces-hold',
  'avoids-silence',
  'avoids-talk-over',
  'keeps-pace',
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

export const COMPETENCIES = [
  'opening-closing',
  'service-attitude',
  'identity-verification',
  'needs-analysis',
  'problem-solving',
  'complaint-handling',
  'call-control',
] as const;
export type Competency = (typeof COMPETENCIES)[number];

export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Absent: this call gave no occasion for it (no hold, no complaint, a chat without sound). */
export type Shown = Readonly<Partial<Record<Behaviour, boolean>>>;

/** What a call must be for a behaviour to have an occasion. */
export interface Occasion {
  readonly channel: 'voice' | 'chat';
  readonly complaint: boolean;
  readonly hold: boolean;
}

const VOICE_ONLY: ReadonlySet<Behaviour> = new Set([
  'answers-promptly',
  'avoids-silence',
  'avoids-talk-over',
  'keeps-pace',
]);

export function hasOccasion(behaviour: Behaviour, call: Occasion): boolean {
  if (VOICE_ONLY.has(behaviour)) return call.channel === 'voice';
  if (behaviour === 'announces-hold') return call.hold;
  if (behaviour === 'empathises' || behaviour === 'commits-follow-up') return call.complaint;
  return true;
}

export interface Difficulty {
  /** 0..1: how often lacking the competency shows in this behaviour: few agents swear, however bad their manner. */
  readonly difficulty: number;
  /** It is a fixed step of the script, or plain decency: who masters it never slips. Absent: like any other. */
  readonly scripted?: boolean;
}

/** Chance that an agent of a level (0..1) does it. `noise` is the share of times that a good one slips and a bad one gets lucky. */
export function chanceShown(level: number, { difficulty, scripted = false }: Difficulty, noise: number): number {
  const lacking = scripted ? (1 - level) ** 3 : (1 - level) * (1 - noise) + level * noise;
  return 1 - difficulty * lacking;
}
