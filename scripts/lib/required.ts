/** What tests may need and a machine may lack. */
export const REQUIREMENT_NAMES = ['browser', 'samples', 'kafka', 'mongo', 'prometheus'] as const;
export type RequirementName = (typeof REQUIREMENT_NAMES)[number];

const isName = (name: string): name is RequirementName => REQUIREMENT_NAMES.some((known) => known === name);

/** The names in COACHLOOP_TEST_REQUIRE, which are separated by commas. Throws on one that is none, for it would require nothing. */
export function requiredNames(required: string | undefined): RequirementName[] {
  return (required ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => {
      if (isName(name)) return name;
      throw new Error(`COACHLOOP_TEST_REQUIRE names "${name}"; it may name ${REQUIREMENT_NAMES.join(', ')}`);
    });
}
