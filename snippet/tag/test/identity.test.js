import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { openBrowserStorage } from "../src/browserStorage.js";
import { askConsent } from "../src/consent.js";
import { eraseStored } from "../src/eraseStored.js";
import { openMemory } from "../src/memory.js";
import { randomUuid } from "../src/randomUuid.js";
import { rememberVisitor } from "../src/visitor.js";
import { openVisitorCookie } from "../src/visitorCookie.js";
import { makeLocalStorage, makeWindow } from "./browser.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const CRYPTOS = [
  ["crypto.randomUUID", webcrypto],
  ["getRandomValues, where the context is not secure", { getRandomValues: (array) => webcrypto.getRandomValues(array) }],
  ["Math.random, where there is no crypto", undefined],
];
for (const [name, crypto] of CRYPTOS) {
  test(`a random id is a UUID of version 4, made with ${name}`, () => {
    const ids = new Set(Array.from({ length: 100 }, () => randomUuid(crypto)));
    assert.equal(ids.size, 100);
    for (const id of ids) assert.match(id, UUID);
  });
}

test("a storage that throws on every touch reads as empty and stores nothing", () => {
  const storage = openBrowserStorage({
    get localStorage() {
      throw new Error("SecurityError");
    },
  });
  assert.equal(storage.get("a"), undefined);
  assert.equal(storage.set("a", "b"), false);
  assert.deepEqual(storage.keys(), []);
  storage.remove("a");
});

test("the cookie lasts a year for the whole site, and is secure on https", () => {
  const document = { cookie: "" };
  openVisitorCookie(document, "https:").write("abcdefgh-1");
  assert.equal(document.cookie, "_journey_id=abcdefgh-1;path=/;max-age=31536000;SameSite=Lax;Secure");
  openVisitorCookie(document, "http:").write("abcdefgh-1");
  assert.doesNotMatch(document.cookie, /Secure/);
});

const COOKIES = [
  ["found among others", "a=b; _journey_id=abcdefgh-1; c=d", "abcdefgh-1"],
  ["not taken from a name that ends alike", "x_journey_id=abcdefgh-1", undefined],
  ["not taken when it is no id of ours", "_journey_id=<script>", undefined],
];
for (const [name, cookie, expected] of COOKIES) {
  test(`the visitor id is ${name}`, () => assert.equal(openVisitorCookie({ cookie }, "https:").read(), expected));
}

/** A visitor with an inspectable storage and cookie. */
function makeVisitor({ stored = {}, cookie = undefined } = {}) {
  const localStorage = makeLocalStorage(stored);
  const jar = { id: cookie, read: () => jar.id, write: (id) => (jar.id = id), erase: () => (jar.id = undefined) };
  let count = 0;
  const visitor = rememberVisitor(openBrowserStorage({ localStorage }), jar, () => `new-${++count}`);
  return { visitor, localStorage, jar };
}

test("a new visitor's id is stored in both places", () => {
  const { visitor, localStorage, jar } = makeVisitor();
  assert.equal(visitor.id(), "new-1");
  assert.equal(visitor.id(), "new-1");
  assert.deepEqual([localStorage._journey_id, jar.id], ["new-1", "new-1"]);
});

test("the cookie restores localStorage", () => {
  const { visitor, localStorage } = makeVisitor({ cookie: "known" });
  assert.equal(visitor.id(), "known");
  assert.equal(localStorage._journey_id, "known");
});

test("localStorage restores the cookie", () => {
  const { visitor, jar } = makeVisitor({ stored: { _journey_id: "known" } });
  assert.equal(visitor.id(), "known");
  assert.equal(jar.id, "known");
});

test("reset makes a new id and forgets the user", () => {
  const { visitor, localStorage } = makeVisitor({ cookie: "known" });
  visitor.identify("user");
  assert.equal(visitor.userId(), "user");
  visitor.reset();
  assert.equal(visitor.id(), "new-1");
  assert.equal(visitor.userId(), undefined);
  assert.deepEqual({ ...localStorage }, { _journey_id: "new-1" });
});

test("a reset in another tab holds here too", () => {
  const { visitor, jar } = makeVisitor({ cookie: "known" });
  visitor.id();
  jar.id = "other-tab";
  assert.equal(visitor.id(), "other-tab");
});

test("erasing removes our keys and cookie and nothing else", () => {
  const { localStorage, jar } = makeVisitor({ stored: { _journey_id: "a", "_journey_queue.K.1": "b", cart: "c" }, cookie: "a" });
  eraseStored(openBrowserStorage({ localStorage }), jar);
  assert.deepEqual({ ...localStorage }, { cart: "c" });
  assert.equal(jar.id, undefined);
});

