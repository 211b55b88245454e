import { VERSION } from "./version.js";

/**
 * Put the real `journey` in the place of the stub, and hand over what waited in the stub's queue. Who kept the stub itself
 * (`const track = window.journey`) pushes to the queue of the new function, so its `push` performs the call.
 * @param {Window} win
 * @param {(call: ArrayLike<unknown>) => void} perform must not throw
 * @returns {ArrayLike<unknown>[]} the calls that waited
 */
export function installCommandQueue(win, perform) {
  const stub = win.journey;
  const journey = /** @type {JourneyFunction} */ ((...call) => perform(call));
  journey.q = { push: perform };
  journey.version = VERSION;
  win.journey = journey;
  return Array.prototype.slice.call((stub && stub.q) || []);
}
