/** The access token: from the page when the server filled it in, else from this tab, else from whoever sits here. */
import { byId } from "./slots.js";

const KEY = "journey-token";

/** @returns {string} empty when there is none yet */
export function knownToken() {
  const filled = document.querySelector('meta[name="journey-token"]')?.getAttribute("content") ?? "";
  if (filled && !filled.startsWith("{{")) return filled;
  return sessionStorage.getItem(KEY) ?? "";
}

/** @param {(token: string) => void} onToken */
export function askForToken(onToken) {
  const form = /** @type {HTMLFormElement} */ (byId("token-form"));
  const field = /** @type {HTMLInputElement} */ (byId("token"));
  form.hidden = false;
  field.focus();
  form.onsubmit = (submitted) => {
    submitted.preventDefault();
    form.hidden = true;
    sessionStorage.setItem(KEY, field.value.trim());
    onToken(field.value.trim());
  };
}
