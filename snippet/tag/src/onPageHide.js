/**
 * Call back when this may be the last chance to send: on mobile, being hidden is the last that a page hears
 * (https://web.dev/articles/bfcache#never-use-the-unload-event says why not `unload`).
 * @param {Window} win
 * @param {(leaving: boolean) => void} hidden leaving: the document itself goes away; must not throw
 */
export function onPageHide(win, hidden) {
  const { document } = win;
  win.addEventListener("pagehide", () => hidden(true));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") hidden(false);
  });
}
