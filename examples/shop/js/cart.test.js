import assert from "node:assert/strict";
import { test } from "node:test";

import { changeQuantity, countPieces, loadCart, sumPrices } from "./cart.js";

test("a product is added once, then counted", () => {
  const lines = changeQuantity(changeQuantity([], "enamel-mug", 1), "enamel-mug", 2);
  assert.deepEqual(lines, [{ id: "enamel-mug", quantity: 3 }]);
});

test("a line that reaches zero leaves the cart, the others stay", () => {
  const lines = [{ id: "enamel-mug", quantity: 1 }, { id: "wall-clock", quantity: 2 }];
  assert.deepEqual(changeQuantity(lines, "enamel-mug", -1), [{ id: "wall-clock", quantity: 2 }]);
});

test("pieces and prices are summed over the lines", () => {
  const lines = [{ id: "enamel-mug", quantity: 3 }, { id: "wall-clock", quantity: 1 }];
  assert.equal(countPieces(lines), 4);
  assert.equal(sumPrices(lines), 3 * 14 + 64);
});

test("without storage the cart is empty", () => {
  assert.deepEqual(loadCart(), []);
});
