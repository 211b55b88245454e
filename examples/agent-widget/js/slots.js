/** Clone a <template> and fill its slots: the elements with a data-text attribute. */

/**
 * @param {string} id of an element that the page is known to have
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element #${id}`);
  return found;
}

/**
 * @param {string} templateId
 * @returns {HTMLElement}
 */
export function cloneTemplate(templateId) {
  const template = /** @type {HTMLTemplateElement} */ (byId(templateId));
  return /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
}

/**
 * Write only what differs: an untouched text node keeps selection and screen readers at rest.
 *
 * @param {HTMLElement} root
 * @param {Record<string, string>} texts by name of the slot
 */
export function fill(root, texts) {
  for (const slot of root.querySelectorAll("[data-text]")) {
    const text = texts[/** @type {HTMLElement} */ (slot).dataset.text ?? ""] ?? "";
    if (slot.textContent !== text) slot.textContent = text;
  }
}

/**
 * @param {HTMLElement} root that holds one bar
 * @param {number | undefined} probability nothing is shown without one
 */
export function fillBar(root, probability) {
  const chance = /** @type {HTMLElement} */ (root.querySelector(".chance"));
  chance.hidden = probability === undefined;
  chance.style.setProperty("--chance", String(probability ?? 0));
}
