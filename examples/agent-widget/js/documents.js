/**
 * What the live list asks of the gateway, and the shape of what it gets.
 *
 * @typedef {"LIVE" | "AWAY" | "INACTIVE"} Presence
 * @typedef {{eventName: string, createdDate: string}} LastEvent
 * @typedef {{outcome: {displayName: string}, probability: number}} Prediction
 * @typedef {{
 *   id: string, shortId: string, type: string, presence: Presence, createdDate: string, endedDate: string | null,
 *   eventCount: number, pageviewCount: number, durationInSeconds: number,
 *   lastPage: {url: string, title: string | null} | null, searchTerms: string[],
 *   browser: {family: string | null} | null, device: {category: string | null, osFamily: string | null} | null,
 *   geolocation: {country: string | null} | null, referrer: {hostname: string | null, medium: string | null} | null,
 *   contact: {id: string, displayName: string | null, type: string}, lastEvent: LastEvent, predictions: Prediction[],
 * }} Session
 * @typedef {LastEvent & {id: string, page: {url: string, title: string | null} | null, searchQuery: string | null}} Event
 */

export const LIVE = `
  subscription Live($after: String) {
    presence(after: $after) {
      cursor
      session {
        id shortId type presence createdDate endedDate eventCount pageviewCount durationInSeconds
        lastPage { url title } searchTerms
        browser { family } device { category osFamily } geolocation { country } referrer { hostname medium }
        contact { id displayName type } lastEvent { eventName createdDate }
        predictions { outcome { displayName } probability }
      }
    }
  }`;

export const SESSION_EVENTS = `
  query SessionEvents($id: ID!) {
    session(id: $id) {
      events(first: 50) { edges { node { id eventName createdDate page { url title } searchQuery } } }
    }
  }`;

/**
 * The first fifty events of a visit.
 *
 * @param {string} token
 * @param {string} id of the session
 * @returns {Promise<Event[]>}
 */
export async function fetchEvents(token, id) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: SESSION_EVENTS, variables: { id } }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return (data.session?.events.edges ?? []).map((/** @type {{node: Event}} */ edge) => edge.node);
}
