/** One realistic example of every event type; a test validates each. For documents and tests; services do not load it. */
import type { TopicName } from './catalogue.ts';
import { callExamples } from './examples/call.ts';
import { agentStateIntakeExample, callIntakeExamples, trainingIntakeExamples } from './examples/intake.ts';
import { evaluationExamples, notificationExamples, qaExamples } from './examples/results.ts';
import { trainingExamples } from './examples/training.ts';

export { deadLetterExamples } from './examples/results.ts';
export { SOURCE as EXAMPLE_SOURCE } from './examples/story.ts';

/** Topic → event type → data. */
export const EXAMPLES: Readonly<Record<TopicName, Readonly<Record<string, unknown>>>> = {
  'call-intake': { ...callIntakeExamples, 'agent.state.changed': agentStateIntakeExample },
  'training-intake': trainingIntakeExamples,
  'call-events': callExamples,
  'qa-events': qaExamples,
  'training-events': trainingExamples,
  'evaluation-events': evaluationExamples,
  'notification-events': notificationExamples,
};
