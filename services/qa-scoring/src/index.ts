/** Public face of the service: what a composition root, the command line and the error catalogue need. */
export { type EvaluationState, evaluate, evaluationIdOf } from './domain/evaluation.ts';
export { QA_SCORING_ERRORS } from './errors.ts';
export { DEFAULT_FORMS_DIR, loadForms, loadLexicons } from './forms.ts';
export { formOf, scoreRecord } from './score-record.ts';
export { type QaScoringOptions, qaScoring } from './service.ts';
