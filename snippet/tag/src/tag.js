import { openBrowserStorage } from "./browserStorage.js";
import { createCallPath } from "./callPath.js";
import { installCommandQueue } from "./commandQueue.js";
import { askConsent } from "./consent.js";
import { eraseStored } from "./eraseStored.js";
import { guarded } from "./guarded.js";
import { openMemory } from "./memory.js";
import { onBackForwardRestore } from "./onBackForwardRestore.js";
import { onPageHide } from "./onPageHide.js";
import { onUrlChange } from "./onUrlChange.js";
import { queuePendingEvents, queuePrefix } from "./pendingEvents.js";
import { randomUuid } from "./randomUuid.js";
import { createRecorder } from "./recorder.js";
import { rememberVisitor } from "./visitor.js";
import { openVisitorCookie } from "./visitorCookie.js";

/**
 * Put the parts together: ask for consent, open the path of a call (callPath.js), take the calls of the site, and listen
 * to the browser.
 * @param {Window} win
 * @param {ScriptTag} script
 */
export function startTag(win, script) {
  const keeper = script.memoryOnly ? openMemory() : win;
  const storage = openBrowserStorage(keeper);
  const cookie = openVisitorCookie(keeper.document, win.location.protocol);
  const newId = () => randomUuid(win.crypto);
  const visitor = rememberVisitor(storage, cookie, newId);
  const pending = queuePendingEvents(storage, queuePrefix(script) + newId());
  const recorder = createRecorder(win, script.auto, visitor, (event) => pending.add(consent.stamp(event)));
  const path = createCallPath(win, script, { storage, pending, recorder, isGranted: () => consent.isGranted() });

  const hold = (/** @type {Act} */ act) => {
    if (!consent.isDenied()) path.hold(act);
  };
  const consent = askConsent(win, script.consentRequired, storage, {
    granted() {
      path.open();
      hold(recorder.view);
      path.flush();
    },
    denied() {
      path.drop();
      visitor.forget();
      eraseStored(storage, cookie);
    },
  });

  takeCalls(win, recorder, consent, hold);
  onUrlChange(win, guarded(() => hold(recorder.view)));
  onBackForwardRestore(win, guarded(() => {
    pending.release(false);
    hold(recorder.viewAgain);
  }));
  onPageHide(win, guarded(path.leave));
  win.addEventListener("online", guarded(path.retryNow));
}

/**
 * Take the calls of the site. Those that waited in the stub come after the view of the page that made them; a decision
 * about consent comes before everything.
 * @param {Window} win
 * @param {Recorder} recorder
 * @param {Consent} consent
 * @param {(act: Act) => void} hold
 */
function takeCalls(win, recorder, consent, hold) {
  const perform = guarded((/** @type {ArrayLike<unknown>} */ call) => {
    // The page may go on changing what it passed, so take a copy; it also drops what JSON cannot carry.
    const [verb, ...rest] = JSON.parse(JSON.stringify(Array.prototype.slice.call(call)));
    if (verb === "consent") return consent.decide(rest[0], rest[1]);
    const act = recorder.verbs[verb];
    if (act) hold((moment) => act(moment, ...rest));
  });
  const isConsent = (/** @type {ArrayLike<unknown>} */ call) => call[0] === "consent";

  const waiting = installCommandQueue(win, perform);
  consent.begin(waiting.filter(isConsent));
  hold(recorder.view);
  waiting.filter((call) => !isConsent(call)).forEach((call) => perform(call));
}
