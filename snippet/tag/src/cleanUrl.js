/**
 * Remove the excluded query parameters, and the fragment unless it is kept. Everything else stays byte for byte:
 * URLSearchParams.delete would write the whole query anew, with other escapes.
 * @param {string} address
 * @param {Settings} settings
 * @returns {URL}
 * @throws {TypeError} when the address is no absolute URL
 */
export function cleanUrl(address, settings) {
  const url = new URL(address);
  if (settings.excludedQueryParameters.length) {
    url.search = url.search.slice(1).split("&").filter((part) => isKept(part, settings)).join("&");
  }
  if (!settings.keepFragment) url.hash = "";
  return url;
}

/**
 * Clean the address that the visitor came from if it is one of the own site; a foreign one is not ours to judge.
 * @param {string} referrer
 * @param {string} host of the current page
 * @param {Settings} settings
 */
export function cleanReferrer(referrer, host, settings) {
  try {
    return new URL(referrer).host === host ? cleanUrl(referrer, settings).href : referrer;
  } catch (_) {
    return referrer;
  }
}

/**
 * @param {string} part such as "color=red"
 * @param {Settings} settings
 */
function isKept(part, settings) {
  return ![...new URLSearchParams(part).keys()].some((name) => settings.excludedQueryParameters.includes(name));
}
