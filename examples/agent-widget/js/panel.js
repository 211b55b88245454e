/**
 * The side panel: one visit in detail, with its events.
 *
 * @typedef {import("./documents.js").Session} Session
 * @typedef {import("./documents.js").Event} Event
 */
import { fetchEvents } from "./documents.js";
import { byId, cloneTemplate, fill, fillBar } from "./slots.js";
import * as words from "./words.js";

export class SessionPanel {
  #panel = byId("panel");
  /** @type {string | null} */
  #openId = null;
  /** @type {number} events of the visit when they were fetched last */
  #eventCount = -1;
  #token;

  /**
   * @param {string} token
   * @param {(id: string) => void} onClose
   */
  constructor(token, onClose) {
    this.#token = token;
    const close = () => {
      const id = this.#openId;
      this.#openId = null;
      this.#panel.hidden = true;
      if (id) onClose(id);
    };
    byId("panel-close").onclick = close;
    this.#panel.onkeydown = ({ key }) => { if (key === "Escape") close(); };
  }

  /** @param {Session} session */
  open(session) {
    this.#openId = session.id;
    this.#eventCount = -1;
    this.#panel.hidden = false;
    byId("panel-events").replaceChildren();
    this.refresh(session);
    byId("panel-title").focus();
  }

  /** @param {Session | undefined} session drawn when it is the one that is open */
  refresh(session) {
    if (!session || session.id !== this.#openId) return;
    byId("panel-title").textContent = words.visitor(session);
    byId("panel-facts").replaceChildren(...facts(session));
    byId("panel-outlook").replaceChildren(...words.outlook(session).map(chance));
    if (session.eventCount !== this.#eventCount) void this.#refreshEvents(session);
  }

  get openId() {
    return this.#openId;
  }

  /** @param {Session} session */
  async #refreshEvents(session) {
    this.#eventCount = session.eventCount;
    try {
      const events = await fetchEvents(this.#token, session.id);
      if (this.#openId === session.id) byId("panel-events").replaceChildren(...events.reverse().map(eventItem));
    } catch (error) {
      byId("panel-events").replaceChildren(`The events could not be loaded: ${/** @type {Error} */ (error).message}`);
    }
  }
}

/** @param {Session} session */
function facts(session) {
  const table = {
    Status: words.status(session),
    Visit: `#${session.shortId}, since ${words.timeOfDay(session.createdDate)}`,
    Page: words.pageTitle(session.lastPage),
    Searches: session.searchTerms.join(", ") || "–",
    Activity: `${session.pageviewCount} pages, ${session.eventCount} events, ${words.duration(session.durationInSeconds)}`,
    Device: [words.device(session), words.browser(session)].filter(Boolean).join(" · "),
    "Came from": words.referrer(session),
    Country: words.country(session),
  };
  return Object.entries(table).flatMap(([name, value]) => [text("dt", name), text("dd", value)]);
}

/** @param {import("./documents.js").Prediction} prediction */
function chance({ outcome, probability }) {
  const item = cloneTemplate("outlook-template");
  fill(item, { outcome: outcome.displayName, probability: words.percent(probability) });
  fillBar(item, probability);
  return item;
}

/** @param {Event} happened */
function eventItem(happened) {
  const item = cloneTemplate("event-template");
  fill(item, {
    time: words.timeOfDay(happened.createdDate),
    event: words.event(happened.eventName),
    detail: happened.searchQuery ? `“${happened.searchQuery}”` : happened.page ? words.pageTitle(happened.page) : "",
  });
  return item;
}

/**
 * @param {string} name
 * @param {string} content
 */
function text(name, content) {
  const made = document.createElement(name);
  made.textContent = content;
  return made;
}
