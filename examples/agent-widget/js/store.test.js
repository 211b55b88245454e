import assert from "node:assert/strict";
import { test } from "node:test";

import { SessionStore } from "./store.js";

/**
 * @param {string} id
 * @param {string} createdDate of its last event
 * @param {import("./documents.js").Presence} [presence]
 * @returns {import("./documents.js").Session}
 */
function session(id, createdDate, presence = "LIVE") {
  return {
    id, shortId: "123456", type: "web", presence, createdDate, endedDate: null, eventCount: 1, pageviewCount: 1, durationInSeconds: 0,
    lastPage: null, searchTerms: [], browser: null, device: null, geolocation: null, referrer: null,
    contact: { id: "c", displayName: null, type: "EPHEMERAL" }, lastEvent: { eventName: "page_viewed", createdDate }, predictions: [],
  };
}

const NOON = "2026-01-01T12:00:00.000Z";
const LATER = "2026-01-01T12:00:05.000Z";

test("the newest activity stands first, and moves up when it happens", () => {
  const store = new SessionStore();
  store.put(session("a", NOON));
  store.put(session("b", LATER));
  assert.deepEqual(store.newestFirst().map(({ id }) => id), ["b", "a"]);
  store.put(session("a", "2026-01-01T12:00:09.000Z"));
  assert.deepEqual(store.newestFirst().map(({ id }) => id), ["a", "b"]);
});

test("a session is known once, in its newest state", () => {
  const store = new SessionStore();
  store.put(session("a", NOON));
  store.put(session("a", NOON, "AWAY"));
  assert.deepEqual(store.counts(), { LIVE: 0, AWAY: 1, INACTIVE: 0 });
  assert.equal(store.get("a")?.presence, "AWAY");
});

test("a change is told once", () => {
  const store = new SessionStore();
  store.put(session("a", NOON));
  store.put(session("a", LATER));
  assert.deepEqual([...store.takeChanged()], ["a"]);
  assert.deepEqual([...store.takeChanged()], []);
});

test("a cleared session is told as changed, and is gone", () => {
  const store = new SessionStore();
  store.put(session("a", NOON));
  store.takeChanged();
  store.clear();
  assert.deepEqual([...store.takeChanged()], ["a"]);
  assert.equal(store.get("a"), undefined);
});

test("beyond its capacity the store drops the oldest activity", () => {
  const store = new SessionStore(2);
  store.put(session("old", NOON));
  store.put(session("newest", "2026-01-01T12:01:00.000Z"));
  store.put(session("newer", LATER));
  assert.deepEqual([...store.takeChanged()].sort(), ["newer", "newest", "old"]);
  assert.deepEqual(store.newestFirst().map(({ id }) => id), ["newest", "newer"]);
});
