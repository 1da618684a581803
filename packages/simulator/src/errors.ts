/** What can be wrong with what a person hands to the simulator. Codes are stable; the text names the input and the way out. */
export const SIMULATOR_ERRORS = {
  SIM_FILE_UNREADABLE: {
    title: 'A file for the simulator is not readable YAML',
    whatToDo: 'Mend the YAML at the line named; the defaults in packages/simulator are a valid example.',
  },
  SIM_CONFIG_INVALID: {
    title: 'The configuration of the simulator does not fit',
    whatToDo: 'Mend the field named; packages/simulator/config/default.yaml explains each one.',
  },
  SIM_PHRASES_INVALID: {
    title: 'A phrase file does not fit',
    whatToDo: 'Mend the place named; packages/simulator/phrases/en.yaml shows every list and slot.',
  },
  SIM_ARGUMENT_INVALID: {
    title: 'An argument of the simulator does not fit',
    whatToDo: 'Use a value within the range that the message names.',
  },
  SIM_AGENT_UNKNOWN: {
    title: 'The simulated centre has no such agent',
    whatToDo: 'Use one of centre.agents.',
  },
} as const;

export type SimulatorErrorCode = keyof typeof SIMULATOR_ERRORS;

export class SimulatorError extends Error {
  override readonly name = 'SimulatorError';
  readonly code: SimulatorErrorCode;
  /** JSON pointer into the file or the arguments, '' where the whole is to blame. */
  readonly pointer: string;
  constructor(code: SimulatorErrorCode, message: string, pointer = '') {
    super(message);
    this.code = code;
    this.pointer = pointer;
  }
}
