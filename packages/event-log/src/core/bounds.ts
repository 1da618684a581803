/** What every adapter refuses before it writes anything. */
import { LogError } from '../errors.ts';
import { LOG_BOUNDS, type NewRecord } from '../port.ts';

export function assertCount(records: readonly NewRecord[]): void {
  if (records.length <= LOG_BOUNDS.append_records_max) return;
  throw new LogError(
    'LOG_BATCH_TOO_LARGE',
    `The append has ${records.length} records; ${LOG_BOUNDS.append_records_max} is the most`,
  );
}

export function assertTotal(bytes: number): void {
  if (bytes <= LOG_BOUNDS.append_bytes_max) return;
  throw new LogError(
    'LOG_BATCH_TOO_LARGE',
    `The append has ${bytes} bytes; ${LOG_BOUNDS.append_bytes_max} is the most`,
  );
}

/** Bytes of key, headers and value; throws what is wrong with them. */
export function sizeOf(record: NewRecord): number {
  const keyBytes = utf8Length(record.key);
  if (keyBytes < 0) throw invalid(record, 'its key is not well-formed Unicode');
  if (keyBytes > LOG_BOUNDS.key_bytes_max) throw tooLarge(record, 'key', keyBytes, LOG_BOUNDS.key_bytes_max);
  let headerBytes = 0;
  for (const name of Object.keys(record.headers)) {
    const nameBytes = utf8Length(name);
    if (nameBytes < 0) throw invalid(record, 'the name of a header is not well-formed Unicode');
    headerBytes += nameBytes + (record.headers[name]?.byteLength ?? 0);
  }
  if (headerBytes > LOG_BOUNDS.headers_bytes_max)
    throw tooLarge(record, 'headers', headerBytes, LOG_BOUNDS.headers_bytes_max);
  const bytes = keyBytes + headerBytes + (record.value?.byteLength ?? 0);
  if (bytes > LOG_BOUNDS.record_bytes_max) throw tooLarge(record, 'whole', bytes, LOG_BOUNDS.record_bytes_max);
  const timestampMs = record.timestampMs;
  if (timestampMs !== undefined && !(Number.isSafeInteger(timestampMs) && timestampMs >= 0)) {
    throw invalid(record, `its timestampMs is ${timestampMs}, not a whole number of milliseconds since 1970`);
  }
  return bytes;
}

/** Length in UTF-8; -1 if the text has a lone surrogate, which UTF-8 cannot carry and would change in silence. */
function utf8Length(text: string): number {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 127) return text.isWellFormed() ? Buffer.byteLength(text) : -1;
  }
  return text.length;
}

function tooLarge(record: NewRecord, part: string, bytes: number, max: number): LogError {
  return new LogError('LOG_RECORD_TOO_LARGE', `${nameOf(record)}: ${part} ${bytes} bytes; ${max} is the most`);
}

function invalid(record: NewRecord, what: string): LogError {
  return new LogError('LOG_RECORD_INVALID', `${nameOf(record)}: ${what}`);
}

function nameOf(record: NewRecord): string {
  return `A record of topic ${record.topic} with key ${JSON.stringify(record.key.slice(0, 80))}`;
}
