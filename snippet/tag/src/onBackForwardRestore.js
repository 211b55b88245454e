/**
 * Call back when the browser shows the page again from its back-forward cache (https://web.dev/articles/bfcache).
 * @param {Window} win
 * @param {() => void} restored must not throw
 */
export function onBackForwardRestore(win, restored) {
  win.addEventListener("pageshow", (event) => {
    if (event.persisted) restored();
  });
}
