import assert from "node:assert/strict";
import { test } from "node:test";
import { adoptAbandoned } from "../src/adoptAbandoned.js";
import { batchBody, chooseBatch } from "../src/batch.js";
import { openBrowserStorage } from "../src/browserStorage.js";
import { LEASE_MILLISECONDS, queuePendingEvents } from "../src/pendingEvents.js";
import { makeEvent, makeLocalStorage } from "./browser.js";

/** A queue on an inspectable localStorage. */
function makeQueue(localStorage = makeLocalStorage(), key = "q.own") {
  const storage = openBrowserStorage({ localStorage });
  const pending = queuePendingEvents(storage, key);
  return { pending, storage, localStorage, ids: () => pending.list().map((event) => event.id) };
}

test("what waits is stored with a lease, and the key goes when nothing waits", () => {
  const { pending, localStorage } = makeQueue();
  pending.add(makeEvent("1"));
  pending.save();
  const { until, batch } = JSON.parse(localStorage["q.own"]);
  assert.ok(until > Date.now());
  assert.deepEqual(batch, [makeEvent("1")]);
  pending.remove(new Set(["1"]));
  assert.deepEqual({ ...localStorage }, {});
});

test("what vouches for an identity is sent and never stored, and properties of that name are", () => {
  const { pending, localStorage } = makeQueue();
  const event = { ...makeEvent("1", { verification: "mine" }), context: { locale: "en", verification: { token: "secret" } } };
  pending.add(event);
  pending.save();
  assert.deepEqual(JSON.parse(pending.list()[0].json), event);
  assert.deepEqual(JSON.parse(localStorage["q.own"]).batch, [{ ...event, context: { locale: "en" } }]);
});

test("at most 1,000 events wait; the oldest are dropped", () => {
  const { pending, ids } = makeQueue();
  for (let i = 0; i < 1002; i++) pending.add(makeEvent(`${i}`));
  assert.equal(ids().length, 1000);
  assert.equal(ids()[0], "2");
});

test("at most 256 KB wait, counted in UTF-8; the oldest are dropped", () => {
  const { pending, ids } = makeQueue();
  for (let i = 0; i < 5; i++) pending.add(makeEvent(`${i}`, { text: "é".repeat(40000) }));
  assert.deepEqual(ids(), ["2", "3", "4"]);
});

test("an event larger than the queue does not push the others out", () => {
  const { pending, ids } = makeQueue();
  pending.add(makeEvent("1"));
  pending.add(makeEvent("huge", { text: "x".repeat(300000) }));
  assert.deepEqual(ids(), ["1"]);
});

test("a full storage leaves the events in memory and says so", () => {
  const { pending, localStorage, ids } = makeQueue();
  Object.freeze(localStorage);
  pending.add(makeEvent("1"));
  assert.equal(pending.save(), false);
  assert.deepEqual(ids(), ["1"]);
});

test("a page that was left releases its queue, and the next page adopts it before its own events", () => {
  const left = makeQueue(makeLocalStorage(), "q.left");
  left.pending.add(makeEvent("1"));
  left.pending.release(true);
  const next = makeQueue(left.localStorage);
  next.pending.add(makeEvent("2"));
  assert.equal(adoptAbandoned(next.storage, next.pending, "q."), false);
  assert.deepEqual(next.ids(), ["1", "2"]);
  assert.deepEqual(Object.keys(next.localStorage), ["q.own"]);
});

const foreign = (until) => JSON.stringify({ until, batch: [makeEvent("1")] });
const LEASES = [
  ["that runs is respected", () => Date.now() + 60000, [], true],
  ["that ran out is not", () => Date.now() - 1, ["1"], false],
  ["from a clock that was set back is not", () => Date.now() + LEASE_MILLISECONDS * 10, ["1"], false],
];
for (const [name, until, expected, someAlive] of LEASES) {
  test(`a lease ${name}`, () => {
    const { pending, storage, ids } = makeQueue(makeLocalStorage({ "q.other": foreign(until()) }));
    assert.equal(adoptAbandoned(storage, pending, "q."), someAlive);
    assert.deepEqual(ids(), expected);
  });
}

test("a queue that cannot be read harms nobody", () => {
  const { pending, storage, ids } = makeQueue(makeLocalStorage({ "q.1": "{broken", "q.2": foreign(0) }));
  adoptAbandoned(storage, pending, "q.");
  assert.deepEqual(ids(), ["1"]);
});

test("the queues of another write key are left alone", () => {
  const { pending, storage, localStorage } = makeQueue(makeLocalStorage({ "other.1": foreign(0) }));
  adoptAbandoned(storage, pending, "q.");
  assert.deepEqual(Object.keys(localStorage), ["other.1"]);
});

const waiting = (...sizes) => sizes.map((bytes, index) => ({ id: `${index}`, json: "{}", bytes }));
const idsOf = ({ events }) => events.map((event) => event.id);

test("a batch takes the oldest that fit, and passes over what is too large", () => {
  assert.deepEqual(idsOf(chooseBatch(waiting(400, 900, 100, 400), 1000)), ["0", "2"]);
});

test("a batch has at most 500 events", () => {
  assert.equal(chooseBatch(waiting(...Array(600).fill(10)), 480000).events.length, 500);
});

test("no room means an empty batch", () => assert.deepEqual(idsOf(chooseBatch(waiting(10), -5)), []));

test("the body is what the collector reads, and never larger than was counted", () => {
  const { pending } = makeQueue();
  pending.add(makeEvent("1", { text: "é" }));
  pending.add(makeEvent("2"));
  const { events, bytes } = chooseBatch(pending.list(), 10000);
  const body = batchBody("KEY", events);
  const { writeKey, sentAt, batch } = JSON.parse(body);
  assert.equal(writeKey, "KEY");
  assert.equal(new Date(sentAt).toISOString(), sentAt);
  assert.deepEqual(batch, [makeEvent("1", { text: "é" }), makeEvent("2")]);
  assert.ok(Buffer.byteLength(body) <= bytes);
});
