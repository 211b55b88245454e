import { VERSION } from "./version.js";

/**
 * Note where the visitor is right now.
 * @param {Window} win
 * @returns {Moment}
 */
export function readMoment(win) {
  return { timestamp: new Date().toISOString(), url: win.location.href, title: win.document.title };
}

/**
 * Describe page, browser and screen as the `context` of a call.
 * @param {Window} win
 * @param {URL} url cleaned
 * @param {string} title
 * @param {string} referrer cleaned
 * @param {Verification} [verification] by which the site vouches for whom this one call is about
 */
export function describeContext(win, url, title, referrer, verification) {
  const { navigator, screen, innerWidth, innerHeight } = win;
  return {
    page: { url: url.href, path: url.pathname, title, referrer, search: url.search },
    userAgent: navigator.userAgent,
    locale: navigator.language,
    timezone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    screen: { width: screen.width, height: screen.height, innerWidth, innerHeight },
    library: { name: "journey-tag", version: VERSION },
    verification: verification ? { signatures: verification.signatures, token: verification.token } : undefined,
  };
}
