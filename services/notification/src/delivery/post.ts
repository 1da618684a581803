/** One attempt to deliver one event. Never throws: an attempt that failed is an answer too. */
import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type CloudEvent, toStructured } from '@coachloop/contracts';
import { Webhook as Signer } from 'standardwebhooks';
import { urlFaultOf } from './address.ts';

export interface Attempt {
  /** Null: no answer. */
  readonly status: number | null;
  /** Why it counts as failed; null: it was taken. */
  readonly error: string | null;
  /** The receiver asks to be left alone for so long. */
  readonly retryAfterMs?: number;
}

export interface Posting {
  readonly url: string;
  /** Those that sign now, newest first. */
  readonly secrets: readonly string[];
  readonly wallMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly allowPrivate: boolean;
  readonly agents: { readonly http: Agent; readonly https: Agent };
}

const RETRY_AFTER_MS_MAX = 3_600_000;
/** Of an answer that nobody reads: what is larger is not drained, and the connection not used again. */
const ANSWER_BYTES_MAX = 64 * 1024;

export const bodyOf = (event: CloudEvent): string => JSON.stringify(toStructured(event));

/** Standard Webhooks: `id.timestamp.body`, HMAC-SHA256; one signature per secret, so that a secret can be changed without a gap. */
export function signedHeaders(id: string, body: string, secrets: readonly string[], wallMs: number) {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(wallMs / 1000)),
    'webhook-signature': secrets.map((secret) => new Signer(secret).sign(id, new Date(wallMs), body)).join(' '),
  };
}

export async function post(event: CloudEvent, posting: Posting): Promise<Attempt> {
  const { url, allowPrivate, timeoutMs } = posting;
  const fault = urlFaultOf(url, allowPrivate); // a literal address is not looked up, so it is checked here
  if (fault) return { status: null, error: fault };
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await send(event, posting, AbortSignal.any([timeout, posting.signal]));
    return attemptOf(answer, posting.wallMs);
  } catch (error) {
    return { status: null, error: timeout.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error) };
  }
}

function send(event: CloudEvent, posting: Posting, signal: AbortSignal): Promise<IncomingMessage> {
  const body = bodyOf(event);
  const isHttps = new URL(posting.url).protocol === 'https:';
  const options = {
    method: 'POST',
    signal,
    agent: isHttps ? posting.agents.https : posting.agents.http,
    headers: {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'Coachloop-Webhooks/1',
      ...signedHeaders(event.id, body, posting.secrets, posting.wallMs),
    },
  };
  return new Promise((resolve, reject) => {
    const request: ClientRequest = isHttps ? httpsRequest(posting.url, options) : httpRequest(posting.url, options);
    request.on('error', reject);
    request.on('response', (answer) => drain(answer, () => resolve(answer)));
    request.end(body);
  });
}

/** The status counts once it is there; the rest is read so that the connection can be used again. */
function drain(answer: IncomingMessage, done: () => void): void {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) answer.destroy();
  });
  answer.on('error', done);
  answer.on('close', done);
}

function attemptOf({ statusCode = 0, headers }: IncomingMessage, wallMs: number): Attempt {
  if (statusCode >= 200 && statusCode < 300) return { status: statusCode, error: null };
  const error =
    statusCode >= 300 && statusCode < 400 ? 'it redirects, which is not followed' : `it answered ${statusCode}`;
  const retryAfterMs = retryAfterOf(headers['retry-after'], wallMs);
  return { status: statusCode, error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Seconds or an HTTP date (RFC 9110, section 10.2.3); bounded. */
export function retryAfterOf(value: string | undefined, wallMs: number): number | undefined {
  if (value === undefined) return undefined;
  const date = /^[A-Za-z]{3}, /.test(value) ? Date.parse(value) : Number.NaN; // Date.parse alone takes "-1" for a year
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : date - wallMs;
  return Number.isNaN(ms) ? undefined : Math.min(RETRY_AFTER_MS_MAX, Math.max(0, ms));
}

/** Codes, not messages: those may hold the address with its path. */
function reasonOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  const known = code ?? cause?.code;
  return typeof known === 'string' ? known : 'the connection failed';
}
