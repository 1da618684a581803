export { KAFKA_MEASURES, MEASURES } from './measures/index.ts';
export { pageWith, picturesOf } from './report/page.ts';
export { type Report, readReport } from './report/report.ts';
export { type Suite, suiteOf } from './suite.ts';
