/**
 * Make a random UUID (version 4). crypto.randomUUID exists only in secure contexts, getRandomValues everywhere.
 * @param {Crypto | undefined} crypto
 * @returns {string}
 */
export function randomUuid(crypto) {
  if (crypto && crypto.randomUUID) return crypto.randomUUID();
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (+digit ^ (randomByte(crypto) & (15 >> (+digit / 4)))).toString(16),
  );
}

/** @param {Crypto | undefined} crypto */
function randomByte(crypto) {
  return crypto && crypto.getRandomValues ? crypto.getRandomValues(new Uint8Array(1))[0] : Math.random() * 256;
}
