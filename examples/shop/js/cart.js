/**
 * The cart: lines of product id and quantity, kept in the browser's own storage.
 *
 * @typedef {{id: string, quantity: number}} Line
 * @typedef {{id: string, lines: Line[], revenue: number, tracked: boolean}} Order
 */
import { findProduct } from "./catalogue.js";

const CART = "hazel-harbour-cart";
const ORDER = "hazel-harbour-order";

/** @returns {Line[]} the cart as it was left; empty when storage is blocked or holds something else */
export function loadCart() {
  const lines = load(CART);
  return Array.isArray(lines) ? lines.filter((line) => findProduct(line?.id) && line.quantity > 0) : [];
}

/** @param {Line[]} lines */
export function saveCart(lines) {
  save(CART, lines);
}

/** @returns {Order | null} the order placed last in this browser */
export function loadOrder() {
  return /** @type {Order | null} */ (load(ORDER));
}

/** @param {Order} order */
export function saveOrder(order) {
  save(ORDER, order);
}

/**
 * @param {readonly Line[]} lines
 * @param {string} id
 * @param {number} step how many more, or fewer, of this product; a line that reaches zero goes
 * @returns {Line[]}
 */
export function changeQuantity(lines, id, step) {
  const known = lines.some((line) => line.id === id);
  const all = known ? lines : [...lines, { id, quantity: 0 }];
  return all
    .map((line) => (line.id === id ? { ...line, quantity: line.quantity + step } : line))
    .filter((line) => line.quantity > 0);
}

/** @param {readonly Line[]} lines */
export function countPieces(lines) {
  return lines.reduce((count, line) => count + line.quantity, 0);
}

/** @param {readonly Line[]} lines */
export function sumPrices(lines) {
  return lines.reduce((sum, line) => sum + line.quantity * (findProduct(line.id)?.price ?? 0), 0);
}

/** @param {string} key */
function load(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null; // storage is blocked, or holds what we did not write
  }
}

/**
 * @param {string} key
 * @param {unknown} value
 */
function save(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage is blocked or full: the cart lasts as long as the page.
  }
}
