/** What the process of services takes from its settings, beyond single values: the same for `service` and for `config SERVICE`. */
import type { Forwarded } from '@coachloop/service-kit';
import { CliError } from '../errors.ts';
import { CONSOLE, PROCESSES } from '../processes.ts';
import { readSite, type Site } from '../site/read.ts';
import { type KafkaSettings, kafkaOf, mongoUriOf } from './connections.ts';
import type { Settings } from './settings.ts';

export interface Needs {
  /** Empty where none is needed. */
  readonly customerKey: string;
  readonly site: Site;
  readonly kafka: KafkaSettings;
  readonly mongoUri: string;
  /** The services of other processes. */
  readonly elsewhere: readonly Forwarded[];
}

/** `names`: the services of the process. Opens nothing. @throws CliError CONFIG_INVALID; what `readSite` throws */
export function needsOf(names: ReadonlySet<string>, settings: Settings): Needs {
  const customerKey = settings.COACHLOOP_CUSTOMER_KEY ?? '';
  if (names.has('call-ingest') && customerKey === '')
    throw new CliError(
      'CONFIG_INVALID',
      'call-ingest needs COACHLOOP_CUSTOMER_KEY (or …_FILE): 64 hexadecimal digits, kept for ever.',
    );
  return {
    customerKey,
    site: readSite(settings.COACHLOOP_SITE),
    kafka: kafkaOf(settings),
    mongoUri: mongoUriOf(settings),
    elsewhere: forwarded(settings).filter(({ name }) => !names.has(name)),
  };
}

/** Where each service answers, as COACHLOOP_SERVICES says, else on this machine. @throws CliError CONFIG_INVALID */
function forwarded({ COACHLOOP_SERVICES: given }: Settings): readonly Forwarded[] {
  const places = PROCESSES.filter(({ name }) => name !== CONSOLE);
  const named = new Map(
    (given ?? '').split(',').flatMap((pair) => {
      const [name = '', ...url] = pair.split('=');
      return name === '' ? [] : [[name, url.join('=').replace(/\/+$/, '')] as const];
    }),
  );
  const unknown = [...named.keys()].find((name) => !places.some((place) => place.name === name));
  if (unknown !== undefined)
    throw new CliError(
      'CONFIG_INVALID',
      `COACHLOOP_SERVICES names ${JSON.stringify(unknown)}; there are ${places.map(({ name }) => name).join(', ')}.`,
    );
  return places.map(({ name, port, paths }) => ({ name, url: named.get(name) ?? `http://127.0.0.1:${port}`, paths }));
}
