import { guarded } from "./guarded.js";

/**
 * Open localStorage so that it may be missing, full or forbidden: reading the property alone throws where cookies are
 * blocked (https://html.spec.whatwg.org/multipage/webstorage.html#dom-localstorage).
 * @param {Window} win
 * @returns {BrowserStorage}
 */
export function openBrowserStorage(win) {
  return {
    get: guarded((key) => win.localStorage.getItem(key) || undefined),
    set: (key, value) => !!guarded(() => (win.localStorage.setItem(key, value), true))(),
    remove: guarded((key) => win.localStorage.removeItem(key)),
    keys: () => guarded(() => Object.keys(win.localStorage))() || [],
  };
}
