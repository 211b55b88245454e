/**
 * Tell whether a host may be recorded: an entry matches itself and its subdomains; no entries allow every host.
 * @param {string} hostname
 * @param {string[]} allowedDomains
 */
export function isAllowedDomain(hostname, allowedDomains) {
  const host = "." + hostname.toLowerCase();
  return !allowedDomains.length || allowedDomains.some((domain) => host.endsWith("." + domain.toLowerCase()));
}
