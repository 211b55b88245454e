/**
 * The sessions that the list knows, by id. It says what changed since it was last asked, so that a burst of messages
 * costs one drawing.
 *
 * @typedef {import("./documents.js").Session} Session
 * @typedef {import("./documents.js").Presence} Presence
 */

const CAPACITY = 1000;

export class SessionStore {
  /** @type {Map<string, Session>} */
  #sessions = new Map();
  /** @type {Set<string>} */
  #changed = new Set();

  /** @param {number} [capacity] beyond it, the sessions with the oldest activity are dropped */
  constructor(capacity = CAPACITY) {
    this.capacity = capacity;
  }

  /** @param {Session} session new, or newer than the one known */
  put(session) {
    this.#sessions.set(session.id, session);
    this.#changed.add(session.id);
  }

  clear() {
    for (const id of this.#sessions.keys()) this.#changed.add(id);
    this.#sessions.clear();
  }

  /** @param {string} id */
  get(id) {
    return this.#sessions.get(id);
  }

  /** @returns {Set<string>} ids of sessions put or dropped since the last call */
  takeChanged() {
    this.#drop(this.newestFirst().slice(this.capacity));
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  /** @returns {Session[]} by last activity */
  newestFirst() {
    return [...this.#sessions.values()].sort((a, b) => compare(b.lastEvent.createdDate, a.lastEvent.createdDate) || compare(a.id, b.id));
  }

  /** @returns {Record<Presence, number>} */
  counts() {
    const counts = { LIVE: 0, AWAY: 0, INACTIVE: 0 };
    for (const { presence } of this.#sessions.values()) counts[presence] += 1;
    return counts;
  }

  /** @param {Session[]} sessions */
  #drop(sessions) {
    for (const { id } of sessions) {
      this.#sessions.delete(id);
      this.#changed.add(id);
    }
  }
}

/**
 * Code point order, which is the order in time of ISO-8601 dates in UTC, and much faster than localeCompare.
 *
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
