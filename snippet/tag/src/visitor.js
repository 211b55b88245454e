const ID_KEY = "_journey_id";
const USER_KEY = "_journey_user";

/**
 * Remember who the visitor is: a random id in localStorage and in a cookie, where one restores the other, and the user
 * id that the site gave. Read anew for every call, so that another tab's `reset` holds here too. Memory is the last resort.
 * Traits are sent once and never stored.
 * @param {BrowserStorage} storage
 * @param {VisitorCookie} cookie
 * @param {() => string} newId
 * @returns {Visitor}
 */
export function rememberVisitor(storage, cookie, newId) {
  let id = /** @type {string | undefined} */ (undefined);
  let userId = /** @type {string | undefined} */ (undefined);

  const keep = (/** @type {string} */ known) => {
    if (known !== id) {
      cookie.write(known);
      storage.set(ID_KEY, known);
    }
    return (id = known);
  };

  return {
    id: () => keep(cookie.read() || storage.get(ID_KEY) || id || newId()),
    userId: () => storage.get(USER_KEY) || userId,
    identify(known) {
      userId = storage.set(USER_KEY, known) ? undefined : known;
    },
    reset() {
      userId = undefined;
      storage.remove(USER_KEY);
      keep(newId());
    },
    forget() {
      id = userId = undefined;
    },
  };
}
