"""The lists that connections page through: what is in each, and in which order."""

from gateway.storage.keyset import AS_IT_HAPPENED, LAST_REJECTED_FIRST, NEWEST_EVENT_FIRST, NEWEST_FIRST
from gateway.storage.pages import Listing

CONTACTS = Listing("contacts", NEWEST_FIRST)
SESSIONS = Listing("sessions", NEWEST_FIRST)
SESSIONS_OF_CONTACT = Listing("sessions", NEWEST_FIRST, key="contactId")
ACHIEVING_SESSIONS_OF_CONTACT = Listing(
    "sessions", NEWEST_FIRST, key="contactId", filter={"outcomeAchievements": {"$exists": True}}
)
REJECTED_EVENTS = Listing("rejectedEvents", LAST_REJECTED_FIRST)
EVENTS_OF_SESSION = Listing("events", AS_IT_HAPPENED, key="sessionId")
EVENTS_OF_CONTACT = Listing("events", NEWEST_EVENT_FIRST, key="contactId")
