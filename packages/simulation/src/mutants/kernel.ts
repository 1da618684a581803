/** Mistakes in the handling of documents, inboxes, timers and commands. */
import type { Mutant } from './mutant.ts';

const PROCESSOR = 'packages/runtime/src/processor.ts';
const WORK = 'packages/runtime/src/work.ts';
const INBOX = 'packages/runtime/src/inbox.ts';
const BEFORE_VERDICTS = `    return worked.map((each) => {
      const document = results.get(each);`;

export const KERNEL_MUTANTS: readonly Mutant[] = [
  {
    name: 'no-version-guard',
    mistake: 'a save overwrites whatever version is there',
    edits: [
      {
        file: PROCESSOR,
        find: `        const writes = list.map(([, result]) => ({
          expectedVersion: result.version - 1,
          document: toStored(result),
        }));`,
        replace: `        const there = await this.#o.store.load(collection, list.map(([{ group }]) => group.id));
        const writes = list.map(([, result], i) => {
          const expectedVersion = there[i]?.version ?? 0;
          return { expectedVersion, document: { ...toStored(result), version: expectedVersion + 1 } };
        });`,
      },
    ],
  },
  {
    name: 'bulk-verdict-by-version',
    mistake: 'an unclear save counts as won when the document has the version that it would have given it',
    edits: [
      {
        file: PROCESSOR,
        find: BEFORE_VERDICTS,
        replace: `    for (const [each, document] of results) {
      if (verdicts.get(each) === 'won') continue;
      const [now] = await this.#o.store.load(each.group.collection, [document.id]);
      if (now?.version === document.version) verdicts.set(each, 'won');
    }
${BEFORE_VERDICTS}`,
      },
    ],
  },
  {
    name: 'unknown-is-won',
    mistake: 'a save of which nobody knows counts as won',
    edits: [{ file: PROCESSOR, find: `if (verdict === 'won') return`, replace: `if (verdict !== 'lost') return` }],
  },
  {
    name: 'evicts-without-spilling',
    mistake: 'what is evicted from the inbox is forgotten',
    edits: [
      {
        file: PROCESSOR,
        find: `const marks = worked.flatMap((each) => ('work' in each ? each.work.evicted : []));`,
        replace: 'const marks: Mark[] = [];',
      },
    ],
  },
  {
    name: 'spills-what-the-batch-touched',
    mistake: 'an entry may be evicted in the write that raised it',
    edits: [{ file: INBOX, find: ' && !this.#touched.has(entry.stream)', replace: '' }],
  },
  {
    name: 'drops-before-spilling',
    mistake: 'the document is saved before its evicted entries are',
    edits: [
      {
        file: PROCESSOR,
        find: 'const raised = await inHalves(marks, async (part) => {',
        replace: 'this.#raise = () => inHalves(marks, async (part) => {',
      },
      { file: PROCESSOR, find: '    raised.forEach(orThrow);\n', replace: '' },
      {
        file: PROCESSOR,
        find: '  readonly #o: ProcessorOptions;\n',
        replace: '  readonly #o: ProcessorOptions;\n  #raise: () => Promise<unknown> = async () => undefined;\n',
      },
      {
        file: PROCESSOR,
        find: `    await this.#o.faults.reached('saved', this.#o.service);\n`,
        replace: `    const raise = this.#raise;
    await this.#o.faults.reached('saved', this.#o.service);
    await raise();\n`,
      },
    ],
  },
  {
    name: 'looks-up-before-loading',
    mistake: 'spilled entries are looked up for the documents as they were a moment before',
    edits: [
      {
        file: PROCESSOR,
        find: `    const loaded = await this.#load(pending);
    await this.#o.faults.reached('loaded', this.#o.service);
    const marks = await this.#lookUp(pending, loaded);
`,
        replace: `    const marks = await this.#lookUp(pending, await this.#load(pending));
    await this.#o.faults.reached('loaded', this.#o.service);
    const loaded = await this.#load(pending);
`,
      },
    ],
  },
  {
    name: 'no-tombstone',
    mistake: 'a deleted document leaves nothing, and begins anew when it is made again',
    edits: [
      {
        file: PROCESSOR,
        find: BEFORE_VERDICTS,
        replace: `    for (const [each, { id, body }] of results)
      if (verdicts.get(each) === 'won' && body.state === null) await this.#o.store.delete(each.group.collection, [id]);
${BEFORE_VERDICTS}`,
      },
    ],
  },
  {
    name: 'no-holes',
    mistake: 'what was parked counts as handled',
    edits: [{ file: INBOX, find: '    if (park) holes.push(seq);\n', replace: '' }],
  },
  {
    name: 'timer-cleared-later',
    mistake: 'a timer is cleared by a second write, after the one in which it fired',
    edits: [
      {
        file: WORK,
        find: `if (identity.kind === 'stream') this.#inbox.mark(identity, false);`,
        replace: `if (firesTimer(identity)) this.#state = decision.state;
      else if (identity.kind === 'stream') this.#inbox.mark(identity, false);`,
      },
      {
        file: WORK,
        find: `      if (firesTimer(identity)) this.#wakeAt = null; // fired and cleared in one write
      this.#setTimer(decision.wakeAt);`,
        replace: '      if (!firesTimer(identity)) this.#setTimer(decision.wakeAt);',
      },
      {
        file: 'packages/runtime/src/service.ts',
        find: `        await this.#relay.publish(saved, clock.wall());
        if (failed[0] !== undefined) throw failed[0].error;`,
        replace: `        await this.#relay.publish(saved, clock.wall());
        for (const { collection, document } of saved)
          await this.store.save(collection, [
            {
              expectedVersion: document.version,
              document: { ...document, version: document.version + 1, wakeAt: null, body: document.body as never },
            },
          ]);
        if (failed[0] !== undefined) throw failed[0].error;`,
      },
    ],
  },
  {
    name: 'timer-dropped',
    mistake: 'a timer that is set anew where another fires is cleared with that one',
    edits: [
      {
        file: WORK,
        find: `      if (firesTimer(identity)) this.#wakeAt = null; // fired and cleared in one write
      this.#setTimer(decision.wakeAt);`,
        replace: `      this.#setTimer(decision.wakeAt);
      if (firesTimer(identity)) this.#wakeAt = null;`,
      },
    ],
  },
  {
    name: 'commits-before-handling',
    mistake: 'the offset is committed before what was read is saved',
    edits: [
      {
        file: 'packages/runtime/src/consumer.ts',
        find: `  // What cannot be handled now stops the partition`,
        replace: `  const read = records.at(-1);
  if (read) await context.commit(read.offset + 1);
  // What cannot be handled now stops the partition`,
      },
    ],
  },
  {
    name: 'unreadable-skipped',
    mistake: 'what nobody can read is passed over, and nobody hears of it',
    edits: [
      {
        file: 'packages/runtime/src/consumer.ts',
        find: 'if (error instanceof Unreadable) return [decoder.unreadable(record, error.reason)];',
        replace: 'if (error instanceof Unreadable) return [];',
      },
    ],
  },
  {
    name: 'answers-before-saving',
    mistake: 'a request is answered before what it brought is saved',
    edits: [
      {
        file: PROCESSOR,
        find: 'const attempted = await this.#attempt(pending);',
        replace: 'const attempted = await this.#attempt(pending, settle);',
      },
      {
        file: PROCESSOR,
        find: 'async #attempt(pending: readonly Group[])',
        replace: 'async #attempt(pending: readonly Group[], settle?: (ran: Ran) => void)',
      },
      {
        file: PROCESSOR,
        find: 'const attempted = await this.#save(worked, await this.#results(worked));',
        replace: `for (const each of worked) if ('work' in each) for (const ran of each.work.ran) settle?.(ran);
    const attempted = await this.#save(worked, await this.#results(worked));`,
      },
    ],
  },
  {
    name: 'timer-before-the-backlog',
    mistake: 'a timer fires although what came before it has not been read',
    edits: [
      { file: 'packages/runtime/src/timers.ts', find: '      if (!ends.every(isRead)) continue;\n', replace: '' },
    ],
  },
  {
    name: 'idempotency-key-ignored',
    mistake: 'a command that comes again is done again',
    edits: [
      { file: WORK, find: 'if (!known) return { identity };', replace: 'if (known !== null) return { identity };' },
    ],
  },
];
