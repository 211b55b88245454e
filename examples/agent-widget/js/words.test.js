import assert from "node:assert/strict";
import { test } from "node:test";

import * as words from "./words.js";

const NOW = Date.parse("2026-01-01T12:00:00Z");

test("durations read as minutes and seconds, with hours only when there are any", () => {
  assert.deepEqual([0, 65, 3607, 36_000].map(words.duration), ["0:00", "1:05", "1:00:07", "10:00:00"]);
});

test("a moment is told from now, and never lies in the future", () => {
  assert.equal(words.ago("2026-01-01T11:59:48Z", NOW), "12 s ago");
  assert.equal(words.ago("2026-01-01T11:57:01Z", NOW), "2 min ago");
  assert.equal(words.ago("2026-01-01T12:00:09Z", NOW), "just now");
});

test("event names read as words", () => {
  assert.equal(words.event("search_performed"), "Search performed");
});

test("a page without a title shows its path, an odd address as it is", () => {
  assert.equal(words.pageTitle({ url: "https://shop.example/a?b=c", title: null }), "/a?b=c");
  assert.equal(words.pageTitle({ url: "not an address", title: null }), "not an address");
  assert.equal(words.pageTitle(null), "–");
});

test("a filter asks for every word, wherever it stands", () => {
  /** @type {any} */
  const session = {
    presence: "LIVE", shortId: "004711", contact: { displayName: "Ada" }, lastPage: { url: "https://shop.example/lamp", title: "Reading lamp" },
    searchTerms: ["warm light"], lastEvent: { eventName: "page_viewed" }, geolocation: { country: "DE" }, device: null, browser: null, referrer: null,
  };
  assert.ok(words.matches(session, ""));
  assert.ok(words.matches(session, "ada germany"));
  assert.ok(words.matches(session, "4711 WARM"));
  assert.ok(!words.matches(session, "ada france"));
});
