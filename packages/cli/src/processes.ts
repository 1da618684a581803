/** The processes of a distributed installation: what each is called, where it listens, and which paths of the API are its own. */
export interface ProcessPlace {
  readonly name: string;
  readonly port: number;
  /** Served there, and forwarded by the console. */
  readonly paths: readonly string[];
}

export const CONSOLE = 'console';

export const PROCESSES: readonly ProcessPlace[] = [
  { name: CONSOLE, port: 8080, paths: [] },
  { name: 'call-ingest', port: 8081, paths: ['/ingest'] },
  { name: 'qa-scoring', port: 8082, paths: ['/qa'] },
  { name: 'training-assignment', port: 8083, paths: ['/training'] },
  { name: 'evaluation', port: 8084, paths: ['/evaluation'] },
  { name: 'notification', port: 8085, paths: ['/notification', '/events'] },
  { name: 'live-metrics', port: 8086, paths: ['/metrics'] },
];

/** For people: `console 8080, call-ingest 8081, …` */
export const processesText = (): string => PROCESSES.map(({ name, port }) => `${name} ${port}`).join(', ');
