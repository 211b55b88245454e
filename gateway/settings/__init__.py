"""Settings, read once from the JOURNEY_* variables of the environment; a wrong one is named, with its value."""

from gateway.settings.conversions import is_loopback
from gateway.settings.environment import PREFIX, Settings, SettingsError
from gateway.settings.table import SETTINGS

__all__ = ["PREFIX", "SETTINGS", "Settings", "SettingsError", "is_loopback"]
