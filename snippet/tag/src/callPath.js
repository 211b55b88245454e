import { adoptAbandoned } from "./adoptAbandoned.js";
import { guarded } from "./guarded.js";
import { holdCalls } from "./heldCalls.js";
import { isAllowedDomain } from "./isAllowedDomain.js";
import { LEASE_MILLISECONDS, queuePrefix } from "./pendingEvents.js";
import { createSender } from "./sender.js";
import { DEFAULT_SETTINGS, awaitSettings } from "./settings.js";

/**
 * The path of a call: held (for a moment; until consent and settings are there) -> recorder -> pending events -> sender.
 * @param {Window} win
 * @param {ScriptTag} script
 * @param {{storage: BrowserStorage, pending: PendingEvents, recorder: Recorder, isGranted: () => boolean}} parts
 */
export function createCallPath(win, script, { storage, pending, recorder, isGranted }) {
  const sender = createSender(win, script, pending);
  let settings = /** @type {Settings | undefined} */ (undefined);
  let opened = false;

  const mayRecord = (/** @type {Settings} */ rules) => isAllowedDomain(win.location.hostname, rules.allowedDomains);

  const queueHeld = (/** @type {Settings | undefined} */ rules) => {
    if (!rules || !isGranted()) return;
    if (!mayRecord(rules)) return held.drop();
    recorder.use(rules);
    held.perform(guarded((act, moment) => act(moment)));
    pending.save();
  };

  const flush = guarded(() => {
    queueHeld(settings);
    sender.send();
  });
  const held = holdCalls(win, flush);

  const adopt = guarded((/** @type {Settings} */ rules) => {
    if (!isGranted() || !mayRecord(rules)) return;
    const someAlive = adoptAbandoned(storage, pending, queuePrefix(script));
    if (someAlive) win.setTimeout(() => (adopt(rules), flush()), LEASE_MILLISECONDS);
  });

  const settle = guarded((/** @type {Settings} */ known) => {
    if (!settings) adopt(known);
    settings = known;
    flush();
  });

  return {
    hold: held.hold,
    flush,
    /** Ask for the settings, once per page. */
    open() {
      if (!opened) awaitSettings(win, script, settle);
      opened = true;
    },
    drop() {
      held.drop();
      pending.clear();
    },
    /** The page is hidden, or left: there is no more time to wait for the settings. */
    leave(/** @type {boolean} */ leaving) {
      queueHeld(settings || DEFAULT_SETTINGS);
      sender.sendOnLeaving();
      if (leaving) pending.release(true);
    },
    retryNow: sender.retryNow,
  };
}
