/** The page of one product, with the button that fills the cart. */
import { card } from "./card.js";
import { changeQuantity, loadCart, saveCart } from "./cart.js";
import { findProduct, price, products } from "./catalogue.js";
import { byId, element } from "./elements.js";
import { drawCartCount, drawFrame } from "./frame.js";
import { journey } from "./journey.js";

const product = findProduct(new URLSearchParams(location.search).get("id"));

drawFrame();
byId("crumb").textContent = product?.name ?? "Not found";
byId("product").replaceChildren(...(product ? details(product) : [missing()]));
byId("more").replaceChildren(...others().map(card));

/** @param {import("./catalogue.js").Product} shown */
function details(shown) {
  const status = element("p", { role: "status", class: "added" });
  const add = () => {
    saveCart(changeQuantity(loadCart(), shown.id, 1));
    journey("track", "Product Added", { product_id: shown.id, name: shown.name, category: shown.category, price: shown.price, quantity: 1 });
    drawCartCount();
    status.replaceChildren("Added. ", element("a", { href: "cart.html" }, "Go to the cart"));
  };
  return [
    element("img", { src: `pictures/${shown.id}.svg`, alt: `Drawing: ${shown.name}`, width: "640", height: "480" }),
    element(
      "div",
      {},
      element("p", { class: "category" }, shown.category),
      element("h1", {}, shown.name),
      element("p", { class: "price" }, price(shown.price)),
      element("p", {}, shown.text),
      element("button", { class: "button large", type: "button", click: add }, "Add to cart"),
      status,
      element("p", { class: "small" }, "Delivered in two to three days. Thirty days to change your mind."),
    ),
  ];
}

function missing() {
  return element("p", { class: "notice" }, "There is no such product. ", element("a", { href: "./" }, "See all products"));
}

function others() {
  const rest = products.filter((other) => other !== product);
  const alike = rest.filter((other) => other.category === product?.category);
  return [...alike, ...rest.filter((other) => !alike.includes(other))].slice(0, 4);
}
