/** Who takes part: the drafts name no role, the contact-centre extension and practice do. */
import type { Segment } from '@coachloop/contracts';
import { type Fields, fields, list, text } from '../json.ts';

export type Speaker = Segment['speaker'];

export interface Party {
  readonly speaker: Speaker;
  /** How the platform knows the agent. */
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** How a customer is recognised on the next call: the number or address, as the `id` of many exporters is made up per call. */
  readonly address: string | undefined;
}

const AGENT =
  /^(contact[ _-]?cent(er|re)[ _-]?)?(agent|representative|rep|operator|advisor|adviser|csr|employee|supervisor|sme|坐席|座席|客服)$/i;
const CUSTOMER = /^(customer|contact|caller|client|consumer|user|customer[ _-]?side|客户|顾客)$/i;
const SYSTEM = /^(system|ivr|bot|chatbot|assistant|virtual[ _-]?agent|系统|机器人)$/i;

/** A word that names a role; `unknown` where it names none. */
export function speakerOfWord(word: string | undefined): Speaker {
  const role = word?.trim() ?? '';
  if (AGENT.test(role)) return 'agent';
  if (CUSTOMER.test(role)) return 'customer';
  return SYSTEM.test(role) ? 'system' : 'unknown';
}

const bare = (address: string | undefined): string | undefined => address?.replace(/^(mailto|tel|sips?):/i, '');

function readParty(party: Fields): Party {
  const role = text(party.role) ?? text(fields(party.meta).role) ?? text(party.type);
  const [tel, mailto, sip, did] = [
    bare(text(party.tel)),
    bare(text(party.mailto)),
    bare(text(party.sip)),
    text(party.did),
  ];
  const id = text(party.id);
  return {
    speaker: speakerOfWord(role),
    id: id ?? text(party.uuid) ?? mailto ?? sip ?? tel ?? did ?? text(party.name),
    name: text(party.name),
    address: tel ?? mailto ?? sip ?? did ?? id,
  };
}

/** With one known agent and one other party, the other is the customer. */
export function readParties(vcon: Fields): readonly Party[] {
  const parties = list(vcon.parties).map((party) => readParty(fields(party)));
  const other = parties.findIndex((party) => party.speaker === 'unknown');
  const agents = parties.filter((party) => party.speaker === 'agent').length;
  return parties.length === 2 && agents === 1
    ? parties.map((party, index) => (index === other ? { ...party, speaker: 'customer' as const } : party))
    : parties;
}

/** Indices of parties in a dialog: one number, a list, or the drafts' `[{party: n}]`. */
export function partyIndices(value: unknown, count: number): readonly number[] {
  const indices = (Array.isArray(value) ? value : [value]).map((entry) =>
    typeof entry === 'number' ? entry : fields(entry).party,
  );
  return indices.filter(
    (index): index is number => Number.isInteger(index) && Number(index) >= 0 && Number(index) < count,
  );
}
