/** Errors of the command line itself; what the platform answers keeps its own codes. The catalogue is made from `CLI_ERRORS`. */
export const CLI_ERRORS = {
  ARGUMENT_INVALID: { title: 'An argument cannot be used', whatToDo: 'Look at --help.' },
  CONFIG_INVALID: {
    title: 'The configuration cannot be used',
    whatToDo:
      'Correct what is named; the guide on configuration has every variable. `coachloop config` prints all values once they can be used.',
  },
  SITE_INVALID: {
    title: 'The folder with what a site decides itself cannot be used',
    whatToDo: '`coachloop site check FOLDER` says what is wrong; `coachloop site init FOLDER` makes one to begin with.',
  },
  FILE_NOT_FOUND: {
    title: 'There is no such file or folder',
    whatToDo: 'Paths are relative to the folder you are in.',
  },
  FILE_UNREADABLE: {
    title: 'A file cannot be read',
    whatToDo: 'Check its permissions, and that it is what it should be.',
  },
  NOTHING_TO_IMPORT: {
    title: 'There is nothing to import',
    whatToDo: 'Give files or folders with .json, .ndjson or .vcon.',
  },
  NOT_SCORABLE: {
    title: 'The file holds no call that can be scored',
    whatToDo: 'Give a call record (as in `call.completed`) or a vCon with a dialog.',
  },
  PORT_TAKEN: {
    title: 'The port cannot be used',
    whatToDo: 'Choose another one with --port or PORT, or stop what runs there; `coachloop doctor` says what it is.',
  },
  SERVER_UNREACHABLE: {
    title: 'No platform answers',
    whatToDo:
      'Start it with `npm start` (with a process per service: `coachloop service console`), or name another one with --url or COACHLOOP_URL.',
  },
  SERVER_BUSY: {
    title: 'The platform keeps asking to wait',
    whatToDo: 'Try again later; `coachloop doctor` may tell why.',
  },
  SERVER_OTHER: {
    title: 'What answers is not a platform that knows this command',
    whatToDo: 'Check --url, and that both are of the same release.',
  },
  STREAM_BROKEN: {
    title: 'The answer ended before its end',
    whatToDo: 'Try again; the platform may have been stopped.',
  },
  DATA_FOLDER_MISSING: {
    title: 'There is no data folder and no running platform',
    whatToDo: 'Name a folder with --data, or a running platform with --url.',
  },
  REBUILD_STALLED: {
    title: 'A rebuild does not get any further',
    whatToDo:
      'Mend what it names: the platform goes on with it by itself, and the old figures answer until then. The same command follows it again.',
  },
  DATA_FOLDER_UNUSABLE: {
    title: 'The data folder cannot be made, or not be written to',
    whatToDo: 'Choose another one with --data or COACHLOOP_DATA, or change its permissions.',
  },
  CUSTOMER_KEY_INVALID: {
    title: 'The key for customer hashes is damaged',
    whatToDo:
      'Put it back from a backup. Without one, remove the file and start again: a new key is made, under which every customer counts as new.',
  },
  TOPICS_DIFFER: {
    title: 'Topics exist with another count of partitions, which cannot be changed',
    whatToDo: 'Order by key would break with other partitions: make new topics and migrate.',
  },
  TOPIC_REPLICAS_DIFFER: {
    title: 'Topics exist with another count of replicas, which is not changed here',
    whatToDo:
      'Give the count that they have, or move them first with `kafka-reassign-partitions` of Kafka, which needs as many brokers as replicas.',
  },
  DATA_FOLDER_MOVED: {
    title: 'The data folder was moved to Kafka and MongoDB, where the services go on with it',
    whatToDo:
      'Start the services there. To go back to this folder, with what it held then, stop them for good and remove `moved.json` in it.',
  },
  MIGRATION_SOURCE_MISSING: {
    title: 'There is nothing to move in the folder',
    whatToDo: 'Name the data folder of the embedded installation with --from.',
  },
  MIGRATION_TARGET_IN_USE: {
    title: 'What is to be moved to is not empty',
    whatToDo:
      'Name a Kafka and a database without topics and documents of Coachloop; if nobody needs them, remove those topics and that database.',
  },
  MIGRATION_DONE: {
    title: 'The folder was moved there already',
    whatToDo: 'Start the services. To move it again, remove the topics and the database there first.',
  },
  MIGRATION_DIVERGED: {
    title: 'What is in the target is not a copy of what is being moved',
    whatToDo:
      'Make sure that nothing else writes there, remove the topics and the database, and run the same command again. The folder is as it was.',
  },
  MIGRATION_BACKLOG: {
    title: 'Records have not been handled yet that Kafka would drop for their age',
    whatToDo:
      'Start the platform on the folder until `coachloop digest` says nothing of unhandled events; then stop it, and move.',
  },
  GROUP_UNKNOWN: {
    title: 'A consumer group has no place in a topic',
    whatToDo:
      'Check both names: groups of services are called like them. A group without a place begins with the first record.',
  },
  LETTER_CHOICE: { title: 'Which dead letters is not clear', whatToDo: 'Give one id, or --aggregate, or --all.' },
} as const;

export type CliErrorCode = keyof typeof CLI_ERRORS;

/** `detail` names the input; the way out is added. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  constructor(code: CliErrorCode, detail: string, options?: ErrorOptions) {
    super(`${detail} ${CLI_ERRORS[code].whatToDo}`, options);
    this.code = code;
  }
}
