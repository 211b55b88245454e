const SINCE_KEY = "_journey_consent";

/**
 * Whether the visitor allows recording.
 *
 * - granted: the normal case.
 * - pending: data-consent="required" and no decision yet. Calls are held in memory; nothing is stored, nothing is sent.
 * - denied: by consent("denied") or by Global Privacy Control. Calls are dropped and what was stored is erased.
 *
 * Global Privacy Control (https://www.w3.org/TR/gpc/) wins until the site calls consent("granted") itself, which it
 * may only do after this visitor opted in: a choice made for this site is more specific than the browser's general signal.
 * No decision is ever stored, so it lasts for the page, and the site repeats it on the next one. Stored is only since
 * when it is granted: every event tells it, and repeating the grant does not make it younger.
 *
 * @param {Window} win
 * @param {boolean} required
 * @param {BrowserStorage} storage
 * @param {{granted: () => void, denied: () => void}} on called at each decision
 * @returns {Consent}
 */
export function askConsent(win, required, storage, on) {
  let state = required ? "pending" : "granted";
  let told = /** @type {ToldConsent | undefined} */ (undefined);

  const enter = (/** @type {unknown} */ decision) => {
    if (!isDecision(decision)) return;
    state = decision;
    on[decision]();
  };

  const decide = (/** @type {unknown} */ decision, /** @type {unknown} */ date) => {
    told = undefined;
    if (decision === "granted") {
      const since = date instanceof Date ? date.toJSON() : date;
      told = { state: decision, date: since || storage.get(SINCE_KEY) || new Date().toISOString() };
      storage.set(SINCE_KEY, `${told.date}`);
    }
    enter(decision);
  };

  return {
    decide(decision, date) {
      if (isDecision(decision)) decide(decision, date);
    },
    begin(earlier) {
      const last = earlier.filter((call) => isDecision(call[1])).pop();
      if (last) decide(last[1], last[2]);
      else enter(win.navigator.globalPrivacyControl ? "denied" : state);
    },
    stamp(event) {
      event.context.consent = told;
      return event;
    },
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
