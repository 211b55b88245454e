"""What is kept of those who send, as an operator has set it."""

from gateway.settings import Settings
from snippet.privacy import AddressPolicy, Privacy


def privacy_of(settings: Settings) -> Privacy:
    """Return what is kept of senders by these settings."""
    return Privacy(AddressPolicy(settings.ip_addresses), honour_signal=settings.honour_gpc)
