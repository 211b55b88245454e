/** Put the live list together: transport -> store -> table, counts and panel. */
import { LIVE } from "./documents.js";
import { SessionPanel } from "./panel.js";
import { byId } from "./slots.js";
import { SessionStore } from "./store.js";
import { SessionTable } from "./table.js";
import { askForToken, knownToken } from "./token.js";
import { subscribe } from "./transport.js";

const STATUS = { connecting: "Connecting …", live: "Connected", waiting: "Connection lost, trying again", refused: "Access refused" };
const SUMMARY_EVERY = 5_000; // a screen reader hears the counts, not every event
const TICK_EVERY = 5_000;

const filter = /** @type {HTMLInputElement} */ (byId("filter"));
const token = knownToken();
if (token) start(token);
else askToStart();

function askToStart() {
  byId("connection").textContent = "Waiting for a token";
  askForToken(start);
}

/** @param {string} accessToken */
function start(accessToken) {
  const store = new SessionStore();
  const panel = new SessionPanel(accessToken, close);
  const table = new SessionTable(store, open);
  const drawSoon = oncePerFrame(draw);

  filter.oninput = drawSoon;
  const timers = [setInterval(() => table.tick(), TICK_EVERY), setInterval(() => announce(store), SUMMARY_EVERY)];
  subscribe({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
    token: accessToken,
    query: LIVE,
    onStart: (resumed) => { if (!resumed) store.clear(); },
    onNext: ({ presence }) => {
      store.put(presence.session);
      drawSoon();
      return presence.cursor;
    },
    onStatus: (status) => {
      showStatus(status);
      if (status !== "refused") return;
      timers.forEach(clearInterval);
      askForToken(start);
    },
  });

  function draw() {
    const changed = store.takeChanged();
    table.draw(changed, filter.value.trim());
    table.select(panel.openId);
    drawCounts(store);
    if (panel.openId && changed.has(panel.openId)) panel.refresh(store.get(panel.openId));
  }

  /** @param {string} id */
  function open(id) {
    const session = store.get(id);
    if (session) panel.open(session);
    table.select(id);
  }

  /** @param {string} id */
  function close(id) {
    table.select(null);
    table.focus(id);
  }
}

/** @param {import("./transport.js").Status} status */
function showStatus(status) {
  const connection = byId("connection");
  connection.textContent = STATUS[status];
  connection.dataset.status = status;
}

/** @param {SessionStore} store */
function drawCounts(store) {
  const counts = store.counts();
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (byId("counts").querySelectorAll("[data-presence]"))) {
    const presence = /** @type {import("./documents.js").Presence} */ (part.dataset.presence);
    const number = /** @type {HTMLElement} */ (part.querySelector("b"));
    number.textContent = String(counts[presence]);
  }
  document.title = counts.LIVE ? `(${counts.LIVE}) Live list · journey-gateway` : "Live list · journey-gateway";
}

/** @param {SessionStore} store */
function announce(store) {
  const { LIVE: live, AWAY: away, INACTIVE: inactive } = store.counts();
  const words = `${live} live, ${away} away, ${inactive} inactive`;
  if (byId("summary").textContent !== words) byId("summary").textContent = words;
}

/**
 * @param {() => void} work
 * @returns {() => void} asks for the work; however often in one frame, it is done once
 */
function oncePerFrame(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}
