import assert from "node:assert/strict";
import { test } from "node:test";
import { installCommandQueue } from "../src/commandQueue.js";
import { readMoment } from "../src/context.js";
import { holdCalls } from "../src/heldCalls.js";
import { createRecorder } from "../src/recorder.js";
import { DEFAULT_SETTINGS } from "../src/settings.js";
import { makeWindow } from "./browser.js";

/** A recorder, what it recorded, and a visitor that can be looked at. */
function makeRecorder({ auto = "all", settings = DEFAULT_SETTINGS } = {}) {
  const win = makeWindow();
  win.document.referrer = "https://search.example/";
  const events = [];
  const visitor = { userId: () => visitor.user, id: () => "visitor", identify: (id) => (visitor.user = id), reset: () => (visitor.user = undefined) };
  const recorder = createRecorder(win, auto, visitor, (event) => events.push(event));
  recorder.use(settings);
  const at = (path) => ({ ...readMoment(win), url: `https://shop.example${path}` });
  const seen = () => events.map(({ type, event, name, context }) => [type, event || name, context.page.url.slice(20)]);
  return { recorder, events, at, seen };
}

test("a view describes page, browser and visitor", () => {
  const { recorder, events, at } = makeRecorder();
  recorder.view(at("/a?x=1#f"));
  const [{ messageId, timestamp, context, ...rest }] = events;
  assert.match(messageId, /^[0-9a-f-]{36}$/);
  assert.equal(new Date(timestamp).toISOString(), timestamp);
  assert.deepEqual(rest, { type: "page", anonymousId: "visitor", userId: undefined, name: undefined, properties: {} });
  assert.deepEqual(context.page, { url: "https://shop.example/a?x=1", path: "/a", title: "Title", referrer: "https://search.example/", search: "?x=1" });
  assert.deepEqual(context.screen, { width: 1600, height: 900, innerWidth: 800, innerHeight: 600 });
  assert.equal(context.library.name, "journey-tag");
});

test("one address is viewed once, and the next view is referred by it", () => {
  const { recorder, events, at, seen } = makeRecorder();
  for (const path of ["/a", "/a", "/a#f", "/b", "/b", "/a"]) recorder.view(at(path));
  assert.deepEqual(seen(), [["page", undefined, "/a"], ["page", undefined, "/b"], ["page", undefined, "/a"]]);
  assert.deepEqual(events.map((event) => event.context.page.referrer), ["https://search.example/", "https://shop.example/a", "https://shop.example/b"]);
});

test("a fragment is an address of its own where it is kept", () => {
  const { recorder, at, seen } = makeRecorder({ settings: { ...DEFAULT_SETTINGS, keepFragment: true } });
  for (const path of ["/#/a", "/#/b"]) recorder.view(at(path));
  assert.equal(seen().length, 2);
});

test("a page that came back from the cache is viewed again, from the same referrer", () => {
  const { recorder, events, at } = makeRecorder();
  recorder.view(at("/a"));
  recorder.view(at("/b"));
  recorder.viewAgain(at("/b"));
  assert.deepEqual(events.map((event) => event.context.page.referrer), ["https://search.example/", "https://shop.example/a", "https://shop.example/a"]);
});

const AUTO = [["all", 2], ["once", 1], ["off", 0]];
for (const [auto, expected] of AUTO) {
  test(`data-auto="${auto}" records ${expected} of two views by itself`, () => {
    const { recorder, at, seen } = makeRecorder({ auto });
    recorder.view(at("/a"));
    recorder.view(at("/b"));
    assert.equal(seen().length, expected);
  });
}

test("a search is recorded besides the page, again only when value or path changed", () => {
  const { recorder, events, at, seen } = makeRecorder();
  for (const path of ["/a?q=x", "/a?q=x&page=2", "/b?q=x", "/b?q=y", "/b", "/b?q=y"]) recorder.view(at(path));
  const searches = events.filter((event) => event.event === "search_performed");
  assert.deepEqual(searches.map((event) => [event.context.page.path, event.properties]), [["/a", { query: "x" }], ["/b", { query: "x" }], ["/b", { query: "y" }], ["/b", { query: "y" }]]);
  assert.equal(seen().length, 10);
});

test("an excluded parameter is no search", () => {
  const { recorder, seen, at } = makeRecorder({ settings: { ...DEFAULT_SETTINGS, excludedQueryParameters: ["q"] } });
  recorder.view(at("/a?q=secret"));
  assert.deepEqual(seen(), [["page", undefined, "/a"]]);
});

