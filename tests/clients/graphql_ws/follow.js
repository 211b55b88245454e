/**
 * Follow a subscription with the client library of graphql-transport-ws itself, and print each message as a line of JSON.
 *
 *     node follow.js URL TOKEN COUNT [AFTER]
 *
 * It ends after COUNT messages.
 */
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, token, count, after] = process.argv.slice(2);

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${token}` },
  retryAttempts: 0,
});

const query = `subscription Presence($after: String) {
  presence(after: $after) { cursor session { customerId presence eventCount } }
}`;

let left = Number(count);
for await (const { data, errors } of client.iterate({ query, variables: { after } })) {
  if (errors) throw new Error(errors[0].message);
  console.log(JSON.stringify(data.presence));
  left -= 1;
  if (left === 0) break;
}
await client.dispose();
