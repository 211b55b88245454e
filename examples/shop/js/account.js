/** The account page: identify, consent, start afresh. */
import { byId } from "./elements.js";
import { drawFrame } from "./frame.js";
import { journey } from "./journey.js";

const CONSENT = "hazel-harbour-consent";

drawFrame();
drawConsent();
byId("identify").addEventListener("submit", identify);
byId("consent").addEventListener("change", changeConsent);
byId("reset").addEventListener("click", reset);

/** @param {Event} submitted */
function identify(submitted) {
  submitted.preventDefault();
  const fields = new FormData(/** @type {HTMLFormElement} */ (submitted.target));
  const email = String(fields.get("email")).trim();
  const firstName = String(fields.get("firstName")).trim();
  journey("identify", email, firstName ? { email, firstName } : { email });
  say(`You are now ${firstName || email}.`);
}

/** @param {Event} changed */
function changeConsent(changed) {
  const granted = /** @type {HTMLInputElement} */ (changed.target).checked;
  journey("consent", granted ? "granted" : "denied");
  rememberConsent(granted);
  say(granted ? "Thank you: your visit is measured." : "Nothing is stored for measuring, and nothing is sent.");
}

function reset() {
  journey("reset");
  say("You are a new visitor from the next page on.");
}

function drawConsent() {
  let denied = false;
  try {
    denied = localStorage.getItem(CONSENT) === "denied";
  } catch {
    // Storage is blocked: the switch starts as on.
  }
  /** @type {HTMLInputElement} */ (byId("consent")).checked = !denied;
}

/** @param {boolean} granted */
function rememberConsent(granted) {
  try {
    localStorage.setItem(CONSENT, granted ? "granted" : "denied");
  } catch {
    // Storage is blocked: the decision lasts for this page.
  }
}

/** @param {string} words */
function say(words) {
  const status = byId("account-status");
  status.hidden = false;
  status.textContent = words;
}
