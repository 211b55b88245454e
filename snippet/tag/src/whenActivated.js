/**
 * Call back once the visitor really sees the page: a prerendered one may never be shown
 * (https://developer.chrome.com/docs/web-platform/prerender-pages).
 * @param {Document} document
 * @param {() => void} activated must not throw
 */
export function whenActivated(document, activated) {
  if (document.prerendering) document.addEventListener("prerenderingchange", activated, { once: true });
  else activated();
}
