/** `digest`: per kind, a hash of what two runs over the same calls must agree on, in whatever order things happened. */
import { type InspectTarget, inspect } from '../inspect.ts';
import { printJson, printTable, remark } from '../output.ts';

export async function digest(options: InspectTarget & { readonly json?: boolean }): Promise<void> {
  const found = await inspect('digest', options);
  if (options.json) printJson(found);
  else
    printTable(
      ['KIND', 'COUNT', 'DIGEST'],
      Object.entries(found.kinds).map(([kind, { count, digest: hash }]) => [kind, String(count), hash]),
    );
  if (!found.settled) remark('Not everything in the log has been handled yet: the digest will change.');
}
