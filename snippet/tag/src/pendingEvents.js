/** How long other pages leave a queue alone after its last change: longer than the longest wait between two attempts
 * (60 s), plus the minute by which browsers delay the timers of hidden tabs. */
export const LEASE_MILLISECONDS = 150000;

const MAX_BYTES = 256 * 1024;
const MAX_EVENTS = 1000;

/**
 * Say how the storage keys of all queues for a write key begin; the random id of a page follows.
 * @param {ScriptTag} script
 */
export const queuePrefix = (script) => `_journey_queue.${script.writeKey}.`;

/**
 * Queue events until the server has answered for them. The queue of each page has its own key in localStorage, so tabs
 * never overwrite one another, and a lease, so a page that is gone can be told from one that lives (adoptAbandoned.js).
 * Full means that the oldest are dropped. What vouches for an identity stays in memory: a stored event is the mere claim.
 * @param {BrowserStorage} storage
 * @param {string} key
 * @returns {PendingEvents}
 */
export function queuePendingEvents(storage, key) {
  let events = /** @type {PendingEvent[]} */ ([]);
  let released = false;

  const append = (/** @type {WireEvent} */ event) => {
    const json = JSON.stringify(event);
    const { size } = new Blob([json]);
    const { context } = event;
    const stored = context.verification ? JSON.stringify({ ...event, context: { ...context, verification: undefined } }) : json;
    if (size <= MAX_BYTES) events.push({ id: event.messageId, json, stored, bytes: size });
  };

  const trim = () => {
    let bytes = 0;
    for (const event of events) bytes += event.bytes;
    while (bytes > MAX_BYTES || events.length > MAX_EVENTS) bytes -= /** @type {PendingEvent} */ (events.shift()).bytes;
  };

  const save = () => {
    if (!events.length) {
      storage.remove(key);
      return true;
    }
    const until = released ? 0 : Date.now() + LEASE_MILLISECONDS;
    return storage.set(key, `{"until":${until},"batch":[${events.map((event) => event.stored)}]}`);
  };

  return {
    key,
    list: () => events,
    add(event) {
      append(event);
      trim();
    },
    adopt(older) {
      const own = events;
      events = [];
      older.forEach(append);
      events = events.concat(own);
      trim();
    },
    remove(ids) {
      events = events.filter((event) => !ids.has(event.id));
      save();
    },
    save,
    release(value) {
      released = value;
      save();
    },
    clear() {
      events = [];
    },
  };
}
