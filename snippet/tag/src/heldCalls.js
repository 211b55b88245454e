import { readMoment } from "./context.js";

const MAX_CALLS = 1000;

/** Routers change the address first and render the title afterwards, often not in the next tick but in the one after. */
const TITLE_MILLISECONDS = 50;

/**
 * Hold calls for a moment: an application sets the title of a new page after it changed the address, and calls that are
 * made together travel together.
 * @param {Window} win
 * @param {() => void} ready called a moment after the first call was held; must not throw
 */
export function holdCalls(win, ready) {
  let calls = /** @type {{moment: Moment, act: Act}[]} */ ([]);
  let timer = 0;

  return {
    hold(/** @type {Act} */ act) {
      calls.push({ moment: readMoment(win), act });
      if (calls.length > MAX_CALLS) calls.shift();
      if (!timer) timer = win.setTimeout(ready, TITLE_MILLISECONDS);
    },
    /** Perform what is held. */
    perform(/** @type {(act: Act, moment: Moment) => void} */ perform) {
      win.clearTimeout(timer);
      timer = 0;
      const due = calls;
      calls = [];
      for (const { moment, act } of due) {
        if (moment.url === win.location.href) moment.title = win.document.title;
        perform(act, moment);
      }
    },
    drop() {
      calls = [];
    },
  };
}
