/**
 * Run all audits of GraphQL over HTTP that the package graphql-http has against a server, and print each as a line of JSON:
 * {"id", "name", "status": "ok" | "notice" | "warn" | "error", "reason"?}.
 *
 *     node audit.js URL TOKEN
 */
import { serverAudits } from "graphql-http";

const [url, token] = process.argv.slice(2);

const fetchFn = (address, { headers, ...init } = {}) =>
  fetch(address, { ...init, headers: { ...headers, authorization: `Bearer ${token}` } });

for (const audit of serverAudits({ url, fetchFn })) {
  const { id, name, status, reason } = await audit.fn();
  console.log(JSON.stringify({ id, name, status, reason }));
}
