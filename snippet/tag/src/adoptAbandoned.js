import { guarded } from "./guarded.js";
import { LEASE_MILLISECONDS } from "./pendingEvents.js";

/**
 * Take over the queues of pages that are gone: those that released theirs when they were left, and those whose lease ran
 * out because they crashed. Web Locks would tell sooner, but a page that holds one is barred from the back-forward cache.
 * If the other page lives after all, events go out twice and the server drops the second by its messageId.
 * @param {BrowserStorage} storage
 * @param {PendingEvents} pending
 * @param {string} prefix of the queues for this write key
 * @returns {boolean} whether a queue remains whose page may be alive
 */
export function adoptAbandoned(storage, pending, prefix) {
  let someAlive = false;
  const adopt = guarded((/** @type {string} */ key) => {
    const { until, batch } = JSON.parse(storage.get(key) || "{}");
    const lease = until - Date.now();
    // A lease longer than we ever give comes from a clock that was set back since.
    if (lease > 0 && lease <= LEASE_MILLISECONDS) {
      someAlive = true;
      return;
    }
    if (batch) pending.adopt(batch);
    if (pending.save()) storage.remove(key);
  });
  storage.keys().filter((key) => key.startsWith(prefix) && key !== pending.key).forEach((key) => adopt(key));
  return someAlive;
}
