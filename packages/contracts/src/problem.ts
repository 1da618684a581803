/** RFC 9457 problem details: every HTTP error of every service has this shape. */
import { type Static, Type } from 'typebox';
import { maybe, Shape } from './schema.ts';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

export const Problem = Shape({
  type: Type.String({ description: 'Link to the error in the catalogue' }),
  title: Type.String({ description: 'What is wrong, the same for each occurrence' }),
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  code: Type.String({ description: 'Stable code' }),
  detail: maybe(Type.String({ description: 'What was wrong here, and what to do' })),
  instance: maybe(Type.String()),
  pointer: maybe(Type.String({ description: 'JSON pointer to the field to blame' })),
});
export type Problem = Static<typeof Problem>;
