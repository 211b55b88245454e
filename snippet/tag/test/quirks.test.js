import assert from "node:assert/strict";
import { test } from "node:test";
import { guarded } from "../src/guarded.js";
import { onBackForwardRestore } from "../src/onBackForwardRestore.js";
import { onPageHide } from "../src/onPageHide.js";
import { onUrlChange } from "../src/onUrlChange.js";
import { readScriptTag } from "../src/scriptTag.js";
import { DEFAULT_SETTINGS, fetchSettings } from "../src/settings.js";
import { whenActivated } from "../src/whenActivated.js";
import { makeWindow } from "./browser.js";

const SCRIPT = { host: "https://collect.example", writeKey: "a/b", auto: "all", consentRequired: false };

/** Count how often a listener was called. */
function counter() {
  const count = () => void count.calls++;
  count.calls = 0;
  return count;
}

test("a guarded function gives its result, and swallows what it throws", () => {
  assert.equal(guarded((a, b) => a + b)(1, 2), 3);
  assert.equal(guarded(() => { throw new Error(); })(), undefined);
});

test("the history methods do what they did, then tell", () => {
  const changed = counter();
  const history = {
    pushState(...args) {
      assert.equal(this, history);
      assert.equal(changed.calls, 0);
      return args;
    },
    replaceState() {},
  };
  const win = makeWindow({ history });
  onUrlChange(win, changed);
  assert.deepEqual(history.pushState(1, "", "/b"), [1, "", "/b"]);
  history.replaceState();
  win.dispatchEvent(new Event("popstate"));
  win.dispatchEvent(new Event("hashchange"));
  assert.equal(changed.calls, 4);
});

test("an exception of the history method is the page's own", () => {
  const changed = counter();
  const history = { pushState() { throw new RangeError("too often"); } };
  onUrlChange(makeWindow({ history }), changed);
  assert.throws(() => history.pushState(), RangeError);
  assert.equal(changed.calls, 0);
});

test("a frozen history harms nobody", () => {
  const changed = counter();
  const win = makeWindow({ history: Object.freeze({ pushState() {}, replaceState() {} }) });
  onUrlChange(win, changed);
  win.dispatchEvent(new Event("popstate"));
  assert.equal(changed.calls, 1);
});

test("the Navigation API spares the history methods", () => {
  const changed = counter();
  const pushState = () => {};
  const navigation = Object.assign(new EventTarget(), { currentEntry: {} });
  const win = makeWindow({ history: { pushState }, navigation });
  onUrlChange(win, changed);
  navigation.dispatchEvent(new Event("currententrychange"));
  assert.equal(changed.calls, 1);
  assert.equal(win.history.pushState, pushState);
});

test("only a page from the back-forward cache counts as restored", () => {
  const restored = counter();
  const win = makeWindow();
  onBackForwardRestore(win, restored);
  for (const persisted of [false, true]) win.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
  assert.equal(restored.calls, 1);
});

test("hidden and leaving are told apart, and becoming visible is neither", () => {
  const told = [];
  const win = makeWindow();
  onPageHide(win, (leaving) => told.push(leaving));
  win.document.dispatchEvent(new Event("visibilitychange"));
  win.document.visibilityState = "hidden";
  win.document.dispatchEvent(new Event("visibilitychange"));
  win.dispatchEvent(new Event("pagehide"));
  assert.deepEqual(told, [false, true]);
});

test("a prerendered page starts when it is activated, any other at once", () => {
  const activated = counter();
  const { document } = makeWindow();
  whenActivated(document, activated);
  assert.equal(activated.calls, 1);
  document.prerendering = true;
  whenActivated(document, activated);
  assert.equal(activated.calls, 1);
  document.dispatchEvent(new Event("prerenderingchange"));
  assert.equal(activated.calls, 2);
});

const TAGS = [
  ["host and key", {}, {}],
  ["data-auto", { auto: "once" }, { auto: "once" }],
  ["an unknown data-auto as all", { auto: "maybe" }, {}],
  ["data-consent", { consent: "required" }, { consentRequired: true }],
  ["data-storage", { storage: "none" }, { memoryOnly: true }],
  ["an unknown data-storage as the browser's", { storage: "maybe" }, {}],
];
for (const [name, dataset, expected] of TAGS) {
  test(`the script element gives ${name}`, () => {
    const currentScript = { src: "https://collect.example:8443/path/tag.js?v=1", dataset: { writeKey: "K", ...dataset } };
    const usual = { host: "https://collect.example:8443", writeKey: "K", auto: "all", consentRequired: false, memoryOnly: false };
    assert.deepEqual(readScriptTag({ currentScript }), { ...usual, ...expected });
  });
}

test("without a write key there is no tag", () => {
  assert.equal(readScriptTag({ currentScript: { src: "https://collect.example/tag.js", dataset: {} } }), undefined);
  assert.equal(readScriptTag({ currentScript: null, querySelector: () => null }), undefined);
});

const ANSWERS = [
  ["are completed by the defaults", async () => Response.json({ keepFragment: true }), { ...DEFAULT_SETTINGS, keepFragment: true }],
  ["are the defaults when the server refuses", async () => new Response("{}", { status: 404 }), DEFAULT_SETTINGS],
  ["are the defaults when the answer is no JSON", async () => new Response("<html>"), DEFAULT_SETTINGS],
  ["are the defaults without a network", async () => { throw new TypeError(); }, DEFAULT_SETTINGS],
  ["are the defaults without fetch", undefined, DEFAULT_SETTINGS],
];
for (const [name, fetch, expected] of ANSWERS) {
  test(`settings ${name}`, async () => assert.deepEqual(await fetchSettings(makeWindow({ fetch }), SCRIPT), expected));
}

test("settings are asked for by write key", async () => {
  const urls = [];
  await fetchSettings(makeWindow({ fetch: async (url) => (urls.push(url), Response.json({})) }), SCRIPT);
  assert.deepEqual(urls, ["https://collect.example/v1/projects/a%2Fb/settings"]);
});
