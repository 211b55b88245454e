/**
 * Find what the visitor searched for: the first configured parameter that is not empty.
 * @param {URL} url
 * @param {string[]} searchParameters
 * @returns {string | undefined}
 */
export function searchQuery(url, searchParameters) {
  for (const name of searchParameters) {
    const value = (url.searchParams.get(name) || "").trim();
    if (value) return value;
  }
  return undefined;
}
