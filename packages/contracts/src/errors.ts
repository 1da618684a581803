/** What can be wrong with an event that comes from outside. Codes are stable; the error catalogue is made from this table. */
interface Entry {
  /** HTTP status where it is about a whole request, or about its only event. */
  readonly status: number;
  readonly title: string;
  readonly whatToDo: string;
}

export const CONTRACT_ERRORS = {
  EVENT_CONTENT_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'The content type is none that events come in',
    whatToDo:
      'Send application/cloudevents+json, application/cloudevents-batch+json, or JSON with the attributes as ce- headers; UTF-8.',
  },
  EVENT_BODY_TOO_LARGE: {
    status: 413,
    title: 'The body is larger than the bound',
    whatToDo: 'Send smaller batches; a transcript may be sent in segments.',
  },
  EVENT_BODY_NOT_UTF8: { status: 400, title: 'The body is not UTF-8', whatToDo: 'Encode the JSON as UTF-8.' },
  EVENT_BODY_NOT_JSON: { status: 400, title: 'The body is not JSON', whatToDo: 'Correct it at the place named.' },
  EVENT_BODY_TOO_DEEP: {
    status: 400,
    title: 'Objects and lists are nested too deeply',
    whatToDo: 'Flatten the data; 64 levels are allowed, the event itself counted.',
  },
  EVENT_BATCH_NOT_ARRAY: {
    status: 400,
    title: 'A batch must be a JSON array of events',
    whatToDo: 'Put the events into [ ], or send one event as application/cloudevents+json.',
  },
  EVENT_BATCH_TOO_LARGE: {
    status: 413,
    title: 'A batch has more events than the bound',
    whatToDo: 'Split it into several requests.',
  },
  EVENT_NOT_OBJECT: { status: 400, title: 'An event must be a JSON object', whatToDo: 'Send one object per event.' },
  EVENT_SPECVERSION_UNKNOWN: {
    status: 400,
    title: 'Only CloudEvents 1.0 is known',
    whatToDo: 'Set specversion to "1.0".',
  },
  EVENT_ATTRIBUTE_MISSING: {
    status: 400,
    title: 'A required attribute is missing',
    whatToDo: 'Every event has specversion, id, source and type.',
  },
  EVENT_ATTRIBUTE_INVALID: {
    status: 400,
    title: 'An attribute has a value that is not allowed',
    whatToDo: 'Attributes are short texts without control characters, whole numbers or booleans; keep the bound named.',
  },
  EVENT_ATTRIBUTE_NAME_INVALID: {
    status: 400,
    title: 'An attribute has a name that is not allowed',
    whatToDo: 'Names are lower-case ASCII letters and digits; put everything else into data.',
  },
  EVENT_ATTRIBUTES_TOO_MANY: {
    status: 400,
    title: 'The event has more attributes than the bound',
    whatToDo: 'Put what is not needed for routing into data.',
  },
  EVENT_HEADER_INVALID: {
    status: 400,
    title: 'A header cannot be decoded',
    whatToDo: 'Percent-encode what is not printable ASCII as UTF-8, and send each attribute once.',
  },
  EVENT_DATA_TWICE: {
    status: 400,
    title: 'The event has both data and data_base64',
    whatToDo: 'Send one of the two.',
  },
  EVENT_DATA_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'The data is not JSON',
    whatToDo: 'Set datacontenttype to application/json, and send JSON.',
  },
  EVENT_DATA_UNREADABLE: {
    status: 400,
    title: 'The data cannot be decoded',
    whatToDo: 'data_base64 must be the Base64 of JSON in UTF-8.',
  },
  EVENT_NUMBER_TOO_LARGE: {
    status: 400,
    title: 'A number is too large to be kept',
    whatToDo: 'Numbers are IEEE doubles; send larger ones as text.',
  },
  EVENT_TEXT_INVALID: {
    status: 400,
    title: 'A text has half a surrogate pair and so cannot be written as UTF-8',
    whatToDo: 'Cut texts between characters, not within one.',
  },
  EVENT_NAME_INVALID: {
    status: 400,
    title: 'A field has a name that cannot be stored',
    whatToDo: 'Names of fields are well-formed Unicode without U+0000.',
  },
  EVENT_TIME_INVALID: {
    status: 400,
    title: 'The time is not RFC 3339',
    whatToDo: 'Send e.g. 2026-05-04T09:30:00Z, with the zone or offset.',
  },
  EVENT_TIME_ANCIENT: {
    status: 422,
    title: 'The time is before the year 2000',
    whatToDo: 'Correct the clock of the source; a zero is often meant as "unknown": then leave the time out.',
  },
  EVENT_TIME_FUTURE: {
    status: 422,
    title: 'The time is more than a day ahead',
    whatToDo: 'Correct the clock of the source, or send it when it has happened.',
  },
} as const satisfies Record<string, Entry>;

export type ContractErrorCode = keyof typeof CONTRACT_ERRORS;

/** A value, not an exception: one bad event of a batch must not stop its siblings. */
export interface EventFault {
  readonly code: ContractErrorCode;
  /** What was wrong here, for a person; names the field, not its content. */
  readonly message: string;
  /** JSON pointer into the event, whatever mode it came in: `/id`, `/data/segments/3/text`; '' is the whole. */
  readonly pointer: string;
}

export const eventFault = (code: ContractErrorCode, pointer: string, message: string): EventFault => ({
  code,
  message,
  pointer,
});
