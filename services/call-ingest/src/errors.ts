/** What call-ingest answers with over HTTP, in a list of rejected items, or in a dead letter, besides the codes of the contracts (EVENT_…). */
export const CALL_INGEST_ERRORS = {
  INGEST_TOO_MANY_ITEMS: {
    status: 413,
    title: 'There are too many items in one request',
    whatToDo: 'Send at most 1,000 items per request.',
  },
  INGEST_MEDIA_TYPE: {
    status: 415,
    title: 'The content type is not one that is read here',
    whatToDo: 'Set Content-Type to one of those that the message names.',
  },
  INGEST_NOTHING_ACCEPTED: {
    status: 400,
    title: 'Nothing of the request could be accepted',
    whatToDo: 'Correct each item as `rejected` says, and send them again.',
  },
  CALL_QUERY_INVALID: {
    status: 400,
    title: 'These filters of calls do not go together',
    whatToDo: 'Give `source` and `sourceCallId` both, and without other filters: they name one call.',
  },
  EVENT_TYPE_UNKNOWN: {
    status: 422,
    title: 'The event has a type that is not known here',
    whatToDo: 'Use a type of the topic call-intake; see the AsyncAPI document.',
  },
  EVENT_DATA_INVALID: {
    status: 422,
    title: 'The data of the event does not fit its type',
    whatToDo: 'Correct the field that the pointer names.',
  },
  AGENT_ID_BLANK: {
    status: 422,
    title: 'The id of the agent is blank',
    whatToDo: "Send the platform's id of the agent; leave agent states of nobody out.",
  },
  CALL_TOO_MANY_STEPS: {
    status: 422,
    title: 'The call has too many steps',
    whatToDo: 'A call with a thousand steps is a loop in the platform; end it there.',
  },
  CALL_TOO_MANY_HOLDS: {
    status: 422,
    title: 'The call has too many holds',
    whatToDo: 'Check why the platform holds a call so often; the call goes on without this one.',
  },
  CALL_TOO_MANY_AGENTS: {
    status: 422,
    title: 'The call names too many agents',
    whatToDo: 'Check whether one call id is used for several calls.',
  },
  CALL_TOO_MANY_SEGMENTS: {
    status: 422,
    title: 'The transcript has too many segments',
    whatToDo: 'Join utterances of one speaker before sending; 5,000 is the bound.',
  },
  CALL_TRANSCRIPT_TOO_LONG: {
    status: 422,
    title: 'The transcript is too long',
    whatToDo: 'Send at most 600,000 characters per call, about ten hours of speech.',
  },
  VCON_NOT_AN_OBJECT: { status: 422, title: 'A vCon is a JSON object', whatToDo: 'Send the vCon itself.' },
  VCON_ENCRYPTED: { status: 422, title: 'The vCon is encrypted', whatToDo: 'Decrypt it before the import.' },
  VCON_SIGNED_UNREADABLE: {
    status: 422,
    title: 'The payload of the signed vCon cannot be read',
    whatToDo: 'Send JWS in JSON serialization with an unsigned vCon as payload, or the unsigned vCon.',
  },
  VCON_NO_DIALOG: {
    status: 422,
    title: 'The vCon has no dialog',
    whatToDo: 'Send vCons that hold a conversation; groups and redirections hold none.',
  },
  VCON_NO_TIME: {
    status: 422,
    title: 'The dialog has no readable time',
    whatToDo: 'Give dialog.start or created_at in RFC 3339.',
  },
  VCON_DIALOG_TYPE_UNKNOWN: {
    status: 422,
    title: 'The type of a dialog is not known',
    whatToDo: 'Use recording, text, transfer or incomplete.',
  },
  VCON_DIALOG_EMPTY: {
    status: 422,
    title: 'A dialog has no words',
    whatToDo: 'Put the text into its body, or a transcript into analysis.',
  },
  VCON_CONTENT_ELSEWHERE: {
    status: 422,
    title: 'The words of a dialog are at a URL',
    whatToDo: 'Put the text into its body; URLs are not fetched.',
  },
  VCON_NO_CONVERSATION: {
    status: 422,
    title: 'An incomplete dialog holds no conversation',
    whatToDo: 'Nothing, unless it was one: then give its recording or text.',
  },
  VCON_TOO_MANY_CALLS: {
    status: 422,
    title: 'The vCon holds too many calls',
    whatToDo: 'Split it; 200 calls per vCon is the bound.',
  },
  VCON_TOO_MANY_PARTS: {
    status: 422,
    title: 'The vCon has too many parts',
    whatToDo:
      'Split it; 5,000 dialogs, 1,000 analyses, 1,000 attachments, 1,000 transfers and 200 parties per vCon are the bounds.',
  },
  VCON_TRANSCRIPT_SHARED: {
    status: 422,
    title: 'One transcript is given for too many recordings',
    whatToDo: 'Give each recording a transcript of its own; at most 10 may share one.',
  },
  VCON_CALL_INVALID: {
    status: 422,
    title: 'A call of the vCon breaks a bound',
    whatToDo: 'Correct what the reason names; ids and names have 200 characters at most.',
  },
} as const satisfies Record<string, { readonly status: number; readonly title: string; readonly whatToDo: string }>;

export type CallIngestErrorCode = keyof typeof CALL_INGEST_ERRORS;

/** Worth knowing, but no reason to refuse: they come in the list of warnings. */
export const CALL_INGEST_WARNINGS = {
  VCON_TIME_WITHOUT_OFFSET: {
    title: 'A time of the vCon has no offset; UTC was assumed',
    whatToDo: 'Write times as RFC 3339 with an offset, e.g. 2026-05-04T09:30:00+08:00.',
  },
  VCON_SIGNATURE_NOT_CHECKED: {
    title: 'The vCon is signed, and the signature was not checked',
    whatToDo: 'Check it before the import where that matters.',
  },
} as const;
