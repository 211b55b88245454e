import { guarded } from "./guarded.js";

const NAME = "_journey_id";
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/**
 * Keep the visitor id in a first-party cookie; in a sandboxed frame even reading document.cookie throws.
 * @param {Document} document
 * @param {string} protocol of the page, such as "https:"
 * @returns {VisitorCookie}
 */
export function openVisitorCookie(document, protocol) {
  const store = guarded((/** @type {string} */ id, /** @type {number} */ seconds) => {
    const secure = protocol === "https:" ? ";Secure" : "";
    document.cookie = `${NAME}=${id};path=/;max-age=${seconds};SameSite=Lax${secure}`;
  });
  return {
    read: guarded(() => (document.cookie.match(/(?:^|; )_journey_id=([\w-]{8,64})(?:;|$)/) || [])[1]),
    write: (id) => store(id, YEAR_SECONDS),
    erase: () => store("", 0),
  };
}
