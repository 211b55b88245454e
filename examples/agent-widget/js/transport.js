/**
 * One GraphQL subscription over the graphql-transport-ws protocol that survives a lost connection: it comes back with
 * growing pauses and resumes after the last cursor, so that no change is missed.
 *
 * Protocol: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
 *
 * @typedef {"connecting" | "live" | "waiting" | "refused"} Status
 * @typedef {{
 *   url: string,
 *   token: string,
 *   query: string,
 *   onStart: (resumed: boolean) => void,
 *   onNext: (data: any) => string,
 *   onStatus: (status: Status) => void,
 * }} Subscription  `onNext` returns the cursor after which to resume
 */

const PING_EVERY = 15_000;
const LONGEST_PAUSE = 20_000;
const REFUSED = new Set([4400, 4401, 4403, 4406]); // bad request, unauthorized, forbidden, protocol not accepted

/**
 * @param {Subscription} subscription
 * @returns {() => void} call it to end the subscription
 */
export function subscribe(subscription) {
  /** @type {string | null} */
  let after = null;
  let failures = 0;
  let ended = false;
  /** @type {WebSocket} */
  let socket;

  function connect() {
    subscription.onStatus("connecting");
    socket = new WebSocket(subscription.url, "graphql-transport-ws");
    const heartbeat = beat(socket);
    socket.onopen = () => send({ type: "connection_init", payload: { Authorization: `Bearer ${subscription.token}` } });
    socket.onmessage = ({ data }) => {
      heartbeat.heard();
      const message = JSON.parse(data);
      answers[message.type]?.(message);
    };
    socket.onclose = ({ code }) => {
      heartbeat.stop();
      if (ended) return;
      if (REFUSED.has(code)) subscription.onStatus("refused");
      else comeBack();
    };
  }

  /** @type {Record<string, (message: any) => void>} what to do on each type of message */
  const answers = {
    connection_ack() {
      subscription.onStart(after !== null);
      subscription.onStatus("live");
      send({ id: "1", type: "subscribe", payload: { query: subscription.query, variables: { after } } });
    },
    next({ payload }) {
      failures = 0;
      if (payload.data) after = subscription.onNext(payload.data);
    },
    ping() {
      send({ type: "pong" });
    },
    error({ payload }) {
      after = null; // perhaps the cursor is too old: the next connection starts with a snapshot
      console.warn("The server ended the subscription:", payload);
      socket.close(1000);
    },
    complete() {
      socket.close(1000);
    },
  };

  function comeBack() {
    const pause = Math.min(500 * 2 ** failures++, LONGEST_PAUSE);
    subscription.onStatus("waiting");
    setTimeout(() => ended || connect(), pause * (0.5 + Math.random() / 2)); // spread: not all pages at the same moment
  }

  /** @param {object} message */
  function send(message) {
    socket.send(JSON.stringify(message));
  }

  connect();
  return () => {
    ended = true;
    socket.close(1000);
  };
}

/**
 * Notice a connection that died without a word, as after a change of network: nothing heard between two pings.
 *
 * @param {WebSocket} socket
 */
function beat(socket) {
  let heard = true;
  const timer = setInterval(() => {
    if (!heard) return socket.close(1000);
    heard = false;
    if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"ping"}');
  }, PING_EVERY);
  return { heard: () => { heard = true; }, stop: () => clearInterval(timer) };
}
