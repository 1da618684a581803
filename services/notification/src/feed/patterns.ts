/** Which event types somebody wants: `training.*,qa.evaluation.completed`. */
import { PUBLIC_TOPICS, TOPIC_OF_TYPE, type TopicName } from '@coachloop/contracts';
import { HttpProblem } from '@coachloop/service-kit';
import { NOTIFICATION_ERRORS } from '../errors.ts';

export const PATTERN = '^(\\*|[a-z][a-z0-9.-]*\\*?)$';

export interface Selection {
  readonly types: ReadonlySet<string>;
  readonly topics: readonly TopicName[];
}

const ALL = Object.keys(TOPIC_OF_TYPE);

export const typesOf = (pattern: string): readonly string[] =>
  pattern.endsWith('*')
    ? ALL.filter((type) => type.startsWith(pattern.slice(0, -1)))
    : ALL.filter((type) => type === pattern);

/** What this release knows of it; a pattern of a newer release that matches nothing here is passed over. */
export function selectionOf(patterns: readonly string[]): Selection {
  const types = new Set(patterns.flatMap(typesOf));
  return { types, topics: PUBLIC_TOPICS.filter((topic) => [...types].some((type) => TOPIC_OF_TYPE[type] === topic)) };
}

/** @throws HttpProblem EVENT_TYPES_UNKNOWN */
export function checkPatterns(patterns: readonly string[], pointer: string): readonly string[] {
  const unknown = patterns.find((pattern) => !new RegExp(PATTERN).test(pattern) || typesOf(pattern).length === 0);
  if (unknown === undefined && patterns.length > 0) return patterns;
  const { status, title, whatToDo } = NOTIFICATION_ERRORS.EVENT_TYPES_UNKNOWN;
  const groups = [...new Set(ALL.map((type) => `${type.split('.')[0]}.*`))].join(', ');
  const what =
    unknown === undefined ? 'No type was named' : `${JSON.stringify(unknown.slice(0, 100))} matches no event type`;
  throw new HttpProblem(status, 'EVENT_TYPES_UNKNOWN', title, `${what}. ${whatToDo} There are ${groups}.`, { pointer });
}
