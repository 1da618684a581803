export type { IngestPolicy } from './domain/policy.ts';
export { CALL_INGEST_ERRORS, type CallIngestErrorCode } from './errors.ts';
export { type CallIngestOptions, DEFAULT_OPTIONS, type IngestBounds } from './options.ts';
export { DEFAULT_VCON_SOURCE, recordsOfVcon, type VconRecords } from './records.ts';
export { callIngest } from './service.ts';
