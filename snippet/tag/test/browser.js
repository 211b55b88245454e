/** Hand-made pieces of a browser, as small as the modules under test need them. */

/** A localStorage that can be full. */
export function makeLocalStorage(initial = {}) {
  const storage = Object.create({
    getItem(key) {
      return Object.hasOwn(this, key) ? this[key] : null;
    },
    setItem(key, value) {
      this[key] = `${value}`;
    },
    removeItem(key) {
      delete this[key];
    },
  });
  return Object.assign(storage, initial);
}

/** A window whose timers run when the test says so, and whose server answers what the test says. */
export function makeWindow(properties = {}) {
  const timers = new Map();
  let nextTimer = 1;
  const win = Object.assign(new EventTarget(), {
    document: Object.assign(new EventTarget(), { title: "Title", referrer: "", cookie: "", visibilityState: "visible" }),
    location: { href: "https://shop.example/a", hostname: "shop.example", protocol: "https:" },
    navigator: { userAgent: "Agent", language: "en-GB" },
    screen: { width: 1600, height: 900 },
    innerWidth: 800,
    innerHeight: 600,
    localStorage: makeLocalStorage(),
    setTimeout(run, milliseconds) {
      timers.set(nextTimer, { run, milliseconds });
      return nextTimer++;
    },
    clearTimeout: (id) => timers.delete(id),
    timers,
    /** Let every waiting timer run out, and what it started come to rest. */
    async runTimers() {
      const due = [...timers.values()];
      timers.clear();
      for (const { run } of due) run();
      await settled();
    },
  });
  return Object.assign(win, properties);
}

/** Wait until promises that can settle have settled. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

/** An event as the recorder makes it. */
export const makeEvent = (id, properties = {}) => ({ type: "track", messageId: id, event: "x", properties, context: {} });
