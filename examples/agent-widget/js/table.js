/**
 * The table: one row per session, kept by id. A drawing touches the rows that changed and moves the rows that are out
 * of place, at most once a frame.
 *
 * @typedef {import("./documents.js").Session} Session
 */
import { byId, cloneTemplate, fill, fillBar } from "./slots.js";
import { SessionStore } from "./store.js";
import * as words from "./words.js";

export class SessionTable {
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();
  #body = byId("rows");
  #store;

  /**
   * @param {SessionStore} store
   * @param {(id: string) => void} onOpen called with the id of the session whose row was activated
   */
  constructor(store, onOpen) {
    this.#store = store;
    this.#body.addEventListener("click", ({ target }) => {
      const row = /** @type {Element} */ (target).closest("tr");
      if (row?.dataset.id) onOpen(row.dataset.id);
    });
  }

  /**
   * @param {Set<string>} changed ids of the sessions to draw anew
   * @param {string} filter
   */
  draw(changed, filter) {
    const now = Date.now();
    for (const id of changed) this.#drawRow(id, now);
    const shown = this.#store.newestFirst().filter((session) => words.matches(session, filter));
    this.#arrange(shown.map(({ id }) => /** @type {HTMLElement} */ (this.#rows.get(id))));
    byId("empty").hidden = shown.length > 0;
  }

  /** Let "12 s ago" of the sessions that are not over go on. */
  tick() {
    const now = Date.now();
    for (const [id, row] of this.#rows) {
      const session = this.#store.get(id);
      if (session && session.presence !== "INACTIVE" && row.isConnected) drawTexts(row, session, now);
    }
  }

  /** @param {string | null} id of the row to mark as open */
  select(id) {
    for (const row of this.#body.querySelectorAll("[aria-current]")) row.removeAttribute("aria-current");
    if (id) this.#rows.get(id)?.setAttribute("aria-current", "true");
  }

  /** @param {string} id */
  focus(id) {
    this.#rows.get(id)?.querySelector("button")?.focus();
  }

  /**
   * @param {string} id
   * @param {number} now
   */
  #drawRow(id, now) {
    const session = this.#store.get(id);
    if (!session) {
      this.#rows.get(id)?.remove();
      this.#rows.delete(id);
      return;
    }
    const row = this.#rows.get(id) ?? this.#addRow(id);
    if (row.dataset.event !== session.lastEvent.createdDate) highlight(row);
    row.dataset.event = session.lastEvent.createdDate;
    row.dataset.presence = session.presence;
    drawTexts(row, session, now);
    fillBar(row, words.outlook(session)[0]?.probability);
  }

  /** @param {string} id */
  #addRow(id) {
    const row = cloneTemplate("row-template");
    row.dataset.id = id;
    this.#rows.set(id, row);
    return row;
  }

  /** @param {HTMLElement[]} rows in the order to show; rows in place are not touched, so nothing flickers or loses focus */
  #arrange(rows) {
    const wanted = new Set(rows);
    for (const row of [...this.#body.children]) if (!wanted.has(/** @type {HTMLElement} */ (row))) row.remove();
    let next = this.#body.firstElementChild;
    for (const row of rows) {
      if (row === next) next = next.nextElementSibling;
      else moveBefore(this.#body, row, next);
    }
  }
}

/**
 * @param {HTMLElement} row
 * @param {Session} session
 * @param {number} now
 */
function drawTexts(row, session, now) {
  const [likeliest] = words.outlook(session);
  fill(row, {
    status: words.status(session),
    visitor: words.visitor(session),
    shortId: `#${session.shortId}`,
    page: words.pageTitle(session.lastPage),
    path: words.pagePath(session.lastPage),
    event: words.event(session.lastEvent.eventName),
    ago: words.ago(session.lastEvent.createdDate, now),
    searches: session.searchTerms.join(", ") || "–",
    pages: String(session.pageviewCount),
    duration: words.duration(session.durationInSeconds),
    device: words.device(session),
    browser: words.browser(session),
    referrer: words.referrer(session),
    country: words.country(session),
    outcome: likeliest?.outcome.displayName ?? "",
    probability: likeliest ? words.percent(likeliest.probability) : "",
  });
}

/** @param {HTMLElement} row something just happened there: a short glow, started anew if one is still running */
function highlight(row) {
  row.classList.remove("fresh");
  requestAnimationFrame(() => row.classList.add("fresh"));
}

/**
 * Moving an element takes its focus away in browsers without `moveBefore`; give it back.
 *
 * @param {HTMLElement} body
 * @param {HTMLElement} row
 * @param {Element | null} next
 */
function moveBefore(body, row, next) {
  const focused = row.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  body.insertBefore(row, next);
  focused?.focus({ preventScroll: true });
}
