import { writeSync } from 'node:fs';
import { openEmbeddedStore } from '../../src/embedded/index.ts';
import { StoreError, type Write } from '../../src/index.ts';
import { COLLECTION, IDS, PER_SAVE } from './child-data.ts';

/**
 * Writes for ever with several saves under way, and prints "won ID VERSION" for each write as soon as it is called won.
 * Ends with code 3, and the error's code on stderr, when the store cannot go on. Meant to be killed.
 */
const [file = ''] = process.argv.slice(2);

function fail(error: unknown): void {
  writeSync(2, error instanceof StoreError ? error.code : String(error));
  process.exit(3);
}

async function writeForEver(): Promise<void> {
  const store = await openEmbeddedStore({ file, onFatal: fail });
  await store.declare([COLLECTION]);
  const lanes = Array.from({ length: IDS.length / PER_SAVE }, (_, i) => IDS.slice(i * PER_SAVE, (i + 1) * PER_SAVE));
  const keepWriting = async (ids: readonly string[]) => {
    let documents = await store.load(COLLECTION.name, ids);
    for (;;) {
      const writes = ids.map((id, i): Write => {
        const expectedVersion = documents[i]?.version ?? 0;
        const version = expectedVersion + 1;
        const body = { version, text: `${id} `.repeat(100) };
        return { expectedVersion, document: { id, version, wakeAt: version, lane: '1', body } };
      });
      const verdicts = await store.save(COLLECTION.name, writes);
      const won = writes.filter((_, i) => verdicts[i] === 'won').map(({ document }) => document);
      writeSync(1, won.map(({ id, version }) => `won ${id} ${version}\n`).join(''));
      documents = writes.map((write) => write.document);
    }
  };
  await Promise.all(lanes.map(keepWriting));
}

writeForEver().catch(fail);
