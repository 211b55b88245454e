"""What each of two divisions has that the other must not see, and the queries that ask for it by every path."""

from gateway.graph.node import to_global_id
from tests.graph.two_divisions import NORTH, SOUTH, contact, event, session

ADA, ANN, BOB, TABLET = map(contact, ("ada", "ann", "bob", "tablet"))
OF_ADA, OF_ANN = session(NORTH, "ada", 0), session(NORTH, "ann", 3, "identify")
OF_THE_SOUTH = {
    "session": session(SOUTH, "ada", 0.5),
    "event": event(SOUTH, "bob", 5, "identify"),
    "rejected event": to_global_id("RejectedEvent", f"rejected-{SOUTH}"),
    "division": to_global_id("Division", SOUTH),
}
SESSION = """id shortId type createdDate endedDate eventCount pageviewCount searchTerms durationInSeconds presence
    lastPage { url title } lastEvent { id eventName createdDate } customerId division { id key name }
    events { nodes { id eventName createdDate sequence page { url } searchQuery attributes
        session { id } outcomeAchievements { achievedDate outcome { displayName } } } pageInfo { hasNextPage } }
    predictions { probability sessionMaxProbability outcome { displayName model { sessionCount achievedCount } } }
    outcomeAchievements { achievedDate event { id } session { id } }"""
OF_CUSTOMER = f"""sessionCount presence divisions {{ key }} latestSession {{ {SESSION} }} sessions {{ nodes {{ id }} }}
    journey {{ sessions {{ nodes {{ id }} edges {{ cursor }} pageInfo {{ hasNextPage endCursor }} }}
        events {{ nodes {{ id eventName }} }} predictions {{ probability session {{ id }} }}
        outcomeAchievements {{ achievedDate session {{ id }} event {{ id }} }} }}"""
JOURNEYS = {
    "sessions": f"{{ sessions {{ nodes {{ {SESSION} }} edges {{ cursor }} pageInfo {{ hasNextPage endCursor }} }} }}",
    "sessions, the last ones": "{ sessions(last: 1) { nodes { id } pageInfo { hasNextPage hasPreviousPage } } }",
    "sessions of the customer": f'{{ sessions(filter: {{contactId: "{ADA}"}}) {{ nodes {{ {SESSION} }} }} }}',
    "sessions of those who are here": "{ sessions(filter: {presence: [LIVE, AWAY]}) { nodes { id } } }",
    "sessions of our division": f'{{ sessions(filter: {{divisionId: "{to_global_id("Division", NORTH)}"}}) '
    "{ nodes { id } } }",
    "sessions of the other division": f'{{ sessions(filter: {{divisionId: "{to_global_id("Division", SOUTH)}"}}) '
    "{ nodes { id } } }",
    "journey": f'{{ journey(contactId: "{ADA}") {{ contact {{ id {OF_CUSTOMER} }} }} }}',
    "contact": f'{{ contact(id: "{ADA}") {{ {OF_CUSTOMER} }} }}',
    "rejected events": "{ rejectedEvents { nodes { id messageId reason wire } pageInfo { hasNextPage } } }",
    "divisions": "{ divisions { id key name } }",
    "outcomes": "{ outcomes { displayName model { sessionCount achievedCount } } }",
}
"""What is told of journeys: the same where divisions share contacts, and where they keep them apart."""
CONTACTS = {
    "contacts": "{ contacts { nodes { id type displayName divisions { key } } edges { cursor } "
    "pageInfo { hasNextPage } } }",
    "contacts of our division": f'{{ contacts(filter: {{divisionId: "{to_global_id("Division", NORTH)}"}}) '
    "{ nodes { id } } }",
    "contacts of the other division": f'{{ contacts(filter: {{divisionId: "{to_global_id("Division", SOUTH)}"}}) '
    "{ nodes { id } } }",
    "known contacts": "{ contacts(filter: {kind: [IDENTIFIED]}) { nodes { id displayName } } }",
    "a search for ours": '{ contacts(search: "Northern") { nodes { id displayName } pageInfo { hasNextPage } } }',
    "a search for theirs": '{ contacts(search: "Southern") { nodes { id } pageInfo { hasNextPage } } }',
    "a search for their e-mail": '{ contacts(search: "bob@shop.example") { nodes { id } } }',
    "a search for their visitor": '{ contacts(search: "bob", filter: {kind: [EPHEMERAL]}) { nodes { id } } }',
    "who holds their e-mail": '{ contactByIdentifier(type: EMAIL, value: "bob@shop.example") { id } }',
    "who holds their cookie": '{ contactByIdentifier(type: COOKIE, value: "bob") { id } }',
    "candidates": '{ contactCandidates(type: EMAIL, value: "bob@shop.example") { contact { id } reasons } }',
    "their contact": f'{{ contact(id: "{BOB}") {{ id }} journey(contactId: "{BOB}") {{ contact {{ id }} }} }}',
    "ours": f"""{{ contact(id: "{ANN}") {{ id kind displayName sessionCount createdDate modifiedDate expiresDate
        identifiers {{ type value contact {{ id }} }} mergeSet {{ id }} mergedFrom {{ id }} links {{ id }}
        canonicalContact {{ id }} identityPath {{ kind sentence }} divisions {{ key }} }} }}""",
    "audit log of theirs": f'{{ auditLog(contactId: "{BOB}") {{ nodes {{ action contactIds details }} }} }}',
}
"""What is told of contacts, where divisions keep them apart."""
