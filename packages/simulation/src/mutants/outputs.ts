/** Mistakes in what is published, when, and under which name; and two in a service. */
import type { Mutant } from './mutant.ts';

const PROCESSOR = 'packages/runtime/src/processor.ts';
const OUTBOX = 'packages/runtime/src/outbox.ts';
const INBOX = 'packages/runtime/src/inbox.ts';
const DECODE = 'packages/runtime/src/decode.ts';
const [TOPIC, KEY] = ['\\u001f$' + '{topic}', '\\u001f$' + '{key}'];
const STREAM = `${TOPIC}${KEY}`;

export const OUTPUT_MUTANTS: readonly Mutant[] = [
  {
    name: 'publishes-before-saving',
    mistake: 'outputs are in the log before their cause is in the store',
    edits: [
      {
        file: PROCESSOR,
        find: 'const attempted = await this.#save(worked, await this.#results(worked));',
        replace: `const results = await this.#results(worked);
    const early = [...results].map(([{ group }, document]) => ({ collection: group.collection, document }));
    await this.#o.relay.publish(early, startMs);
    const attempted = await this.#save(worked, results);`,
      },
    ],
  },
  {
    name: 'publishes-lost-saves',
    mistake: 'the outputs of an attempt that was not saved are published',
    edits: [
      {
        file: PROCESSOR,
        find: 'return { group: each.group, error: verdict instanceof StoreError',
        replace: `const unsaved = [{ collection: each.group.collection, document }];
      void this.#o.relay.publish(unsaved, 0).catch(() => undefined);
      return { group: each.group, error: verdict instanceof StoreError`,
      },
    ],
  },
  {
    name: 'older-outputs-not-carried',
    mistake: 'a writer publishes its own outputs, and not those that it finds waiting',
    edits: [
      {
        file: PROCESSOR,
        find: 'saved.push({ collection: group.collection, document: each.document });',
        replace: `const { emitted: outbox } = each.work;
        const document = outbox.length > 0 ? { ...each.document, body: { ...each.document.body, outbox } } : each.document;
        saved.push({ collection: group.collection, document });`,
      },
    ],
  },
  {
    name: 'outputs-kept-until-the-next-write',
    mistake: 'the next write drops what waits, acknowledged or not',
    edits: [
      {
        file: 'packages/runtime/src/work.ts',
        find: 'this.#outbox = loaded.body.outbox.filter((entry) => entry.n > acked);',
        replace: 'this.#outbox = acked < 0 ? [...loaded.body.outbox] : [];',
      },
    ],
  },
  {
    name: 'outbox-cleared-whole',
    mistake: 'after an acknowledgement the whole outbox is emptied, with what others have added',
    edits: [
      {
        file: OUTBOX,
        find: '        const writes = list.flatMap(({ document }) => flushed(document, this.acked(collection, document)));',
        replace: `        const there = await this.#store.load(collection, list.map(({ document }) => document.id));
        const writes = there.flatMap((stored) => {
          if (!stored) return [];
          const document = kernelDocument(stored);
          return flushed(document, Number.POSITIVE_INFINITY);
        });`,
      },
    ],
  },
  {
    name: 'acknowledged-before-sent',
    mistake: 'outputs count as published before the log has answered',
    edits: [
      { file: OUTBOX, find: '      await this.#log.append(records);\n', replace: '' },
      {
        file: OUTBOX,
        find: '      for (const [name, known] of reached) this.#acknowledge(name, known);\n',
        replace: `      for (const [name, known] of reached) this.#acknowledge(name, known);
      await this.#log.append(records);\n`,
      },
    ],
  },
  {
    name: 'one-stream-over-topics',
    mistake: 'what a document says on two topics is numbered as one stream',
    edits: [{ file: INBOX, find: STREAM, replace: KEY }],
  },
  {
    name: 'one-stream-over-keys',
    mistake: 'what a document says under two keys is numbered as one stream',
    edits: [{ file: INBOX, find: STREAM, replace: TOPIC }],
  },
  {
    name: 'projection-by-offset',
    mistake: 'a projection skips what is at or below the offset that it has seen, and nothing else',
    edits: [
      {
        file: DECODE,
        find: 'return this.#targets(event, envelope.record).map((target) => inputOf(target, event, identity, origin));',
        replace: `const { topic, partition, offset } = envelope.record;
    const byOffset: StreamIdentity = {
      kind: 'stream',
      stream: \`\${topic}/\${partition}\`,
      seq: offset + 1,
      born: 1,
      replay: false,
    };
    return this.#targets(event, envelope.record).map((target) =>
      inputOf(target, event, target.collection.includes('-shares') ? byOffset : identity, origin),
    );`,
      },
    ],
  },
  {
    name: 'resolved-letter-reopened',
    mistake: 'a letter that was replayed is open again when the word of its parking comes late',
    edits: [
      {
        file: 'packages/runtime/src/letters.ts',
        find: 'state: { ...state, letter, code',
        replace: "state: { ...state, status: 'open', letter, code",
      },
    ],
  },
  {
    name: 'revision-ignored',
    mistake: 'an earlier revision of a call that comes late takes the place of the newer one',
    edits: [
      {
        file: 'services/qa-scoring/src/domain/evaluation.ts',
        find: '  if (call.revision <= state.callRevision) return { state, events: [], wakeAt: null };\n',
        replace: '',
      },
    ],
  },
  {
    name: 'revision-ignored-at-customers',
    mistake: 'an earlier revision of a call that comes late changes what is known of its customer',
    edits: [
      {
        file: 'services/live-metrics/src/domain/customer.ts',
        find: ' && revision >= record.revision',
        replace: ' && revision > 1_000_000',
      },
    ],
  },
  {
    name: 'unknown-fields-dropped',
    mistake: 'a service writes the fields that it knows, and loses those of the next release',
    edits: [
      {
        file: 'services/qa-scoring/src/domain/evaluation.ts',
        find: 'const seen = { ...state, callId',
        replace:
          'const { result: r, superseded: s, status: t, agentId: a, endedAtMs: e, passed: p } = state;\n  const seen = { result: r, superseded: s, status: t, agentId: a, endedAtMs: e, passed: p, callId',
      },
    ],
  },
];
