const FIRST_MILLISECONDS = 1000;
const LONGEST_MILLISECONDS = 60000;
const LONGEST_RETRY_AFTER = 3600000;

/**
 * Say how long to wait before attempt number `attempt` (1 = the first repetition): doubling from one second to one
 * minute, of which a random half is taken off, so that visitors do not all return at once when a server recovers.
 * @param {number} attempt
 * @param {number} random in [0, 1)
 * @returns {number} milliseconds
 */
export function backOff(attempt, random) {
  return Math.min(LONGEST_MILLISECONDS, FIRST_MILLISECONDS * 2 ** (attempt - 1)) * (1 - random / 2);
}

/**
 * Read a Retry-After header: seconds, or a date (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after).
 * @param {string | null} header
 * @param {number} now milliseconds since 1970
 * @returns {number} milliseconds to wait, at most an hour; 0 when the server did not say
 */
export function retryAfter(header, now) {
  if (!header) return 0;
  const wait = isNaN(+header) ? Date.parse(header) - now : +header * 1000;
  return Math.max(0, Math.min(LONGEST_RETRY_AFTER, wait)) || 0;
}
