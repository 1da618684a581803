/**
 * The aggregate `live-customers`: one document per customer (hashed), because nobody but the customer's own document sees all
 * calls of a customer. It knows one thing: whether the latest matter took one contact or more.
 */
import { type CallEventData, type Decision, documentIdOf, type Message } from '@coachloop/contracts';

export interface Contact {
  readonly callId: string;
  readonly endedMs: number;
  /** Of the record that said so: an older one that comes later (a dead letter, replayed) says nothing. */
  readonly revision?: number;
}

export interface CustomerContacts {
  /** Of the document: the customer's hash as a UUID, since hashes of platforms may be of any length. */
  readonly id: string;
  /** Newest last. */
  readonly contacts: readonly Contact[];
  /** Calls that are no contact of this customer by their newest revision; kept for its number alone. */
  readonly left?: readonly Contact[];
  /** End of the newest contact, ms; null: none is left. For the index. */
  readonly latestMs: number | null;
  /** Whether the latest run of contacts, no two further apart than the policy says, is one contact; for the index. */
  readonly single: 'yes' | 'no' | null;
}

/** A run that is longer is no first-contact resolution, however much longer. */
const CONTACTS_MAX = 20;

export const customerIdOf = (customerHash: string): string => documentIdOf('live-customer', customerHash);
export const newCustomer = (id: string): CustomerContacts => ({ id, contacts: [], latestMs: null, single: null });

const withContact = (list: readonly Contact[], contact: Contact, isIn: boolean): readonly Contact[] => {
  const others = list.filter(({ callId }) => callId !== contact.callId);
  return (isIn ? [...others, contact] : others).sort(byTime).slice(-CONTACTS_MAX);
};

const byTime = (a: Contact, b: Contact): number => a.endedMs - b.endedMs || (a.callId < b.callId ? -1 : 1);

/** `repeatMs`: contacts further apart are two matters. A call that a revision took from this customer is forgotten. */
export const handleCustomer =
  (repeatMs: number) =>
  (state: CustomerContacts, message: Message): Decision<CustomerContacts> => {
    const record = message.data as CallEventData<'call.revised'>;
    const known = [...state.contacts, ...(state.left ?? [])];
    if (known.some(({ callId, revision = 0 }) => callId === record.callId && revision >= record.revision))
      return { state, events: [], wakeAt: null };
    const { customerHash, callId, revision } = record;
    const counts = !record.abandoned && customerHash !== undefined && customerIdOf(customerHash) === state.id;
    const contact = { callId, endedMs: Date.parse(record.endedAt), revision };
    const contacts = withContact(state.contacts, contact, counts);
    const left = withContact(state.left ?? [], contact, !counts);
    const [newest, before] = [contacts.at(-1), contacts.at(-2)];
    const repeated = newest && before && newest.endedMs - before.endedMs <= repeatMs;
    return {
      state: {
        ...state,
        contacts,
        left,
        latestMs: newest?.endedMs ?? null,
        single: newest ? (repeated ? 'no' : 'yes') : null,
      },
      events: [],
      wakeAt: null,
    };
  };
