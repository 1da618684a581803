import { DomainError, type Message } from '@coachloop/contracts';
import { expect, test } from 'vitest';
import { handleWebhook, type Webhook, type WebhookCommand } from '../src/domain/webhook.ts';
import { withCreateHash } from '../src/upcasts.ts';

const create = (hash: string): Message => {
  const data: WebhookCommand = {
    type: 'webhook.create',
    key: 'k',
    hash,
    url: 'https://example.com/x',
    types: ['*'],
    description: '',
    start: 'start',
    secret: 'whsec_bmV3',
  };
  return { id: 'm', kind: 'command', type: data.type, source: 's', time: 0, data, origin: null };
};

test('a webhook of the first shape knows the request that made it', () => {
  const old = {
    webhookId: 'w',
    status: 'active',
    secrets: [{ secret: 'whsec_b2xk', untilMs: null }],
    requests: [
      { key: 'later', hash: 'other' },
      { key: 'k', hash: 'same' },
    ],
  };
  const state = withCreateHash(old) as unknown as Webhook; // as the kernel hands it on
  expect(handleWebhook(state, create('same'), 0).reply).toEqual({ fresh: false });
  expect(() => handleWebhook(state, create('other'), 0)).toThrow(DomainError);
});
