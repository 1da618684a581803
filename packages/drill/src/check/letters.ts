/** Dead letters as the API shows them. */
import type { Client } from '../load/client.ts';

/** Every one, whatever became of it. */
export async function lettersOf(client: Client): Promise<readonly string[]> {
  const found: string[] = [];
  for (const status of ['open', 'replayed', 'discarded'])
    for (const letter of await client.all(`/ops/v1/dead-letters?limit=200&status=${status}`))
      found.push(JSON.stringify(letter));
  return found;
}
