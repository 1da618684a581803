/** Sums per question, competency and queue → rows. Order is total and of code units, so that equal figures give equal rows. */
import type { Criterion, Reading } from '@coachloop/contracts';
import { type Bag, partsOf } from './bag.ts';
import { percent, rounded, serviceLevel, UNKNOWN } from './readings.ts';

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** All names of one kind, grouped by their parts but the last. */
function grouped(bag: Bag, kind: string): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const groups = new Map<string, Map<string, number>>();
  for (const [name, value] of Object.entries(bag)) {
    if (!name.startsWith(`${kind}|`)) continue;
    const cut = name.lastIndexOf('|');
    const group = groups.get(name.slice(0, cut)) ?? new Map<string, number>();
    groups.set(name.slice(0, cut), group.set(name.slice(cut + 1), value));
  }
  return groups;
}

/** Weakest first: the highest share of no; between equals the one that was answered more often. */
export function criteriaOf(bag: Bag): readonly Criterion[] {
  const rows = [...grouped(bag, 'question')].map(([name, counts]): Criterion => {
    const [, questionId = '', competency = '', critical = ''] = partsOf(name);
    const [yes, no, na] = [counts.get('yes') ?? 0, counts.get('no') ?? 0, counts.get('na') ?? 0];
    const { value: failPercent } = percent(no, yes + no);
    return { questionId, competency, critical: critical !== '', yes, no, na, failPercent };
  });
  return rows
    .filter(({ yes, no, na }) => yes + no + na > 0)
    .sort(
      (a, b) =>
        (b.failPercent ?? -1) - (a.failPercent ?? -1) ||
        b.yes + b.no - (a.yes + a.no) ||
        byText(a.questionId, b.questionId) ||
        byText(a.competency, b.competency),
    );
}

const mean = (counts: ReadonlyMap<string, number>): Reading => {
  const n = counts.get('n') ?? 0;
  return n > 0 ? { value: rounded((counts.get('sum') ?? 0) / n / 100), n } : UNKNOWN;
};

/** Weakest first. */
export const competenciesOf = (bag: Bag) =>
  [...grouped(bag, 'competency')]
    .map(([name, counts]) => {
      const { value, n } = mean(counts);
      return { competency: partsOf(name)[1] ?? '', mean: value, n };
    })
    .filter(({ n }) => n > 0)
    .sort((a, b) => (a.mean ?? 101) - (b.mean ?? 101) || byText(a.competency, b.competency));

/** Most calls first. */
export function queuesOf(bag: Bag, serviceLevelSeconds: number) {
  const scores = new Map(
    [...grouped(bag, 'queue')].flatMap(([name, counts]) => {
      const [, queue = '', part] = partsOf(name);
      return part === 'score' ? [[queue, mean(counts)] as const] : [];
    }),
  );
  return [...grouped(bag, 'queue')]
    .flatMap(([name, counts]) => {
      const [, queue = '', part] = partsOf(name);
      if (part !== undefined) return [];
      const countOf = (what: string) => counts.get(what) ?? 0;
      return {
        queue,
        calls: countOf('calls'),
        abandoned: countOf('abandoned'),
        serviceLevel: serviceLevel(countOf, serviceLevelSeconds).value,
        evaluations: countOf('evaluations'),
        meanScore: scores.get(queue)?.value ?? null,
      };
    })
    .filter(({ calls, abandoned, evaluations }) => calls + abandoned + evaluations > 0)
    .sort((a, b) => b.calls - a.calls || byText(a.queue, b.queue));
}
