/** What every page of the shop shares: header with search and cart, and footer. */
import { countPieces, loadCart } from "./cart.js";
import { byId, element } from "./elements.js";

/** Draw header and footer around the page. */
export function drawFrame() {
  byId("header").replaceChildren(brand(), searchForm(), navigation());
  byId("footer").replaceChildren(...footer());
}

/** Show how many pieces are in the cart; call it after each change. */
export function drawCartCount() {
  const pieces = countPieces(loadCart());
  const link = byId("cart-link");
  link.replaceChildren("Cart", element("span", { class: "badge", hidden: pieces === 0 }, String(pieces)));
  link.setAttribute("aria-label", `Cart, ${pieces} ${pieces === 1 ? "piece" : "pieces"}`);
}

function brand() {
  return element(
    "a",
    { class: "brand", href: "./" },
    element("img", { src: "favicon.svg", alt: "", width: "32", height: "32" }),
    element("span", {}, "Hazel & Harbour"),
  );
}

function searchForm() {
  const query = new URLSearchParams(location.search).get("q") ?? "";
  return element(
    "form",
    { class: "search", role: "search", action: "search.html" },
    element("label", { class: "visually-hidden", for: "q" }, "Search the shop"),
    element("input", { id: "q", name: "q", type: "search", value: query, required: true, placeholder: "Lamp, kitchen, wool …" }),
    element("button", { class: "button", type: "submit" }, "Search"),
  );
}

function navigation() {
  const links = element(
    "nav",
    { "aria-label": "Shop" },
    element("a", { href: "account.html" }, "Account"),
    element("a", { href: "cart.html", id: "cart-link" }),
  );
  queueMicrotask(drawCartCount); // the link has to stand in the page first
  return links;
}

function footer() {
  return [
    element("p", {}, "A made-up shop that shows a real tag. Nothing here can be bought."),
    element(
      "nav",
      { "aria-label": "Behind the shop" },
      element("a", { href: "/live/" }, "Live list"),
      element("a", { href: "/graphiql" }, "GraphiQL"),
    ),
  ];
}
