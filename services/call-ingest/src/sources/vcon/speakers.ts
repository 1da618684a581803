/**
 * Who speaks, where the source does not say. The rule is conservative: a turn gets a speaker only when sentences that
 * practically nobody but an agent says (a greeting in the name of the firm, an offer to help, a question for an account
 * number) enclose it in strict alternation; everything else stays `unknown`. docs/samples.md says of how many calls it could tell.
 */
import type { Speaker } from './parties.ts';

/** What only agents say. Thanks and good wishes alone are not in it: customers say them too. */
const AGENT_SAYS: readonly RegExp[] = [
  /\bthank(s| you) for (calling|contacting|reaching out|choosing|your patience|holding|being a (valued|loyal))/i,
  /\b(how|what) (can|may|could) (i|we) (help|assist|do for)\b/i,
  /\banything else (that )?(i|we) can (help|assist|do)\b/i,
  /\b(i|we)('d| would)? ?(am|are|'m|'re|be)? ?(here|happy|glad|able) to (help|assist)( you)?\b/i,
  /\bi('ll| can| will| would be happy to)( certainly| definitely)? (help|assist) (you )?with that\b/i,
  /\b(can|could|may|might) (i|you|we)( please| also| kindly)*( have| get| provide| confirm| verify| share| tell)( me| us)?( with)? (your|the) (full |first |last |account |policy |order |phone |email |e-mail |billing |contact |customer |member |booking |reservation )*(name|number|address|id|email|date of birth|details|information)\b/i,
  /\b(if you have any (more|other|further) questions|feel free to (contact|reach|call))\b/i,
  /您好[，,。！!\s]*(欢迎|感谢)(致电|来电|咨询)|欢迎致电|感谢您的(来电|致电|耐心)|为您服务|请问.{0,6}(可以|能)(帮|为)您|还有.{0,8}(可以|能|需要).{0,4}(帮|为)您|工号\s*\d+/,
];

/** How agents end, as the very last turn: an answer to thanks, or a wish with the door held open. */
const AGENT_CLOSES =
  /\byou(['’]re| are) (very |most |so |quite )?welcome\b|\bmy pleasure\b|\bthank(s| you) for your time\b|\b(don['’]t|do not|please) hesitate\b|祝您|再次感谢您/i;
const CUSTOMER_RETURNS =
  /\b(you|same to you) too\b|\bthank(s| you)( so much| very much)? for (your|the|all) (help|assistance)\b/i;

export const soundsLikeAgent = (turn: string): boolean => AGENT_SAYS.some((pattern) => pattern.test(turn));

/** Turns without any label, one after another. Null: nothing can be said of any. */
export function inferAlternating(turns: readonly string[]): readonly Speaker[] | null {
  const closes = (turn: string, index: number) =>
    index === turns.length - 1 && AGENT_CLOSES.test(turn) && !CUSTOMER_RETURNS.test(turn);
  const anchors = turns.flatMap((turn, index) => (soundsLikeAgent(turn) || closes(turn, index) ? [index] : []));
  const first = anchors[0];
  if (first === undefined || anchors.length < 2) return null;
  const steady = anchors.every((index) => (index - first) % 2 === 0);
  // A conversation that does not open with the agent's greeting needs more proof.
  if (first !== 0 && !(steady && anchors.length >= 3)) return null;
  const speakers: Speaker[] = turns.map(() => 'unknown');
  anchors.forEach((anchor, place) => {
    speakers[anchor] = 'agent';
    const next = anchors[place + 1];
    // Behind the last proof nothing is enclosed: agents often end with two turns. An odd distance means that somebody
    // spoke twice in a row in between; who, we cannot tell.
    if (next === undefined || (next - anchor) % 2 === 1) return;
    for (let index = anchor + 1; index < next; index += 1) speakers[index] = side(index - anchor);
  });
  for (let index = 0; index < first; index += 1) speakers[index] = side(first - index);
  return speakers;
}

const side = (distance: number): Speaker => (distance % 2 === 0 ? 'agent' : 'customer');

/** Turns whose speakers are told apart but not named, e.g. "speaker 0". Null: the names cannot be told. */
export function inferByLabel(
  turns: readonly { readonly label: string | undefined; readonly text: string }[],
): readonly Speaker[] | null {
  const proofs = new Map<string, number>();
  for (const { label, text } of turns)
    if (label !== undefined) proofs.set(label, (proofs.get(label) ?? 0) + (soundsLikeAgent(text) ? 1 : 0));
  const agents = [...proofs].filter(([, count]) => count > 0);
  const agent = agents[0];
  if (proofs.size < 2 || agents.length !== 1 || agent === undefined || agent[1] < 2) return null;
  const other: Speaker = proofs.size === 2 ? 'customer' : 'unknown';
  return turns.map(({ label }) => (label === undefined ? 'unknown' : label === agent[0] ? 'agent' : other));
}
