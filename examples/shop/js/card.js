/** A product as a card of a grid. @typedef {import("./catalogue.js").Product} Product */
import { price } from "./catalogue.js";
import { element } from "./elements.js";

/**
 * @param {Product} product
 * @returns {HTMLLIElement}
 */
export function card(product) {
  return element(
    "li",
    { class: "card" },
    element("img", { src: `pictures/${product.id}.svg`, alt: "", width: "320", height: "240", loading: "lazy" }),
    element("p", { class: "category" }, product.category),
    element("h3", {}, element("a", { href: `product.html?id=${product.id}` }, product.name)),
    element("p", { class: "price" }, price(product.price)),
  );
}
