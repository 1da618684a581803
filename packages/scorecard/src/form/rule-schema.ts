/** The rules that a question can be decided by. A rule is an object with exactly one of these keys. */
import { type Static, Type } from 'typebox';

const CLOSED = { additionalProperties: false } as const;
const Phrases = Type.Array(Type.String({ minLength: 1, maxLength: 800 }), { minItems: 1, maxItems: 400 });
const By = Type.Enum(['agent', 'customer', 'any']);
const Turns = Type.Integer({ minimum: 1, maximum: 50 });
const PositiveSeconds = Type.Number({ exclusiveMinimum: 0, maximum: 3_600 });
const maybe = Type.Optional;

/** Where to look; turns are those of the side that speaks. Without it: the whole call. */
export const Within = Type.Object(
  {
    first: maybe(Turns),
    last: maybe(Turns),
    firstSeconds: maybe(PositiveSeconds),
    lastSeconds: maybe(PositiveSeconds),
  },
  { ...CLOSED, minProperties: 1, maxProperties: 1 },
);
export type Within = Static<typeof Within>;

/** Yes where at least `turns` turns (default 1) contain any of the phrases. */
const Said = Type.Object(
  { by: maybe(By), any: Phrases, except: maybe(Phrases), within: maybe(Within), turns: maybe(Turns) },
  CLOSED,
);
/** No where any of the phrases is said. What `except` covers, or stands in quotation marks, does not count. */
const NotSaid = Type.Object({ by: maybe(By), any: Phrases, except: maybe(Phrases), within: maybe(Within) }, CLOSED);
/** A trigger is answered by the agent in one of the next turns. N/A without a trigger. */
const After = Type.Object(
  {
    trigger: Type.Object({ by: maybe(By), any: Phrases, except: maybe(Phrases) }, CLOSED),
    response: Phrases,
    turns: Turns,
    each: maybe(Type.Boolean({ description: 'Every trigger needs its answer; default: one answer is enough' })),
  },
  CLOSED,
);
/** Enough different facts were asked for by the agent, and answered. */
const Facts = Type.Object(
  {
    asks: Phrases,
    facts: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' }), Phrases),
    atLeast: Type.Integer({ minimum: 1, maximum: 10 }),
  },
  CLOSED,
);
/** The customer's wish comes back in the agent's words: a phrase that says so, or a question that repeats what was said. */
const Restated = Type.Object(
  { any: Phrases, tags: Phrases, overlap: Type.Integer({ minimum: 1, maximum: 20 }) },
  CLOSED,
);
/** Each hold is announced in the agent's last turns before it. N/A without a hold. */
const HoldAnnounced = Type.Object({ any: Phrases, turns: Turns }, CLOSED);
/** No pause longer than this unless announced in the agent's last turns before it. N/A without measured times. */
const Silence = Type.Object({ seconds: PositiveSeconds, announcedBy: Phrases, turns: Turns }, CLOSED);
/** The agent does not start `seconds` or more inside a customer's turn `times` times. N/A without measured times. */
const TalkOver = Type.Object({ seconds: PositiveSeconds, times: Turns }, CLOSED);
/** All units the agent spoke over all time the agent spoke. N/A without measured times or below `minSeconds` of speech. */
const SpeechRate = Type.Object(
  {
    unit: Type.Enum(['words', 'chars']),
    minPerMinute: Type.Number({ minimum: 0, maximum: 2_000 }),
    maxPerMinute: Type.Number({ minimum: 1, maximum: 2_000 }),
    minSeconds: maybe(PositiveSeconds),
  },
  CLOSED,
);
/** Answered within so many rings; the length of one differs by country. N/A outbound, in writing, and without ring data. */
const Ring = Type.Object(
  {
    rings: Type.Integer({ minimum: 1, maximum: 20 }),
    secondsPerRing: Type.Record(Type.String({ minLength: 2, maxLength: 35 }), PositiveSeconds, {
      description: 'By language tag, the longest that fits; `default` for all others',
    }),
  },
  CLOSED,
);
/** No single phrase stands in `share` of the agent's turns and at least `turns` of them. */
const NotOverused = Type.Object(
  { any: Phrases, turns: Turns, share: Type.Number({ exclusiveMinimum: 0, maximum: 1 }) },
  CLOSED,
);
/** What the record says. All that are given must hold. */
const Call = Type.Object(
  {
    direction: maybe(Type.Array(Type.Enum(['inbound', 'outbound', 'internal']), { minItems: 1, maxItems: 3 })),
    channel: maybe(Type.Array(Type.Enum(['voice', 'chat', 'mail', 'other']), { minItems: 1, maxItems: 4 })),
    queue: maybe(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 100 })),
    minTurns: maybe(Turns),
  },
  { ...CLOSED, minProperties: 1 },
);

const leaves = {
  said: maybe(Said),
  notSaid: maybe(NotSaid),
  after: maybe(After),
  facts: maybe(Facts),
  restated: maybe(Restated),
  holdAnnounced: maybe(HoldAnnounced),
  silence: maybe(Silence),
  talkOver: maybe(TalkOver),
  speechRate: maybe(SpeechRate),
  ring: maybe(Ring),
  notOverused: maybe(NotOverused),
  call: maybe(Call),
} as const;

const ONE = { ...CLOSED, minProperties: 1, maxProperties: 1 } as const;
const Leaf = Type.Object(leaves, ONE);
const combined = <T extends typeof Leaf>(of: T) => Type.Array(of, { minItems: 1, maxItems: 20 });
const Inner = Type.Object({ ...leaves, allOf: maybe(combined(Leaf)), anyOf: maybe(combined(Leaf)) }, ONE);

/** `allOf` and `anyOf` nest two deep: enough to write what is asked, and still readable. */
export const RuleSchema = Type.Object(
  {
    ...leaves,
    allOf: maybe(Type.Array(Inner, { minItems: 1, maxItems: 20 })),
    anyOf: maybe(Type.Array(Inner, { minItems: 1, maxItems: 20 })),
  },
  ONE,
);

type Leaves = Static<typeof Leaf>;
/** A rule in memory; nesting may be deeper than what YAML accepts. */
export interface Rule extends Leaves {
  readonly allOf?: readonly Rule[];
  readonly anyOf?: readonly Rule[];
}
export type SaidRule = Static<typeof Said>;
export type NotSaidRule = Static<typeof NotSaid>;
export type AfterRule = Static<typeof After>;
export type FactsRule = Static<typeof Facts>;
export type RestatedRule = Static<typeof Restated>;
export type HoldAnnouncedRule = Static<typeof HoldAnnounced>;
export type SilenceRule = Static<typeof Silence>;
export type TalkOverRule = Static<typeof TalkOver>;
export type SpeechRateRule = Static<typeof SpeechRate>;
export type RingRule = Static<typeof Ring>;
export type NotOverusedRule = Static<typeof NotOverused>;
export type CallRule = Static<typeof Call>;
