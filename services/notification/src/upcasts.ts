/** From older shapes of state documents to today's. */
import type { JsonObject } from '@coachloop/document-store';

/** Webhooks, 1 to 2: the request that made it was the oldest of `requests`, where 32 later ones had not pushed it out. */
export function withCreateHash(state: JsonObject): JsonObject {
  const requests = state.requests as readonly { readonly hash: string }[];
  return { ...state, createHash: requests.at(-1)?.hash ?? '' };
}
