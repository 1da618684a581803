/** From a plan to the words: who says what, in order. Good behaviour and bad are said in the words of the phrase files. */
import type { Phrases } from './phrases.ts';
import type { CallPlan } from './plan.ts';
import type { Random } from './random.ts';
import { fill, type Template } from './template.ts';

/** What lies before an utterance. `over`: it begins before the one before it is finished. */
export type Before = 'pause' | 'silence' | 'hold' | 'over';

export interface Turn {
  readonly speaker: 'agent' | 'customer';
  readonly text: string;
  before: Before;
}

type Speaker = Turn['speaker'];
const TALK_OVERS = 3;

export function writeScript(plan: CallPlan, phrases: Phrases, random: Random): Turn[] {
  const { agent, customer } = phrases;
  const { shown, matter } = plan;
  const turns: Turn[] = [];
  const say = (speaker: Speaker, list: readonly Template[], before: Before = 'pause') => {
    turns.push({ speaker, text: fill(random.pick(list), plan.values), before });
  };
  const either = (good: boolean | undefined, yes: readonly Template[], no: readonly Template[]) =>
    say('agent', good === false ? no : yes);

  either(shown.greets, agent.greeting, agent.noGreeting);
  say('customer', matter.need);
  if (plan.complaint) {
    say('customer', customer.angry);
    either(shown.empathises, agent.empathy, agent.noEmpathy);
    say('customer', matter.detail.slice(0, 1));
  }
  either(shown['verifies-identity'], agent.verify, agent.noVerify);
  say('customer', shown['verifies-identity'] === false ? customer.chat : customer.identity);
  either(shown['uses-courtesy'], agent.courtesy, agent.noCourtesy);
  if (shown['stays-polite'] === false) {
    say('agent', agent.rude);
    say('customer', customer.offended);
  }
  if (shown['asks-clarifying'] !== false) {
    // An answer stands at the place of its question.
    const which = random.int(0, matter.ask.length - 1);
    say('agent', matter.ask.slice(which, which + 1));
    say('customer', matter.answer.slice(which % matter.answer.length).slice(0, 1));
  }
  if (shown['restates-need'] !== false) {
    say('agent', agent.restate);
    say('customer', customer.confirm);
  }
  if (shown['avoids-dispute'] === false) {
    say('agent', agent.dispute);
    say('customer', customer.unhappy);
  }
  const middle = turns.length;
  if (plan.hold) hold(plan, phrases, say);
  const solved = shown['offers-solution'] !== false;
  if (solved) {
    say('agent', matter.solution);
    say('agent', agent.promise);
  } else say('agent', agent.noSolution);
  say('customer', solved ? customer.happy : customer.unhappy);
  if (plan.complaint) either(shown['commits-follow-up'], agent.followUp, agent.noFollowUp);
  if (plan.transfer) say('agent', agent.transfer);
  if (shown['asks-satisfaction'] !== false) {
    say('agent', agent.askSatisfied);
    say('customer', customer.noMore);
  }
  either(shown.closes, agent.closing, agent.noClosing);
  say('customer', customer.bye);

  turns.splice(middle, 0, ...smallTalk(plan, phrases, plan.turns - turns.length, random));
  if (shown['avoids-silence'] === false) breakSilence(turns, middle, phrases, plan, random);
  if (shown['avoids-talk-over'] === false) talkOver(turns);
  return turns;
}

function hold(plan: CallPlan, { agent }: Phrases, say: (s: Speaker, list: readonly Template[], b?: Before) => void) {
  const announced = plan.shown['announces-hold'] !== false;
  if (announced) say('agent', agent.hold);
  say('agent', announced ? agent.backFromHold : agent.noBackFromHold, 'hold');
}

/** The bulk of a call: what a customer tells and what an agent says while working. Shows nothing, good or bad. */
function smallTalk(plan: CallPlan, { agent, customer }: Phrases, count: number, random: Random): Turn[] {
  const [details, chat, work] = [plan.matter.detail, customer.chat, agent.work];
  // Each list is read on from a random place, so that nobody repeats himself within a call.
  const [chatAt, workAt, detailAt] = [random.int(0, 99), random.int(0, 99), plan.complaint ? 1 : 0];
  return Array.from({ length: Math.max(0, count) }, (_, i): Turn => {
    const round = i >> 1;
    const template =
      i % 2 === 0
        ? work[(workAt + round) % work.length]
        : (details[detailAt + round] ?? chat[(chatAt + round) % chat.length]);
    return {
      speaker: i % 2 === 0 ? 'agent' : 'customer',
      text: template ? fill(template, plan.values) : '',
      before: 'pause',
    };
  });
}

/** The agent falls silent before an utterance in the middle; sometimes the customer asks whether anybody is there. */
function breakSilence(turns: Turn[], from: number, phrases: Phrases, plan: CallPlan, random: Random) {
  const at = turns.findIndex((turn, index) => index >= from && turn.speaker === 'agent' && turn.before === 'pause');
  const turn = turns[at];
  if (!turn) return;
  if (!random.chance(0.5)) {
    turn.before = 'silence';
    return;
  }
  const text = fill(random.pick(phrases.customer.waiting), plan.values);
  turns.splice(at, 0, { speaker: 'customer', text, before: 'silence' });
}

/** The agent cuts in where the customer speaks longest: nobody can talk over two words for seconds. */
function talkOver(turns: readonly Turn[]) {
  const chances = turns.flatMap((turn, index) => {
    const last = turns[index - 1];
    const cuts = turn.speaker === 'agent' && turn.before === 'pause' && last?.speaker === 'customer';
    return cuts ? [{ turn, length: last.text.length }] : [];
  });
  chances.sort((a, b) => b.length - a.length);
  for (const { turn } of chances.slice(0, TALK_OVERS)) turn.before = 'over';
}
