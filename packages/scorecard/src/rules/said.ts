/** What was measured, in words of the call's own language: evidence is read beside what was said. */
import type { CallView } from '../view.ts';

const isChinese = ({ language }: CallView): boolean => language?.toLowerCase().startsWith('zh') ?? false;

const secondsOf = (ms: number): number => Math.round(ms / 100) / 10;

export const saidSilence = (view: CallView, ms: number): string =>
  isChinese(view) ? `静默 ${secondsOf(ms)} 秒` : `silence of ${secondsOf(ms)} s`;

/** @param ms of the hold; undefined: it has no end */
export function saidHold(view: CallView, ms: number | undefined): string {
  if (isChinese(view)) return ms === undefined ? '保持前未告知' : `保持 ${secondsOf(ms)} 秒，未事先告知`;
  return `hold${ms === undefined ? '' : ` of ${secondsOf(ms)} s`}, not announced`;
}

export const saidRing = (view: CallView, rangSeconds: number, rings: number, limitSeconds: number): string =>
  isChinese(view)
    ? `振铃 ${rangSeconds} 秒，${rings} 声为 ${limitSeconds} 秒`
    : `rang ${rangSeconds} s, ${rings} rings are ${limitSeconds} s`;

export function saidRate(view: CallView, rate: number, unit: 'words' | 'chars', min: number, max: number): string {
  if (isChinese(view)) return `每分钟 ${rate} ${unit === 'words' ? '词' : '字'}（${min} 至 ${max}）`;
  return `${rate} ${unit} a minute (${min} to ${max})`;
}
