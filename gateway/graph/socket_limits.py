"""How much a live socket may ask for, and how long things may take on it."""

INIT_SECONDS = 10.0
"""A client says within this time who it is."""
SEND_SECONDS = 20.0
"""A client that does not take a message for this long is cut off."""
CLOSE_SECONDS = 5.0
"""So long we wait to be rid of the last words."""

PING_AFTER_SECONDS = 25.0
"""A client that is not heard for so long is pinged; proxies commonly give up a silent connection after 30 or 60 s."""
PONG_SECONDS = 20.0
"""A client that does not answer a ping within this time is cut off."""

LOOK_EVERY_SECONDS = 2.0
"""How often we look whether those who are connected may stay: whoever may not is cut off within 5 s."""

MAX_SOCKETS = 2_000
"""Sockets that may be open at a time with one token, in each process.

A back end may hold one token for all the pages that it serves; whoever gets hold of a token shall not fill the memory.
"""
MAX_OPERATIONS = 100
"""Operations that may be open at a time on one socket."""
MAX_OPERATIONS_OF_TOKEN = 10_000
"""Operations that may be open at a time with one token, on all its sockets together, in each process."""
MAX_MESSAGE_BYTES = 1_000_000
"""As long as the body of a request over HTTP may be."""
