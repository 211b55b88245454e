/** Start GraphiQL: queries over HTTP, subscriptions over graphql-transport-ws, both with the headers of its editor. */
(() => {
  const { React, ReactDOM, GraphiQL, graphqlWs } = /** @type {any} */ (window);

  const WELCOME = `# Welcome to journey-gateway.
#
# Run this with the button or Ctrl-Enter: the ten
# newest visits, whose they are, what happened.
# Ctrl-Space completes names; the book on the left
# documents every type.
#
# Live: run the subscription in a tab of its own,
#   subscription {
#     presence { session { shortId presence } }
#   }
# and look around in the demo shop, /demo/.

query RecentSessions {
  sessions(first: 10) {
    edges {
      node {
        shortId
        presence
        createdDate
        pageviewCount
        searchTerms
        lastPage { title url }
        contact { displayName }
        predictions {
          outcome { displayName }
          probability
        }
        events(first: 5) {
          edges { node { eventName createdDate } }
        }
      }
    }
  }
}
`;

  const token = document.querySelector('meta[name="journey-token"]')?.getAttribute("content") ?? "";
  const access = { Authorization: `Bearer ${token || "YOUR_TOKEN"}` };
  let headers = access;

  const socketUrl = new URL("/graphql", location.href);
  socketUrl.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const wsClient = graphqlWs.createClient({ url: socketUrl.href, connectionParams: () => headers });
  const send = GraphiQL.createFetcher({ url: "/graphql", wsClient });

  /** GraphiQL forgets the headers at a reload, on purpose: then the page's own token stands in. */
  const fetcher = (/** @type {object} */ request, /** @type {{headers?: object}} */ options = {}) => {
    headers = { ...access, ...options.headers };
    return send(request, { ...options, headers });
  };

  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      fetcher,
      defaultQuery: WELCOME,
      defaultHeaders: JSON.stringify(access, null, 2),
      defaultEditorToolsVisibility: "headers",
      inputValueDeprecation: true,
    }),
  );
})();
