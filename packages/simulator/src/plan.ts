/** What one call is going to be: drawn once, before a word is written. The truth about the call is in here. */
import { BEHAVIOURS, type Behaviour, type Competency, chanceShown, hasOccasion, type Language } from './behaviours.ts';
import type { SimulatorConfig } from './config.ts';
import { type Matter, mattersOf, type Phrases } from './phrases.ts';
import { pickByShare, type Random } from './random.ts';
import { fill, type Values } from './template.ts';

export interface CallPlan {
  readonly language: Language;
  readonly channel: 'voice' | 'chat';
  readonly queue: string;
  readonly topic: string;
  readonly matter: Matter;
  readonly complaint: boolean;
  readonly hold: boolean;
  readonly transfer: boolean;
  readonly turns: number;
  readonly customerId: string;
  readonly shown: Partial<Record<Behaviour, boolean>>;
  readonly values: Values;
}

export interface PlanInput {
  readonly config: SimulatorConfig;
  readonly phrases: Phrases;
  readonly levels: Readonly<Record<Competency, number>>;
  readonly agentName: string;
  readonly company: string;
  readonly startMs: number;
}

export function planCall(input: PlanInput, random: Random): CallPlan {
  const { config, phrases, levels } = input;
  const { calls } = config;
  const channel = pickByShare(calls.channels, random);
  const queue = pickQueue(calls.queues, random);
  const topic = random.pick(queue.topics);
  const matter = random.pick(mattersOf(phrases, topic));
  const complaint = random.chance(calls.complaintShare);
  const hold = random.chance(calls.holdShare) && channel === 'voice';
  const shown: Partial<Record<Behaviour, boolean>> = {};
  for (const behaviour of BEHAVIOURS) {
    const { competency, ...difficulty } = config.behaviours[behaviour];
    // Drawn for every behaviour, so that a call without a hold leaves the rest of the draw as it was.
    const done = random.chance(chanceShown(levels[competency], difficulty, config.noise));
    if (hasOccasion(behaviour, { channel, complaint, hold })) shown[behaviour] = done;
  }
  return {
    language: phrases.language,
    channel,
    queue: queue.name,
    topic,
    matter,
    complaint,
    hold,
    transfer: random.chance(calls.transferShare),
    turns: random.int(calls.turns.min, calls.turns.max),
    customerId: `customer-${String(random.int(1, calls.customers)).padStart(5, '0')}`,
    shown,
    values: drawValues(input, matter, random),
  };
}

function pickQueue(queues: SimulatorConfig['calls']['queues'], random: Random) {
  const name = pickByShare(Object.fromEntries(queues.map((queue, index) => [index, queue.weight])), random);
  const queue = queues[Number(name)];
  if (!queue) throw new RangeError('no queue');
  return queue;
}

function drawValues({ phrases, agentName, company, startMs }: PlanInput, matter: Matter, random: Random): Values {
  const english = phrases.language === 'en';
  const amount = `${random.int(12, 480)}.${String(random.int(0, 99)).padStart(2, '0')}`;
  const [hour, half] = [random.int(8, 19), random.chance(0.5)];
  const clock = `${((hour + 11) % 12) + 1}${half ? ':30' : ''} ${hour < 12 ? 'am' : 'pm'}`;
  const values: Values = {
    agent: agentName,
    company,
    customer: random.pick(phrases.customerNames),
    city: random.pick(phrases.cities),
    amount: english ? `${amount} dollars` : `${amount}元`,
    order: String(random.int(100_000, 999_999)),
    digits: String(random.int(1000, 9999)),
    date: dayInWords(startMs - random.int(2, 40) * DAY_MS, english),
    due: dayInWords(startMs + random.int(1, 6) * DAY_MS, english),
    time: english ? clock : `${hour}点${half ? '半' : ''}`,
    summary: '',
  };
  return { ...values, summary: fill(random.pick(matter.summary), values) };
}

const DAY_MS = 86_400_000;
// biome-ignore format: a list of words
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

function dayInWords(timeMs: number, english: boolean): string {
  const date = new Date(timeMs);
  const [month, day] = [date.getUTCMonth(), date.getUTCDate()];
  return english ? `${MONTHS[month]} ${day}` : `${month + 1}月${day}日`;
}
