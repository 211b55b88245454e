/** How values read on the screen: pure functions from a session to text. @typedef {import("./documents.js").Session} Session */

const MINUTE = 60;
const HOUR = 3600;
const PRESENCE = { LIVE: "Live", AWAY: "Away" };
const MEDIUM = { search: "Search", social: "Social", email: "E-mail", paid: "Paid", internal: "Internal" };

const dateAndTime = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const countries = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });

/** @param {Session} session "Live", "Away", or when it was active last */
export function status(session) {
  return session.presence === "INACTIVE" ? dateAndTime.format(new Date(session.lastEvent.createdDate)) : PRESENCE[session.presence];
}

/** @param {Session} session */
export function visitor(session) {
  return session.contact.displayName || "Unknown";
}

/** @param {{url: string, title: string | null} | null} page its title, else its path */
export function pageTitle(page) {
  return page ? page.title || pagePath(page) : "–";
}

/** @param {{url: string} | null} page */
export function pagePath(page) {
  if (!page) return "";
  return URL.canParse(page.url) ? new URL(page.url).pathname + new URL(page.url).search : page.url;
}

/** @param {string} eventName "page_viewed" reads "Page viewed" */
export function event(eventName) {
  const words = eventName.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * @param {string} date
 * @param {number} now in milliseconds
 */
export function ago(date, now) {
  const seconds = Math.max(0, Math.round((now - Date.parse(date)) / 1000));
  if (seconds < 5) return "just now";
  if (seconds < MINUTE) return `${seconds} s ago`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  return dateAndTime.format(new Date(date));
}

/** @param {string} date */
export function timeOfDay(date) {
  return clock.format(new Date(date));
}

/** @param {number} seconds as "2:05" or "1:00:07" */
export function duration(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / HOUR), Math.floor((whole % HOUR) / MINUTE), whole % MINUTE];
  const tail = `${String(minutes).padStart(hours ? 2 : 1, "0")}:${String(rest).padStart(2, "0")}`;
  return hours ? `${hours}:${tail}` : tail;
}

/** @param {Session} session */
export function device({ device: used }) {
  const category = used?.category?.toLowerCase();
  return category ? category.charAt(0).toUpperCase() + category.slice(1) : "–";
}

/** @param {Session} session */
export function browser({ browser: used, device: on }) {
  return [used?.family, on?.osFamily].filter(Boolean).join(" · ");
}

/** @param {Session} session */
export function referrer({ referrer: from }) {
  const medium = MEDIUM[/** @type {keyof typeof MEDIUM} */ (from?.medium?.toLowerCase() ?? "")];
  return [medium, from?.hostname?.replace(/^www\./, "")].filter(Boolean).join(" · ") || "Direct";
}

/** @param {Session} session the country's name when its code is known, else what was recorded */
export function country({ geolocation }) {
  const code = geolocation?.country ?? "";
  return (/^[A-Z]{2}$/i.test(code) && countries.of(code.toUpperCase())) || code || "–";
}

/** @param {number} probability */
export function percent(probability) {
  return `${Math.round(probability * 100)} %`;
}

/** @param {Session} session the most probable outcome first */
export function outlook({ predictions }) {
  return [...predictions].sort((a, b) => b.probability - a.probability);
}

/** @type {WeakMap<Session, string>} a thousand sessions are searched at each key stroke, and change far less often */
const haystacks = new WeakMap();

/**
 * @param {Session} session
 * @param {string} filter every word of it is looked for; an empty one matches
 */
export function matches(session, filter) {
  if (!filter) return true;
  const known = haystacks.get(session) ?? haystack(session);
  haystacks.set(session, known);
  return filter.toLowerCase().split(/\s+/).every((word) => known.includes(word));
}

/** @param {Session} session */
function haystack(session) {
  const { shortId, lastPage, searchTerms, lastEvent } = session;
  const facts = [visitor(session), shortId, pageTitle(lastPage), pagePath(lastPage), event(lastEvent.eventName), ...searchTerms,
    device(session), browser(session), referrer(session), country(session), session.presence];
  return facts.join(" ").toLowerCase();
}
