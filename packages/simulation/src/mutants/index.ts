import { KERNEL_MUTANTS } from './kernel.ts';
import type { Mutant } from './mutant.ts';
import { OUTPUT_MUTANTS } from './outputs.ts';

export { install } from './mutant.ts';

export const MUTANTS: readonly Mutant[] = [...KERNEL_MUTANTS, ...OUTPUT_MUTANTS];

/** @throws Error */
export function mutantNamed(name: string): Mutant {
  const found = MUTANTS.find((mutant) => mutant.name === name);
  if (!found)
    throw new Error(`There is no mutant ${name}; there are ${MUTANTS.map((mutant) => mutant.name).join(', ')}.`);
  return found;
}
