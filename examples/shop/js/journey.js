/** The one way from this shop's modules to the tag, or to the queue that before-tag.js put in its place. */

/**
 * @param {"page" | "track" | "identify" | "reset" | "consent"} command
 * @param {...unknown} rest
 */
export function journey(command, ...rest) {
  const page = /** @type {{journey: (...call: unknown[]) => void}} */ (/** @type {unknown} */ (window));
  page.journey(command, ...rest);
}
