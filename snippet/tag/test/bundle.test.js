import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";
import { gzipSync } from "node:zlib";
import { VERSION } from "../src/version.js";

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const bundle = read("dist/tag.js");

test("the core takes at most 5 KB gzip", () => {
  assert.ok(gzipSync(bundle, { level: 9 }).length <= 5 * 1024);
});

test("the bundle asks for nothing that a strict content security policy forbids", () => {
  assert.doesNotMatch(bundle, /\beval\(|new Function|createElement|innerHTML|document\.write|preventDefault/);
});

test("the bundle says version and licence", () => {
  const { version } = JSON.parse(read("package.json"));
  assert.equal(VERSION, version);
  assert.ok(bundle.startsWith(`/*! journey-tag ${version} | SPDX-License-Identifier: Apache-2.0 */\n`));
});

test("in a page without a single thing that it needs, the bundle does nothing and throws nothing", () => {
  const page = vm.createContext({});
  vm.runInContext(bundle, page);
  assert.deepEqual(Object.keys(page), []);
});

test("the lock file names no host to fetch from", () => {
  assert.doesNotMatch(read("package-lock.json"), /https?:/);
});
