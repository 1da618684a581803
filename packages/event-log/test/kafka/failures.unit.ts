/** What is said of a failure, and whether it is one to wait for. */
import { expect, test } from 'vitest';
import { isFinal, isLost, unavailable } from '../../src/kafka/failures.ts';

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

test.each([
  ['Client network socket disconnected before secure TLS connection was established', true],
  ['self-signed certificate in certificate chain', true],
  ['connect ECONNREFUSED 127.0.0.1:9092', false],
  ['getaddrinfo ENOTFOUND tls.broker.example', false],
])('%s: whether somebody should look at TLS', (message, isTold) => {
  const error = unavailable('Connecting', named('KafkaJSConnectionError', message));
  expect(error.code).toBe('LOG_UNAVAILABLE');
  expect(error.message.includes('KAFKA_SSL_CA')).toBe(isTold);
});

test('of a reading nothing is said of what was to be written', () => {
  const error = unavailable('Reading the topics', named('KafkaJSConnectionError', 'Connection timeout'));
  expect(error.message).toBe(
    'Reading the topics: Connection timeout. Check that the log runs and can be reached from here, then try again.',
  );
});

test('a wrong password is final, a connection that breaks while somebody logs in is not', () => {
  const refused = named('KafkaJSSASLAuthenticationError', 'SASL PLAIN authentication failed: Invalid credentials');
  const broken = named('KafkaJSSASLAuthenticationError', 'SASL PLAIN authentication failed: Closed connection');
  expect([isFinal(refused), isLost(refused)]).toEqual([true, false]);
  expect([isFinal(broken), isLost(broken)]).toEqual([false, true]);
  expect(unavailable('Connecting', refused).code).toBe('LOG_ACCESS_DENIED');
  expect(unavailable('Connecting', broken).code).toBe('LOG_UNAVAILABLE');
});
