/**
 * Read the attributes of the <script> element that is running: `src`, `data-write-key`, `data-auto`, `data-consent`,
 * `data-storage`.
 * Only valid during the script's first run. A bundle that a site loads as a module has no currentScript.
 * @param {Document} document
 * @returns {ScriptTag | undefined} undefined without a write key
 */
export function readScriptTag(document) {
  const element = /** @type {HTMLScriptElement | null} */ (
    document.currentScript || document.querySelector("script[data-write-key]")
  );
  const { writeKey, auto, consent, storage } = element ? element.dataset : /** @type {DOMStringMap} */ ({});
  if (!element || !writeKey) return undefined;
  return {
    host: new URL(element.src).origin,
    writeKey,
    auto: auto === "off" || auto === "once" ? auto : "all",
    consentRequired: consent === "required",
    memoryOnly: storage === "none",
  };
}
