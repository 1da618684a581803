/** `verify`: reads the whole log and every document, and checks what the kernel promises. */
import { type InspectTarget, inspect } from '../inspect.ts';
import { printJson, printLine, remark } from '../output.ts';

export async function verify(options: InspectTarget & { readonly json?: boolean }): Promise<void> {
  const found = await inspect('verify', options);
  if (options.json) printJson(found);
  else {
    printLine(
      `${found.events} events and ${found.documents} documents: ${found.ok ? 'all as promised' : 'NOT as promised'}`,
    );
    for (const { rule, where, detail } of found.violations) printLine(`${rule}: ${where}: ${detail}`);
  }
  for (const note of found.notes) remark(`Note: ${note}`);
  if (!found.ok) process.exitCode = 1;
}
