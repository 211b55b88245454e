/**
 * What the shop sells, and how it is searched.
 *
 * @typedef {{id: string, name: string, category: string, price: number, text: string}} Product
 */

/** @type {readonly Product[]} Prices in euro; the picture of a product is pictures/ID.svg. */
export const products = [
  { id: "enamel-mug", name: "Enamel mug", category: "Kitchen", price: 14, text: "Light, unbreakable, and good for tea by the fire or the first coffee at the desk." },
  { id: "stoneware-teapot", name: "Stoneware teapot", category: "Kitchen", price: 48, text: "Turned by hand and glazed in celadon. Holds a litre and does not drip." },
  { id: "olive-board", name: "Olive board", category: "Kitchen", price: 26, text: "A cutting board from one piece of olive wood. No two are alike." },
  { id: "reading-lamp", name: "Reading lamp", category: "Light", price: 89, text: "A jointed lamp with a warm, dimmable light that stays on the page." },
  { id: "paper-lantern", name: "Paper lantern", category: "Light", price: 34, text: "Washi paper over bamboo: a soft, round light for the dining table." },
  { id: "beeswax-candle", name: "Beeswax candle", category: "Light", price: 18, text: "Pure beeswax, forty hours of it, in a small blue dish." },
  { id: "wool-blanket", name: "Wool blanket", category: "Living", price: 120, text: "Woven from lambswool, warm without weight, big enough for two." },
  { id: "canvas-tote", name: "Canvas tote", category: "Living", price: 22, text: "Heavy organic cotton with long handles. Carries a week of groceries." },
  { id: "walnut-stool", name: "Walnut stool", category: "Living", price: 145, text: "A seat, a step, a bedside table. Oiled walnut, wedged joints, no screws." },
  { id: "wall-clock", name: "Wall clock", category: "Living", price: 64, text: "A quiet movement behind a face that can be read across the room." },
  { id: "clay-planter", name: "Clay planter", category: "Garden", price: 29, text: "Frost-proof terracotta with a saucer, for herbs on the window sill." },
  { id: "watering-can", name: "Watering can", category: "Garden", price: 39, text: "Four litres of powder-coated steel with a brass rose." },
];

/**
 * @param {string | null} id
 * @returns {Product | undefined}
 */
export function findProduct(id) {
  return products.find((product) => product.id === id);
}

/**
 * Products of which every word of the query is found in name, category or text; an empty query finds nothing.
 *
 * @param {string} query
 * @returns {Product[]}
 */
export function searchProducts(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return products.filter((product) => {
    const haystack = `${product.name} ${product.category} ${product.text}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}

const euro = new Intl.NumberFormat("en-IE", { style: "currency", currency: "EUR" });

/**
 * @param {number} amount in euro
 * @returns {string} as in "€14.00"
 */
export function price(amount) {
  return euro.format(amount);
}
