/** The cart page: change quantities, remove, order. */
import { changeQuantity, loadCart, saveCart, saveOrder, sumPrices } from "./cart.js";
import { findProduct, price } from "./catalogue.js";
import { byId, element } from "./elements.js";
import { drawCartCount, drawFrame } from "./frame.js";
import { journey } from "./journey.js";

/** @typedef {import("./cart.js").Line} Line */

const EVENT_OF_STEP = new Map([[1, "Product Added"], [-1, "Product Removed"]]);

drawFrame();
drawCart();

function drawCart() {
  const lines = loadCart();
  byId("cart").replaceChildren(...(lines.length > 0 ? [list(lines), checkout(lines)] : [empty()]));
}

/** @param {Line[]} lines */
function list(lines) {
  return element("ul", { class: "lines" }, ...lines.map(row));
}

/** @param {Line} line */
function row(line) {
  const product = findProduct(line.id);
  if (!product) throw new Error(`The cart holds an unknown product: ${line.id}`);
  return element(
    "li",
    {},
    element("img", { src: `pictures/${line.id}.svg`, alt: "", width: "96", height: "72" }),
    element("div", {}, element("a", { href: `product.html?id=${line.id}` }, product.name), element("p", { class: "small" }, `${price(product.price)} each`)),
    element(
      "div",
      { class: "quantity", role: "group", "aria-label": `Quantity of ${product.name}` },
      stepButton(line, -1, "−", `One ${product.name} less`),
      element("span", {}, String(line.quantity)),
      stepButton(line, 1, "+", `One ${product.name} more`),
    ),
    element("strong", {}, price(product.price * line.quantity)),
  );
}

/**
 * @param {Line} line
 * @param {1 | -1} step
 * @param {string} sign
 * @param {string} label
 */
function stepButton(line, step, sign, label) {
  return element("button", { type: "button", "aria-label": label, id: `${line.id}-${step}`, click: () => changeLine(line, step) }, sign);
}

/**
 * @param {Line} line
 * @param {1 | -1} step
 */
function changeLine(line, step) {
  const product = findProduct(line.id);
  saveCart(changeQuantity(loadCart(), line.id, step));
  journey("track", EVENT_OF_STEP.get(step), { product_id: line.id, name: product?.name, price: product?.price, quantity: 1 });
  drawCart();
  drawCartCount();
  document.getElementById(`${line.id}-${step}`)?.focus(); // the button was drawn anew under the finger
  byId("cart-status").textContent = `Total ${price(sumPrices(loadCart()))}`;
}

/** @param {Line[]} lines */
function checkout(lines) {
  const revenue = sumPrices(lines);
  const order = () => {
    saveOrder({ id: `HH-${Date.now().toString(36).toUpperCase()}`, lines, revenue, tracked: false });
    saveCart([]);
    location.assign("order.html");
  };
  return element(
    "div",
    { class: "panel checkout" },
    element("p", { class: "total" }, element("span", {}, "Total"), element("strong", {}, price(revenue))),
    element("p", { class: "small" }, "Free delivery, and nothing to pay: this shop is made up."),
    element("button", { class: "button large", type: "button", click: order }, "Place order"),
  );
}

function empty() {
  return element("p", { class: "notice" }, "Your cart is empty. ", element("a", { href: "./" }, "Find something good"));
}
