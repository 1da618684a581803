// docs/configuration.md: every variable with what it takes, its default and its meaning, from the schema that processes read by.
import { allowed } from '../../packages/cli/src/config/read.ts';
import { GROUPS, type Group, metaOf, SETTING_NAMES, type SettingName } from '../../packages/cli/src/config/settings.ts';

const INTRO = `# Configuration

<!-- Made by \`npm run docs\` from packages/cli/src/config/settings.ts. -->

Everything comes from the environment; an option of a command wins over it. \`coachloop config\` prints each value and where it came from, secrets hidden. A variable that is set to nothing is not set.
A variable that begins with \`COACHLOOP_\`, \`KAFKA_\` or \`MONGODB_\` and is not known, or has a value that it cannot have, keeps a process from starting: the message names it, and what was probably meant.
True and false may also be written as 1 and 0.
A secret may also be given as the name of a file, in the variable with \`_FILE\` after its name.`;

const OUTRO = `## Telemetry

\`OTEL_EXPORTER_OTLP_ENDPOINT\` (or \`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT\`), \`OTEL_SERVICE_NAME\` and \`OTEL_BSP_MAX_QUEUE_SIZE\` are OpenTelemetry's own: see [telemetry](operating.md#telemetry).
What tests and development read besides stands in [contributing](../CONTRIBUTING.md#variables).
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

function row(name: SettingName): string {
  const { option, secret, description, default: value, defaultText } = metaOf(name);
  const names = `\`${name}\`${secret ? ' (secret)' : ''}`;
  const byDefault = defaultText ?? (value === undefined ? '' : `\`${value}\``);
  const cells = [names, option === undefined ? '' : `\`${option}\``, byDefault, allowed(name), description];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function section(group: Group): string {
  const rows = SETTING_NAMES.filter((name) => metaOf(name).group === group).map(row);
  const head = '| variable | option | default | takes | meaning |\n|---|---|---|---|---|';
  return `## ${GROUPS[group].replaceAll('`', '')}\n\n${head}\n${rows.join('\n')}`;
}

export const renderSettings = (): string => {
  const groups = (Object.keys(GROUPS) as Group[]).filter((group) =>
    SETTING_NAMES.some((name) => metaOf(name).group === group),
  );
  return `${[INTRO, ...groups.map(section), OUTRO].join('\n\n')}`;
};
