/** What the examples have in common: one English voice call and one Chinese chat, two agents, one case. Nobody of it is real. */
import { agentIdOf, callIdOf, customerHashOf, documentIdOf } from '../identity.ts';

export const SOURCE = 'https://pbx.example/centre-1';

export const en = {
  sourceCallId: 'c-20260504-0017',
  callId: callIdOf(SOURCE, 'c-20260504-0017'),
  agentKey: '1042',
  agentId: agentIdOf(SOURCE, '1042'),
  agentName: 'Agent 1042',
} as const;

export const zh = {
  sourceCallId: 'c-20260504-0052',
  callId: callIdOf(SOURCE, 'c-20260504-0052'),
  agentKey: '2077',
  agentId: agentIdOf(SOURCE, '2077'),
  agentName: '坐席2077',
} as const;

export const customerHash = customerHashOf('a key of the installation', 'customer-88');
export const form = { id: 'inbound-voice-en', version: 1 } as const;
export const evaluationId = documentIdOf('evaluation', en.callId, form.id);
export const caseId = documentIdOf('case', en.agentId, 'identity-verification');
export const assignmentId = `${caseId}.1`;

/** The case of the Chinese agent, of which only a moment is shown. */
export const zhCaseId = documentIdOf('case', zh.agentId, 'identity-verification');

/** A call of the English agent, and its evaluation, by number; 17 is the one above. */
export const callNumber = (n: number): string => callIdOf(SOURCE, `c-20260504-${String(n).padStart(4, '0')}`);
export const evaluationNumber = (n: number): string => documentIdOf('evaluation', callNumber(n), form.id);
