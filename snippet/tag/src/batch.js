/** Browsers give a page 64 KiB for all its keepalive requests that are under way (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch). */
export const KEEPALIVE_BYTES = 60000;

/** The collector takes 500 KB and 500 events a request. */
export const BATCH_BYTES = 480000;
const BATCH_EVENTS = 500;

/** Room for what surrounds the events in the body: write key, date, brackets. */
const ENVELOPE_BYTES = 300;

/**
 * Choose the oldest events that fit into one request; what is too large for it is passed over.
 * @param {PendingEvent[]} events
 * @param {number} maxBytes of the whole body
 * @returns {{events: PendingEvent[], bytes: number}}
 */
export function chooseBatch(events, maxBytes) {
  const chosen = [];
  let bytes = ENVELOPE_BYTES;
  for (const event of events) {
    if (chosen.length < BATCH_EVENTS && bytes + event.bytes < maxBytes) {
      chosen.push(event);
      bytes += event.bytes + 1;
    }
  }
  return { events: chosen, bytes };
}

/**
 * Write the body of a request.
 * @param {string} writeKey
 * @param {PendingEvent[]} events
 */
export function batchBody(writeKey, events) {
  const head = JSON.stringify({ writeKey, sentAt: new Date() }).slice(0, -1);
  return `${head},"batch":[${events.map((event) => event.json)}]}`;
}
