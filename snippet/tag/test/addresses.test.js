import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanReferrer, cleanUrl } from "../src/cleanUrl.js";
import { isAllowedDomain } from "../src/isAllowedDomain.js";
import { searchQuery } from "../src/searchQuery.js";
import { DEFAULT_SETTINGS } from "../src/settings.js";

const excluding = (...excludedQueryParameters) => ({ ...DEFAULT_SETTINGS, excludedQueryParameters });

const CLEANED = [
  ["drops the fragment", "https://a.b/c?d=1#e", DEFAULT_SETTINGS, "https://a.b/c?d=1"],
  ["keeps the fragment where it is configured", "https://a.b/#/c", { ...DEFAULT_SETTINGS, keepFragment: true }, "https://a.b/#/c"],
  ["removes an excluded parameter", "https://a.b/?x=1&token=2&y=3", excluding("token"), "https://a.b/?x=1&y=3"],
  ["removes each occurrence", "https://a.b/?t=1&x&t=2", excluding("t"), "https://a.b/?x"],
  ["removes one whose name is escaped", "https://a.b/?%74oken=1", excluding("token"), "https://a.b/"],
  ["leaves the escapes of the others alone", "https://a.b/?q=a+b%20c&t=1", excluding("t"), "https://a.b/?q=a+b%20c"],
  ["survives a broken escape", "https://a.b/?q=%E0%A4%A&t=1", excluding("t"), "https://a.b/?q=%E0%A4%A"],
];
for (const [name, address, settings, expected] of CLEANED) {
  test(`cleaning an address ${name}`, () => assert.equal(cleanUrl(address, settings).href, expected));
}

const REFERRERS = [
  ["cleans one of the own site", "https://a.b/?t=1#f", "https://a.b/"],
  ["leaves a foreign one as it is", "https://c.d/?t=1", "https://c.d/?t=1"],
  ["leaves none as it is", "", ""],
  ["leaves what is no address as it is", "nonsense", "nonsense"],
];
for (const [name, referrer, expected] of REFERRERS) {
  test(`cleaning a referrer ${name}`, () => assert.equal(cleanReferrer(referrer, "a.b", excluding("t")), expected));
}

const DOMAINS = [
  ["no entries allow every host", "a.b", [], true],
  ["an entry matches itself", "a.b", ["c.d", "a.b"], true],
  ["an entry matches its subdomains", "www.a.b", ["a.b"], true],
  ["an entry does not match a host that only ends alike", "xa.b", ["a.b"], false],
  ["an entry does not match its parent", "a.b", ["www.a.b"], false],
  ["case does not matter", "A.b", ["a.B"], true],
];
for (const [name, host, domains, expected] of DOMAINS) {
  test(`domains: ${name}`, () => assert.equal(isAllowedDomain(host, domains), expected));
}

const SEARCHES = [
  ["the first configured parameter wins", "https://a.b/?term=t&q=x", "x"],
  ["an empty one is passed over", "https://a.b/?q=&term=t", "t"],
  ["blanks count as empty", "https://a.b/?q=+", undefined],
  ["another parameter is no search", "https://a.b/?color=red", undefined],
  ["escapes are read", "https://a.b/?q=red+shoe%C3%A9", "red shoeé"],
];
for (const [name, address, expected] of SEARCHES) {
  test(`searches: ${name}`, () => assert.equal(searchQuery(new URL(address), DEFAULT_SETTINGS.searchParameters), expected));
}
