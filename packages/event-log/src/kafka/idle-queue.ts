import { createRequire } from 'node:module';

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * kafkajs looks through the requests that wait for a connection again and again: when there are none, once a millisecond, for
 * as long as the connection lasts (1751; Node warns of the negative delay). What comes in meanwhile goes out at once, or asks for
 * a look by itself; so without one that waits there is nothing to look for. Of 2.2.4, which is the last one.
 */
const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
const schedule = prototype.scheduleCheckPendingRequests;
prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0) schedule.call(this);
};
