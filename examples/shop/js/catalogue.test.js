import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";

import { findProduct, products, searchProducts } from "./catalogue.js";

test("every product has a picture", () => {
  for (const { id } of products) {
    assert.ok(existsSync(new URL(`../pictures/${id}.svg`, import.meta.url)), `pictures/${id}.svg is missing`);
  }
});

test("a search looks for every word in name, category and text, whatever the case", () => {
  assert.deepEqual(searchProducts("LAMP read").map(({ id }) => id), ["reading-lamp"]);
  assert.equal(searchProducts("garden").length, 2);
});

test("an empty search, or an unknown word, finds nothing", () => {
  assert.deepEqual(searchProducts("  "), []);
  assert.deepEqual(searchProducts("submarine"), []);
});

test("an unknown product is undefined", () => {
  assert.equal(findProduct("submarine"), undefined);
  assert.equal(findProduct(null), undefined);
});
