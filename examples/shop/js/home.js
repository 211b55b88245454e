/** The home page: every product. */
import { card } from "./card.js";
import { products } from "./catalogue.js";
import { byId } from "./elements.js";
import { drawFrame } from "./frame.js";

drawFrame();
byId("products").replaceChildren(...products.map(card));