/** What was called back, for a browser with or without Global Privacy Control. */
function makeConsent({ gpc = false, required = false, stored = {}, earlier = [] } = {}) {
  const seen = [];
  const localStorage = makeLocalStorage(stored);
  const on = { granted: () => seen.push("granted"), denied: () => seen.push("denied") };
  const consent = askConsent(makeWindow({ navigator: { globalPrivacyControl: gpc } }), required, openBrowserStorage({ localStorage }), on);
  consent.begin(earlier);
  const told = () => consent.stamp({ context: {} }).context.consent;
  return { consent, seen, told, localStorage };
}

const BEGINNINGS = [
  ["consent is granted unless something says otherwise", {}, ["granted"]],
  ["required consent is pending", { required: true }, []],
  ["Global Privacy Control denies", { gpc: true }, ["denied"]],
  ["Global Privacy Control denies also where consent is required", { gpc: true, required: true }, ["denied"]],
];
for (const [name, situation, expected] of BEGINNINGS) {
  test(name, () => assert.deepEqual(makeConsent(situation).seen, expected));
}

test("an explicit grant overrides Global Privacy Control for this page", () => {
  const { consent, seen } = makeConsent({ gpc: true });
  consent.decide("granted");
  assert.deepEqual(seen, ["denied", "granted"]);
  assert.ok(consent.isGranted() && !consent.isDenied());
});

test("a decision that is neither granted nor denied changes nothing", () => {
  const { consent, seen } = makeConsent({ required: true });
  for (const nonsense of ["yes", undefined, "constructor"]) consent.decide(nonsense);
  assert.deepEqual(seen, []);
});

const SINCE = "2026-01-31T12:00:00.000Z";
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

test("events tell nothing of consent until the site has said that it is granted", () => {
  const { consent, told, localStorage } = makeConsent();
  assert.equal(told(), undefined);
  consent.decide("granted");
  assert.equal(told().state, "granted");
  assert.match(told().date, ISO);
  assert.equal(localStorage._journey_consent, told().date);
  consent.decide("denied");
  assert.equal(told(), undefined);
});

test("a grant that is repeated on the next page does not become younger", () => {
  const { consent, told } = makeConsent({ stored: { _journey_consent: SINCE } });
  consent.decide("granted");
  assert.deepEqual(told(), { state: "granted", date: SINCE });
});

const EARLIER = [
  ["a text", [["consent", "granted", SINCE]], SINCE],
  ["a Date, which is not yet copied", [["consent", "granted", new Date(SINCE)]], SINCE],
  ["of the last decision", [["consent", "denied"], ["consent", "granted", SINCE], ["consent", "nonsense", "x"]], SINCE],
  ["the stored one where the site tells none", [["consent", "granted"]], "2025-01-01T00:00:00.000Z"],
  ["the stored one where the site's is invalid", [["consent", "granted", new Date("x")]], "2025-01-01T00:00:00.000Z"],
];
for (const [name, earlier, expected] of EARLIER) {
  test(`the date of a grant is that of the site: ${name}`, () => {
    const { told, localStorage } = makeConsent({ earlier, stored: { _journey_consent: "2025-01-01T00:00:00.000Z" } });
    assert.deepEqual(told(), { state: "granted", date: expected });
    assert.equal(localStorage._journey_consent, expected);
  });
}

test("without storage the visitor id and the date of the grant live in memory", () => {
  const memory = openMemory();
  const storage = openBrowserStorage(memory);
  const visitor = rememberVisitor(storage, openVisitorCookie(memory.document, "https:"), () => "first-visit");
  assert.equal(visitor.id(), "first-visit");
  assert.equal(visitor.id(), "first-visit");
  visitor.identify("user");
  assert.equal(visitor.userId(), "user");
  assert.deepEqual(storage.keys(), []);
  visitor.forget();
  eraseStored(storage, openVisitorCookie(memory.document, "https:"));
  assert.equal(visitor.userId(), undefined);
});

test("two pages without storage are two visitors", () => {
  const ids = ["visitor-1", "visitor-2"].map((id) => {
    const memory = openMemory();
    return rememberVisitor(openBrowserStorage(memory), openVisitorCookie(memory.document, "https:"), () => id).id();
  });
  assert.deepEqual(ids, ["visitor-1", "visitor-2"]);
});
