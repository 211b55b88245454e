"""The lists that connections page through: what is in each, and in which order."""

from gateway.storage.keyset import (
    AS_IT_HAPPENED,
    LAST_RECORDED_FIRST,
    LAST_REJECTED_FIRST,
    LAST_TRAINED_FIRST,
    NEWEST_EVENT_FIRST,
    NEWEST_FIRST,
    Order,
)
from gateway.storage.pages import Listing

CONTACTS = Listing("contacts", NEWEST_FIRST)
SESSIONS = Listing("sessions", NEWEST_FIRST)
SESSIONS_OF_CONTACT = Listing("sessions", NEWEST_FIRST, key="contactId")
ACHIEVING_SESSIONS_OF_CONTACT = Listing(
    "sessions", NEWEST_FIRST, key="contactId", filter={"outcomeAchievements": {"$exists": True}}
)
REJECTED_EVENTS = Listing("rejectedEvents", LAST_REJECTED_FIRST)
AUDIT_LOG = Listing("auditLog", LAST_RECORDED_FIRST)
TOKENS = Listing("tokens", NEWEST_FIRST)
WRITE_KEYS = Listing("writeKeys", NEWEST_FIRST)
EVENTS_OF_SESSION = Listing("events", AS_IT_HAPPENED, key="sessionId")
EVENTS_OF_CONTACT = Listing("events", NEWEST_EVENT_FIRST, key="contactId")
MODELS_OF_OUTCOME = Listing("predictionModels", LAST_TRAINED_FIRST, key="outcomeId")

BY_NAME = Order((("sortName", 1), ("_id", 1)))
CONTACTS_OF_ORGANIZATION = Listing("contacts", NEWEST_FIRST, key="externalOrganizationId")
RELATIONSHIPS_OF_ORGANIZATION = Listing("relationships", NEWEST_FIRST, key="externalOrganizationId")
NOTES_OF_ORGANIZATION = Listing("notes", NEWEST_FIRST, key="externalOrganizationId")
NOTES_OF_CONTACT = Listing("notes", NEWEST_FIRST, key="contactId")
