/** Arguments as numbers, with a message that names the bounds. */
import { InvalidArgumentError } from 'commander';

export const whole =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= min && value <= max && text.trim() !== '') return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

/** How many a second; `max`: as fast as they are taken. */
export type Rate = number | 'max';

const perSecond =
  (what: string) =>
  (text: string): Rate => {
    if (text === 'max') return text;
    const value = Number(text.replace(/\/s$/, ''));
    if (value > 0 && value <= 1_000_000) return value;
    throw new InvalidArgumentError(`It must be ${what} per second, e.g. 50, or max.`);
  };

export const rate = perSecond('calls');
export const lettersPerSecond = perSecond('letters');
