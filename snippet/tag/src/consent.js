/**
 * Whether the visitor allows recording.
 *
 * - granted: the normal case.
 * - pending: data-consent="required" and no decision yet. Calls are held in memory; nothing is stored, nothing is sent.
 * - denied: by consent("denied") or by Global Privacy Control. Calls are dropped and what was stored is erased.
 *
 * Global Privacy Control (https://www.w3.org/TR/gpc/) wins until the site calls consent("granted") itself, which it
 * may only do after this visitor opted in: a choice made for this site is more specific than the browser's general signal.
 * No decision is ever stored, so it lasts for the page, and the site repeats it on the next one.
 *
 * @param {Window} win
 * @param {boolean} required
 * @param {{granted: () => void, denied: () => void}} on called at each decision
 * @returns {Consent}
 */
export function askConsent(win, required, on) {
  let state = required ? "pending" : "granted";

  const decide = (/** @type {unknown} */ decision) => {
    if (!isDecision(decision)) return;
    state = decision;
    on[decision]();
  };

  return {
    decide,
    begin: (earlier) => decide(earlier.filter(isDecision).pop() || (win.navigator.globalPrivacyControl ? "denied" : state)),
    isGranted: () => state === "granted",
    isDenied: () => state === "denied",
  };
}

/**
 * @param {unknown} value
 * @returns {value is "granted" | "denied"}
 */
function isDecision(value) {
  return value === "granted" || value === "denied";
}
