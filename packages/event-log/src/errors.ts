/** What can go wrong, for the error catalogue of the docs: what it means and what to do about it. */
export const LOG_ERRORS = {
  LOG_BATCH_TOO_LARGE: {
    summary: 'One append holds more records or bytes than the log takes at once. Nothing was written.',
    whatToDo: 'Append in smaller batches; the bounds are in LOG_BOUNDS.',
  },
  LOG_RECORD_TOO_LARGE: {
    summary: 'A record, its key or its headers are larger than the log takes. Nothing of the batch was written.',
    whatToDo: 'Send large payloads by reference, or shorten the key or headers; the bounds are in LOG_BOUNDS.',
  },
  LOG_RECORD_INVALID: {
    summary: 'A record cannot be stored as given: a text is not well-formed Unicode, or a time is not a whole number.',
    whatToDo: 'Correct the field that the message names.',
  },
  LOG_TOPIC_UNKNOWN: {
    summary: 'The topic, or the partition of it, does not exist.',
    whatToDo: 'Make topics before use (on Kafka: `coachloop topics apply`), and check the spelling.',
  },
  LOG_TOPIC_INVALID: {
    summary: 'The name, the count of partitions or the retention of a topic is not allowed.',
    whatToDo: 'Use a name of a-z, 0-9, dot, dash and underscore (100 at most), and 1 to 256 partitions.',
  },
  LOG_TOPIC_PARTITIONS_DIFFER: {
    summary: 'The topic exists with another count of partitions, and that never changes: order by key would break.',
    whatToDo: 'Keep the old count, or make a new topic and migrate.',
  },
  LOG_TOPIC_SETTINGS_DIFFER: {
    summary: 'A topic of the brokers has settings with which records would be refused, lost or unreadable.',
    whatToDo: 'Run `coachloop topics apply`, which shows the difference with `--dry-run`, and start again.',
  },
  LOG_TOPIC_BOUND_TOO_SMALL: {
    summary:
      'The brokers refuse a batch that is within our bounds: `max.message.bytes` of the topic, or `message.max.bytes` of the brokers, is below 1,048,588, or a segment is smaller.',
    whatToDo:
      'Run `coachloop topics apply`, which sets `max.message.bytes`. Nothing is lost: what was refused is kept and sent again.',
  },
  LOG_OFFSET_OUT_OF_RANGE: {
    summary:
      'The offset is not between the first and the next offset of its partition: retention dropped it, or it never was.',
    whatToDo:
      'What retention dropped is gone. A group on Kafka is set to what is kept by `coachloop offsets reset GROUP --topic TOPIC --to first`; a reader begins within the range that watermarks() tells.',
  },
  LOG_GROUP_ACTIVE: {
    summary: 'The group has running members, so its offsets cannot be set or deleted.',
    whatToDo: 'Stop all consumers of the group first.',
  },
  LOG_OVERLOADED: {
    summary: 'More is waiting to be written than the queue holds. Nothing of this append was written.',
    whatToDo: 'Wait a little and append again; refuse new work meanwhile.',
  },
  LOG_UNAVAILABLE: {
    summary:
      'The log cannot be reached, or its answer is lost. Of an append it is not known what was written: append all of it again.',
    whatToDo: 'Check that the log runs and can be reached from here, then try again.',
  },
  LOG_ACCESS_DENIED: {
    summary: 'The brokers do not know the user or the password, take no such logins, or do not let the user do this.',
    whatToDo:
      'Correct KAFKA_SASL_… (leave it away where the brokers take no logins), or give the user what it needs on topics and groups.',
  },
  LOG_CLOSED: { summary: 'The log was closed.', whatToDo: 'Open it again; do not use a log after close().' },
  LOG_LOCKED: {
    summary: 'Another process, or another part of this one, has the data folder open.',
    whatToDo: 'Stop the other process, talk to it over HTTP, or use another data folder.',
  },
  LOG_DISK_FULL: {
    summary: 'The disk or its quota is full. Nothing that was acknowledged is lost; the log stopped.',
    whatToDo: 'Make space and start again; what was not acknowledged must be sent again.',
  },
  LOG_DISK_FAILED: {
    summary: 'The system reported an error when reading or writing the file. The log stopped.',
    whatToDo: 'Check the disk, the mount and the permissions of the folder, then start again.',
  },
  LOG_CORRUPT: {
    summary: 'The file is damaged, or it is not an event log. The log stopped.',
    whatToDo: 'Keep a copy of the folder, check the disk, and restore the folder from a backup.',
  },
  LOG_FORMAT_UNKNOWN: {
    summary: 'The file was written by a newer release.',
    whatToDo: 'Start with that release or a newer one.',
  },
} as const satisfies Record<string, { readonly summary: string; readonly whatToDo: string }>;

export type LogErrorCode = keyof typeof LOG_ERRORS;

/** Every error that the log throws. `message` is what happened to which input, then the way out. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;
  readonly what: string;

  constructor(code: LogErrorCode, what: string, options?: ErrorOptions) {
    super(`${what}. ${LOG_ERRORS[code].whatToDo}`, options);
    this.code = code;
    this.what = what;
  }
}

export function isLogError(error: unknown, code?: LogErrorCode): error is LogError {
  return error instanceof LogError && (code === undefined || error.code === code);
}
