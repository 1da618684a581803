/** The shape of a scorecard form, as written in YAML. A published version never changes: a change is a new version. */
import { BOUNDS } from '@coachloop/contracts';
import { type Static, Type } from 'typebox';
import { RuleSchema } from './rule-schema.ts';

const CLOSED = { additionalProperties: false } as const;
const Name = Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$', description: 'Stable id: lower case, digits, hyphens' });
const Words = Type.String({ minLength: 1, maxLength: BOUNDS.label_chars_max });

export const Phrases = Type.Array(Type.String({ minLength: 1, maxLength: 800 }), { minItems: 1, maxItems: 400 });
export const PhraseSetsSchema = Type.Record(Type.String({ pattern: '^[a-zA-Z][\\w-]{0,63}$' }), Phrases);

export const Title = Type.Object({ en: Words, zh: Words }, CLOSED);

export const Question = Type.Object(
  {
    id: Name,
    title: Title,
    competency: Name,
    weight: Type.Number({
      minimum: 0,
      maximum: 1000,
      description: 'Share within its section; 0: asked but not counted',
    }),
    critical: Type.Optional(Type.Boolean({ description: 'Counts to the critical score; default false' })),
    autoFail: Type.Optional(Type.Boolean({ description: 'A no fails the form; default false' })),
    when: Type.Optional(RuleSchema),
    rule: RuleSchema,
  },
  CLOSED,
);

export const Section = Type.Object(
  {
    id: Name,
    title: Title,
    weight: Type.Number({ exclusiveMinimum: 0, maximum: 1000, description: 'Share of the form' }),
    questions: Type.Array(Question, { minItems: 1, maxItems: 100 }),
  },
  CLOSED,
);

export const FormSchema = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z][a-z0-9.-]{0,63}$' }),
    version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    title: Title,
    languages: Type.Array(Type.String({ pattern: '^(any|[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3})$' }), {
      minItems: 1,
      maxItems: 50,
      description: 'BCP 47; `any`: for calls in a language that no other form knows',
    }),
    channels: Type.Array(Type.Enum(['voice', 'chat', 'mail', 'other']), { minItems: 1, maxItems: 4 }),
    passMark: Type.Number({ minimum: 0, maximum: 100 }),
    soundAlike: Type.Optional(
      Type.Boolean({ description: 'Chinese phrases are also recognised by sound (speech recognition); default false' }),
    ),
    lexicon: Type.Optional(
      Type.String({ pattern: '^[a-z][a-z0-9.-]{0,63}$', description: 'File of shared phrase sets' }),
    ),
    sets: Type.Optional(PhraseSetsSchema),
    sections: Type.Array(Section, { minItems: 1, maxItems: 50 }),
  },
  CLOSED,
);

/** Phrase sets that several forms share; versioned and unchanging like a form. */
export const LexiconSchema = Type.Object(
  { id: Type.String({ pattern: '^[a-z][a-z0-9.-]{0,63}$' }), sets: PhraseSetsSchema },
  CLOSED,
);
export type Lexicon = Static<typeof LexiconSchema>;
export type Form = Static<typeof FormSchema>;
export type Question = Static<typeof Question>;
