/** The scoring engine: forms in, answers with evidence out. Pure, and of use without the rest of the platform. */
export { fingerprintOf, type ScoredCall, scoredPartOf } from './call.ts';
export { FormError, SCORECARD_ERRORS, type ScorecardErrorCode } from './errors.ts';
export type { Finding } from './finding.ts';
export { type CompiledForm, type CompiledQuestion, compileForm } from './form/compile.ts';
export { parseForm, parseLexicon } from './form/load.ts';
export { type Rule, RuleSchema } from './form/rule-schema.ts';
export { type Form, FormSchema, type Lexicon, LexiconSchema, type Question } from './form/schema.ts';
export { languageOf } from './language.ts';
export { formFor, publishedForm } from './published.ts';
export { SCORER, type ScoreResult, score, totalsOf } from './score.ts';
export { type Speakers, speakersOf } from './speakers.ts';
