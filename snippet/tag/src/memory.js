/**
 * Open what stands in for the browser's storage where the site wants nothing stored: localStorage is missing, as where a
 * browser forbids it, and the cookie is a mere text that goes with the page.
 * @returns {Window}
 */
export const openMemory = () => /** @type {any} */ ({ document: {} });
