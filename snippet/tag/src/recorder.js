import { cleanReferrer, cleanUrl } from "./cleanUrl.js";
import { describeContext } from "./context.js";
import { randomUuid } from "./randomUuid.js";
import { searchQuery } from "./searchQuery.js";

/**
 * Turn calls into events, in the order in which they were made.
 * @param {Window} win
 * @param {ScriptTag["auto"]} auto
 * @param {Visitor} visitor
 * @param {(event: WireEvent) => void} add
 * @returns {Recorder}
 */
export function createRecorder(win, auto, visitor, add) {
  let settings = /** @type {Settings} */ (/** @type {unknown} */ (undefined));
  let referrer = win.document.referrer;
  let lastUrl = "";
  let lastSearch = "";
  let viewed = false;

  /**
   * @param {Moment} moment
   * @param {Pick<WireEvent, "type"> & Partial<WireEvent>} event
   * @param {Verification} [verification]
   */
  const record = (moment, event, verification) => {
    const url = cleanUrl(moment.url, settings);
    add({
      messageId: randomUuid(win.crypto),
      anonymousId: visitor.id(),
      userId: visitor.userId(),
      timestamp: moment.timestamp,
      context: describeContext(win, url, moment.title, cleanReferrer(referrer, url.host, settings), verification),
      ...event,
    });
  };

  const recordSearch = (/** @type {Moment} */ moment) => {
    const url = cleanUrl(moment.url, settings);
    const query = searchQuery(url, settings.searchParameters);
    const search = query ? `${url.pathname} ${query}` : "";
    if (query && search !== lastSearch) track(moment, "search_performed", { query });
    lastSearch = search;
  };

  const page = (/** @type {Moment} */ moment, /** @type {any} */ first, /** @type {any} */ second) => {
    const [name, properties] = nameFirst(first, second);
    record(moment, { type: "page", name, properties: properties || {} });
    recordSearch(moment);
  };

  const track = (/** @type {Moment} */ moment, /** @type {any} */ event, /** @type {any} */ properties) => {
    if (event) record(moment, { type: "track", event: `${event}`, properties: properties || {} });
  };

  const identify = (/** @type {Moment} */ moment, /** @type {any[]} */ ...call) => {
    const [userId, traits, verification] = nameFirst(...call);
    if (userId) visitor.identify(userId);
    if (userId || traits) record(moment, { type: "identify", traits: traits || {} }, verification);
  };

  const view = (/** @type {Moment} */ moment) => {
    const { href } = cleanUrl(moment.url, settings);
    if (href === lastUrl) return;
    referrer = lastUrl || referrer;
    lastUrl = href;
    if (auto === "all" || (auto === "once" && !viewed)) page(moment, undefined, undefined);
    viewed = true;
  };

  const viewAgain = (/** @type {Moment} */ moment) => {
    lastUrl = "";
    view(moment);
  };

  return {
    view,
    viewAgain,
    verbs: Object.assign(Object.create(null), { page, track, identify, reset: visitor.reset }),
    use(known) {
      settings = known;
    },
  };
}

/**
 * Read the arguments (name?, properties?) and (userId?, traits?, verification?): an object in the first place is the
 * second, and the others follow it.
 * @param {any} [first]
 * @param {any[]} rest
 * @returns {[string | undefined, object | undefined, Verification | undefined]}
 */
function nameFirst(first, ...rest) {
  if (first && typeof first === "object") return [undefined, first, rest[0]];
  return [first == null || first === "" ? undefined : `${first}`, rest[0], rest[1]];
}
