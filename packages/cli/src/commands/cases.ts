/** `cases`: remediation cases, newest first. */
import { CASE_STAGES } from '@coachloop/contracts';
import { Client } from '../client.ts';
import { CliError } from '../errors.ts';
import { momentOf } from '../format.ts';
import { printJson, printTable, remark } from '../output.ts';

export interface CasesOptions {
  readonly url: string;
  readonly agent?: string;
  readonly stage?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export interface CaseSummary {
  readonly caseId: string;
  readonly stage: string;
  readonly agentId: string;
  readonly agentKey?: string;
  readonly agentName?: string;
  readonly competency: string;
  readonly openedAt: string;
  readonly rule: string;
  readonly attempts: number;
  readonly dueAt: string | null;
  readonly outcome: string | null;
}

const PAGE = 200;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export async function cases(options: CasesOptions): Promise<void> {
  const { agent, stage, limit } = options;
  if (stage !== undefined && !(CASE_STAGES as readonly string[]).includes(stage))
    throw new CliError('ARGUMENT_INVALID', `--stage must be one of ${CASE_STAGES.join(', ')}; it is ${stage}.`);
  const ours = agent !== undefined && (UUID.test(agent) || agent === 'unassigned');
  const query = new URLSearchParams({
    limit: String(Math.min(limit, PAGE)),
    ...(stage === undefined ? {} : { stage }),
    ...(ours ? { agentId: agent } : {}),
  });
  const found: CaseSummary[] = [];
  let more = false;
  for await (const each of new Client(options.url).pages<CaseSummary>(`/training/v1/cases?${query}`)) {
    // The platform's own id of an agent is no index: any source may use it.
    if (agent !== undefined && !ours && each.agentKey !== agent && each.agentName !== agent) continue;
    more = found.length === limit;
    if (more) break;
    found.push(each);
  }
  if (options.json) printJson(found);
  else if (found.length === 0) remark(await whyNone(options));
  else show(found);
  if (more) remark(`Only the newest ${limit} are shown; --limit shows more.`);
}

/** An empty list has two causes that look alike: a filter, and that no case was ever opened, as after an import of old calls. */
async function whyNone({ url, agent, stage }: CasesOptions): Promise<string> {
  const { items } = await new Client(url).get<{ items: readonly unknown[] }>('/training/v1/cases?limit=1');
  const filter = [...(stage === undefined ? [] : ['--stage']), ...(agent === undefined ? [] : ['--agent'])].join(
    ' and ',
  );
  if (items.length > 0) return `No case fits. There are others: leave out ${filter} to see them.`;
  const { backfillAgeDays: days } = await new Client(url).get<{ backfillAgeDays: number }>('/training/v1/policy');
  return `No case was ever opened. Calls that ended more than ${days} days before they came count, and open none unless they are imported with --open-cases.`;
}

function show(found: readonly CaseSummary[]): void {
  printTable(
    ['OPENED', 'STAGE', 'AGENT', 'COMPETENCY', 'RULE', 'COURSES', 'DUE', 'CASE'],
    found.map((each) => [
      momentOf(each.openedAt),
      each.outcome === null || each.outcome === each.stage ? each.stage : `${each.stage} (${each.outcome})`,
      each.agentName ?? each.agentKey ?? each.agentId,
      each.competency,
      each.rule,
      String(each.attempts),
      each.dueAt === null ? '–' : momentOf(each.dueAt).slice(0, 10),
      each.caseId,
    ]),
  );
}
