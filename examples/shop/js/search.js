/** The search page. The search itself is reported by the tag, which reads the parameter `q` of the address. */
import { card } from "./card.js";
import { products, searchProducts } from "./catalogue.js";
import { byId } from "./elements.js";
import { drawFrame } from "./frame.js";

const query = new URLSearchParams(location.search).get("q")?.trim() ?? "";
const found = searchProducts(query);

drawFrame();
byId("search-title").textContent = query ? `Results for “${query}”` : "Search";
byId("search-summary").textContent = summary();
byId("products").replaceChildren(...(found.length > 0 ? found : products.slice(0, 4)).map(card));

function summary() {
  if (!query) return "What are you looking for? These are popular:";
  if (found.length === 0) return "Nothing found. Perhaps one of these:";
  return found.length === 1 ? "One product found" : `${found.length} products found`;
}
