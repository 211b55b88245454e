/** The thank-you page: reports the order, once. */
import { countPieces, loadOrder, saveOrder } from "./cart.js";
import { findProduct, price } from "./catalogue.js";
import { byId, element } from "./elements.js";
import { drawFrame } from "./frame.js";
import { journey } from "./journey.js";

const order = loadOrder();

drawFrame();
byId("order").append(...(order ? summary(order) : [element("p", {}, "No order yet. ", element("a", { href: "./" }, "Find something good"))]));
if (order && !order.tracked) {
  saveOrder({ ...order, tracked: true }); // before the call: a reload must not order twice
  journey("track", "Order Completed", {
    order_id: order.id,
    revenue: order.revenue,
    currency: "EUR",
    products: order.lines.map((line) => ({ product_id: line.id, quantity: line.quantity, price: findProduct(line.id)?.price })),
  });
}

/** @param {import("./cart.js").Order} placed */
function summary(placed) {
  const pieces = countPieces(placed.lines);
  return [
    element("p", {}, "Your order ", element("strong", {}, placed.id), ` of ${pieces} ${pieces === 1 ? "piece" : "pieces"} for `, element("strong", {}, price(placed.revenue)), " is on its imaginary way."),
    element("p", { class: "actions" }, element("a", { class: "button", href: "./" }, "Keep looking"), element("a", { class: "button quiet", href: "/live/" }, "See it in the live list")),
  ];
}
