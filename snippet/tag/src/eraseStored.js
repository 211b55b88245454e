/** Every key of ours begins so; a site has no reason to. */
const PREFIX = "_journey_";

/**
 * Remove everything that the tag ever stored in this browser for this site, other tabs' queues included.
 * @param {BrowserStorage} storage
 * @param {VisitorCookie} cookie
 */
export function eraseStored(storage, cookie) {
  cookie.erase();
  storage.keys().filter((key) => key.startsWith(PREFIX)).forEach(storage.remove);
}
