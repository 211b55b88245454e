import assert from "node:assert/strict";
import { test } from "node:test";
import { backOff, retryAfter } from "../src/backOff.js";
import { openBrowserStorage } from "../src/browserStorage.js";
import { queuePendingEvents } from "../src/pendingEvents.js";
import { createSender } from "../src/sender.js";
import { makeEvent, makeWindow, settled } from "./browser.js";

const SCRIPT = { host: "https://collect.example", writeKey: "KEY", auto: "all", consentRequired: false };

/** A sender whose requests are noted and answered by the test: `answer(body)` gives a Response, or throws. */
function makeSender(answer) {
  const requests = [];
  const win = makeWindow({
    async fetch(url, options) {
      const body = JSON.parse(options.body);
      requests.push({ url, ...options, ids: body.batch.map((event) => event.messageId) });
      return answer(body, requests.length);
    },
  });
  const pending = queuePendingEvents(openBrowserStorage(win), "q.own");
  const sender = createSender(win, SCRIPT, pending);
  const send = async (...ids) => {
    ids.forEach((id) => pending.add(makeEvent(id)));
    sender.send();
    await settled();
  };
  return { win, requests, pending, sender, send, ids: () => pending.list().map((event) => event.id) };
}

const receipts = (events, status = "accepted") =>
  Response.json({ success: true, receipts: events.map(({ messageId }) => ({ messageId, status })), actions: [] });
const accept = ({ batch }) => receipts(batch);
const refuse = (status, headers) => () => new Response("{}", { status, headers });

test("what waits goes out as one keepalive POST of plain text", async () => {
  const { requests, send, ids } = makeSender(accept);
  await send("1", "2");
  assert.equal(requests.length, 1);
  const { url, method, keepalive, headers } = requests[0];
  assert.deepEqual({ url, method, keepalive, headers }, { url: "https://collect.example/v1/batch", method: "POST", keepalive: true, headers: undefined });
  assert.deepEqual(ids(), []);
});

test("an event that the server rejected is not sent again", async () => {
  const { win, send, ids } = makeSender(({ batch }) => receipts(batch, "rejected"));
  await send("1");
  assert.deepEqual(ids(), []);
  assert.equal(win.timers.size, 0);
});

test("an event without a receipt is sent again", async () => {
  const { win, requests, send, ids } = makeSender(({ batch }, count) => receipts(count === 1 ? batch.slice(0, 1) : batch));
  await send("1", "2");
  assert.deepEqual(ids(), ["2"]);
  await win.runTimers();
  assert.deepEqual(requests[1].ids, ["2"]);
  assert.deepEqual(ids(), []);
});

const FAILURES = [
  ["the network fails", () => { throw new TypeError("Failed to fetch"); }],
  ["the server fails", refuse(500)],
  ["the server is busy", refuse(429)],
  ["the server timed out", refuse(408)],
  ["a captive portal answers with a page", () => new Response("<html>")],
];
for (const [name, failure] of FAILURES) {
  test(`the same events are sent again when ${name}`, async () => {
    const { win, requests, send, ids } = makeSender((body, count) => (count === 1 ? failure() : accept(body)));
    await send("1");
    assert.deepEqual(ids(), ["1"]);
    await send("2");
    assert.equal(requests.length, 1, "new events wait for the next attempt");
    await win.runTimers();
    assert.deepEqual(requests[1].ids, ["1", "2"]);
    assert.deepEqual(ids(), []);
  });
}

for (const status of [400, 401, 403, 413]) {
  test(`a batch that was refused with ${status} is dropped`, async () => {
    const { win, send, ids } = makeSender(refuse(status));
    await send("1");
    assert.deepEqual(ids(), []);
    assert.equal(win.timers.size, 0);
  });
}

test("one batch is on its way at a time, and what came meanwhile follows together", async () => {
  let release;
  const { requests, send } = makeSender((body, count) => (count === 1 ? new Promise((resolve) => (release = () => resolve(accept(body)))) : accept(body)));
  await send("1");
  await send("2");
  await send("3");
  assert.equal(requests.length, 1);
  release();
  await settled();
  assert.deepEqual(requests.map((request) => request.ids), [["1"], ["2", "3"]]);
});

test("a page that leaves sends at once, but not what is on its way already", async () => {
  const { requests, send, sender } = makeSender(() => new Promise(() => {}));
  await send("1");
  await send("2");
  sender.sendOnLeaving();
  sender.sendOnLeaving();
  assert.deepEqual(requests.map((request) => request.ids), [["1"], ["2"]]);
});

test("a page that leaves keeps within the keepalive budget, the rest stays queued", async () => {
  const { requests, pending, sender } = makeSender(() => new Promise(() => {}));
  for (let i = 0; i < 5; i++) pending.add(makeEvent(`${i}`, { text: "x".repeat(25000) }));
  sender.sendOnLeaving();
  sender.sendOnLeaving();
  assert.deepEqual(requests.map((request) => [request.ids, request.keepalive]), [[["0", "1"], true]]);
});

test("a batch beyond the keepalive budget goes out without keepalive", async () => {
  const { requests, pending, send } = makeSender(accept);
  for (let i = 0; i < 4; i++) pending.add(makeEvent(`${i}`, { text: "x".repeat(25000) }));
  await send();
  assert.deepEqual(requests.map((request) => [request.ids.length, request.keepalive]), [[4, false]]);
});

test("being online again ends the wait, unless the server named a time", async () => {
  const failing = makeSender((body, count) => (count === 1 ? refuse(503)() : accept(body)));
  await failing.send("1");
  failing.sender.retryNow();
  await settled();
  assert.equal(failing.requests.length, 2);

  const busy = makeSender(refuse(503, { "Retry-After": "30" }));
  await busy.send("1");
  busy.sender.retryNow();
  busy.sender.sendOnLeaving();
  await settled();
  assert.equal(busy.requests.length, 1);
  assert.ok([...busy.win.timers.values()][0].milliseconds > 30000);
});

test("a browser without fetch keeps its events", async () => {
  const { win, send, ids } = makeSender(accept);
  win.fetch = undefined;
  await send("1");
  assert.deepEqual(ids(), ["1"]);
});

test("the wait doubles from one second to one minute, of which at most half is taken off", () => {
  assert.deepEqual([1, 2, 3, 7, 50].map((attempt) => backOff(attempt, 0)), [1000, 2000, 4000, 60000, 60000]);
  assert.equal(backOff(3, 0.5), 3000);
});

const HEADERS = [
  ["seconds", "7", 7000],
  ["a date", "Thu, 01 Jan 1970 00:00:20 GMT", 10000],
  ["a date that has passed", "Thu, 01 Jan 1970 00:00:05 GMT", 0],
  ["more than an hour", "86400", 3600000],
  ["nonsense", "soon", 0],
  ["nothing", null, 0],
];
for (const [name, header, expected] of HEADERS) {
  test(`Retry-After with ${name}`, () => assert.equal(retryAfter(header, 10000), expected));
}
