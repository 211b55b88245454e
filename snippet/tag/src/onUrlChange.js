import { guarded } from "./guarded.js";

/**
 * Call back whenever the address may have changed without a new document. The Navigation API tells that without touching
 * the page, and also when a framework kept the native history methods for itself; where it is missing, or dead
 * (documents of opaque origin), the history methods are wrapped.
 * @param {Window} win
 * @param {() => void} changed must not throw
 */
export function onUrlChange(win, changed) {
  const { navigation, history } = win;
  if (navigation && navigation.currentEntry) {
    navigation.addEventListener("currententrychange", changed);
    return;
  }
  callAfter(history, "pushState", changed);
  callAfter(history, "replaceState", changed);
  win.addEventListener("popstate", changed);
  win.addEventListener("hashchange", changed);
}

/** Assigning throws where a page froze its history object. */
const callAfter = guarded(
  (/** @type {History} */ history, /** @type {"pushState" | "replaceState"} */ method, /** @type {() => void} */ changed) => {
    const original = history[method];
    history[method] = function () {
      const result = original.apply(this, /** @type {any} */ (arguments));
      changed();
      return result;
    };
  },
);
