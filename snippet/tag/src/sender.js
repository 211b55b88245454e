import { backOff, retryAfter } from "./backOff.js";
import { BATCH_BYTES, KEEPALIVE_BYTES, batchBody, chooseBatch } from "./batch.js";

/**
 * Send what waits, one batch at a time, until the server has answered for each event. A string body goes out as
 * text/plain, which spares the preflight of a cross-origin request.
 * @param {Window} win
 * @param {ScriptTag} script
 * @param {PendingEvents} pending
 * @returns {Sender}
 */
export function createSender(win, script, pending) {
  /** Ids of what is on its way. */
  const flying = new Set();
  /** Set while a failed batch waits for its next attempt. */
  let timer = 0;
  /** Bytes of the keepalive requests among them. */
  let keepaliveBytes = 0;
  let attempt = 0;
  let notBefore = 0;

  const waiting = () => (Date.now() < notBefore ? [] : pending.list().filter((event) => !flying.has(event.id)));

  const send = () => {
    if (!flying.size) deliver(chooseBatch(waiting(), BATCH_BYTES));
  };

  const deliver = async (/** @type {ReturnType<typeof chooseBatch>} */ { events, bytes }) => {
    if (!events.length) return;
    stopTimer();
    const ids = events.map((event) => event.id);
    ids.forEach((id) => flying.add(id));
    const keepalive = keepaliveBytes + bytes <= KEEPALIVE_BYTES;
    const claimed = keepalive ? bytes : 0;
    keepaliveBytes += claimed;
    const { settled, wait } = await post(win, script, events, keepalive);
    keepaliveBytes -= claimed;
    ids.forEach((id) => flying.delete(id));
    pending.remove(settled);
    if (ids.every((id) => settled.has(id))) {
      attempt = 0;
      send();
    } else {
      retryLater(wait);
    }
  };

  const retryLater = (/** @type {number} */ wait) => {
    notBefore = Date.now() + wait;
    stopTimer();
    timer = win.setTimeout(sendAgain, wait + backOff(++attempt, Math.random()));
  };

  const stopTimer = () => {
    win.clearTimeout(timer);
    timer = 0;
  };

  const sendAgain = () => {
    timer = 0;
    send();
  };

  return {
    send() {
      if (!timer) send();
    },
    sendOnLeaving: () => void deliver(chooseBatch(waiting(), KEEPALIVE_BYTES - keepaliveBytes)),
    retryNow() {
      attempt = 0;
      send();
    },
  };
}

/**
 * Post one batch and read for which events the matter is settled: those with a receipt, or all if the request as a
 * whole was refused for good. Never rejects.
 * @param {Window} win
 * @param {ScriptTag} script
 * @param {PendingEvent[]} events
 * @param {boolean} keepalive
 * @returns {Promise<{settled: Set<string>, wait: number}>} wait: milliseconds that the server asked for
 */
async function post(win, script, events, keepalive) {
  let ids = /** @type {string[]} */ ([]);
  let wait = 0;
  try {
    const body = batchBody(script.writeKey, events);
    const answer = await win.fetch(`${script.host}/v1/batch`, { method: "POST", body, keepalive });
    if (answer.ok) {
      const { receipts } = await answer.json();
      ids = receipts.map((/** @type {{messageId: string}} */ receipt) => receipt.messageId);
    } else if (isFinal(answer.status)) {
      ids = events.map((event) => event.id);
    } else {
      wait = retryAfter(answer.headers.get("Retry-After"), Date.now());
    }
  } catch (_) {
    // No network, or no answer of ours (a captive portal's page): nothing is settled.
  }
  return { settled: new Set(ids), wait };
}

/**
 * Tell whether sending the same again would be refused again.
 * @param {number} status
 */
function isFinal(status) {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