const CALLS = [
  ["page with a name", ["page", "Home", { a: 1 }], { type: "page", name: "Home", properties: { a: 1 } }],
  ["page with properties only", ["page", { a: 1 }], { type: "page", name: undefined, properties: { a: 1 } }],
  ["track", ["track", "clicked", { a: 1 }], { type: "track", event: "clicked", properties: { a: 1 } }],
  ["track without properties", ["track", "clicked"], { type: "track", event: "clicked", properties: {} }],
  ["identify with an id", ["identify", 7, { email: "a@b.c" }], { type: "identify", userId: "7", traits: { email: "a@b.c" } }],
  ["identify with traits only", ["identify", { email: "a@b.c" }], { type: "identify", traits: { email: "a@b.c" } }],
  ["identify with null for the id", ["identify", null, { email: "a@b.c" }], { type: "identify", traits: { email: "a@b.c" } }],
];
for (const [name, [verb, ...rest], expected] of CALLS) {
  test(`${name} gives the expected event`, () => {
    const { recorder, events, at } = makeRecorder();
    recorder.verbs[verb](at("/a"), ...rest);
    assert.equal(events.length, 1);
    for (const key of Object.keys(expected)) assert.deepEqual(events[0][key], expected[key]);
  });
}

test("the user id goes with later calls until reset", () => {
  const { recorder, events, at } = makeRecorder();
  recorder.verbs.identify(at("/a"), "u");
  recorder.verbs.track(at("/a"), "x");
  recorder.verbs.reset(at("/a"));
  recorder.verbs.track(at("/a"), "y");
  assert.deepEqual(events.map((event) => event.userId), ["u", "u", undefined]);
});

for (const call of [["track"], ["identify"], ["identify", ""], ["identify", null]]) {
  test(`${JSON.stringify(call)} says nothing and is not recorded`, () => {
    const { recorder, events, at } = makeRecorder();
    recorder.verbs[call[0]](at("/a"), ...call.slice(1));
    assert.deepEqual(events, []);
  });
}

const SIGNATURES = { userId: "ab12", email: "cd34" };
const VERIFIED_CALLS = [
  ["after id and traits", ["u", { email: "a@b.c" }, { signatures: SIGNATURES }], { signatures: SIGNATURES, token: undefined }],
  ["a token after id and traits", ["u", {}, { token: "x.y.z" }], { signatures: undefined, token: "x.y.z" }],
  ["after traits alone", [{ email: "a@b.c" }, { signatures: SIGNATURES }], { signatures: SIGNATURES, token: undefined }],
  ["with null for the traits", ["u", null, { token: "x.y.z" }], { signatures: undefined, token: "x.y.z" }],
  ["without what is no verification", ["u", {}, { token: "x.y.z", integrations: { All: true } }], { signatures: undefined, token: "x.y.z" }],
  ["absent", ["u", { email: "a@b.c" }], undefined],
  ["null", ["u", {}, null], undefined],
];
for (const [name, call, expected] of VERIFIED_CALLS) {
  test(`what vouches for an identity travels in the context: ${name}`, () => {
    const { recorder, events, at } = makeRecorder();
    recorder.verbs.identify(at("/a"), ...call);
    assert.deepEqual(events[0].context.verification, expected);
    assert.equal(JSON.stringify(events[0].traits).includes("signatures"), false);
  });
}

test("what vouches for an identity goes with its own call only", () => {
  const { recorder, events, at } = makeRecorder();
  recorder.verbs.identify(at("/a"), "u", {}, { token: "x.y.z" });
  recorder.verbs.track(at("/a"), "x");
  recorder.view(at("/b"));
  recorder.verbs.identify(at("/b"), "u");
  assert.deepEqual(events.map((event) => event.context.verification?.token), ["x.y.z", undefined, undefined, undefined]);
});

test("nothing that every object inherits is a verb", () => {
  const { recorder } = makeRecorder();
  for (const verb of ["constructor", "toString", "__proto__"]) assert.equal(recorder.verbs[verb], undefined);
});

test("a held call has the address of its time, and the title that was set a moment later", async () => {
  const win = makeWindow();
  const performed = [];
  const held = holdCalls(win, () => held.perform((act, moment) => performed.push([moment.url, moment.title])));
  held.hold(() => {});
  win.location.href = "https://shop.example/b";
  held.hold(() => {});
  win.document.title = "B";
  assert.equal(win.timers.size, 1);
  await win.runTimers();
  assert.deepEqual(performed, [["https://shop.example/a", "Title"], ["https://shop.example/b", "B"]]);
  held.hold(() => {});
  assert.equal(win.timers.size, 1, "the next call is held for a moment of its own");
});

test("dropped calls are not performed", () => {
  const held = holdCalls(makeWindow(), () => {});
  held.hold(() => assert.fail());
  held.drop();
  held.perform((act, moment) => act(moment));
});

test("calls made before the tag had loaded are handed over, and a stub that was kept still works", () => {
  const win = makeWindow();
  win.journey = { q: [["track", "early"]] };
  const calls = [];
  const waiting = installCommandQueue(win, (call) => calls.push([...call]));
  assert.deepEqual(waiting, [["track", "early"]]);
  win.journey("track", "direct");
  win.journey.q.push(["track", "stub"]);
  assert.deepEqual(calls, [["track", "direct"], ["track", "stub"]]);
});
