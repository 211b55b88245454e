/**
 * Keep a subscription open with the client library of graphql-transport-ws until the server closes the connection, and
 * print what happens: `{"connected": true}`, then `{"closed": CODE, "reason": REASON}`.
 *
 *     node until_closed.js URL TOKEN
 */
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, token] = process.argv.slice(2);
const say = (what) => console.log(JSON.stringify(what));

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${token}` },
  retryAttempts: 0,
  on: {
    connected: () => say({ connected: true }),
    closed: ({ code, reason }) => say({ closed: code, reason }),
  },
});

const query = "subscription { presence { cursor } }";
try {
  for await (const _ of client.iterate({ query }));
} catch {
  // the event `closed` has told it
}
