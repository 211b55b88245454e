"""What the subscribers of the measurements ask for: what a list of live visitors shows."""

PRESENCE = """
subscription Presence($filter: SessionFilter, $after: String) {
  presence(filter: $filter, after: $after) {
    cursor
    session {
      id shortId presence customerId eventCount pageviewCount createdDate durationInSeconds searchTerms
      lastPage { url title }
      lastEvent { eventName createdDate }
      browser { family version }
      device { category osFamily }
      referrer { hostname medium }
      mktCampaign { source }
    }
  }
}
"""
