"""Robots, by their user agent.

Two kept lists decide together: crawler-user-agents (https://github.com/monperrus/crawler-user-agents), which names
robots one by one, and ua-parser (https://github.com/ua-parser/uap-core), whose device family "Spider" also covers names
that nobody has listed yet. HeadlessChrome is a robot by these lists: nobody sits before it.
"""

from functools import lru_cache

import crawleruseragents  # type: ignore[import-untyped]  # published without types
from ua_parser import parse_device

_READ_CHARACTERS = 512  # real ones are shorter; bounds the time that a made-up one takes


def is_robot(user_agent: str) -> bool:
    """Tell whether a visitor with this user agent is a robot."""
    return _is_robot(user_agent[:_READ_CHARACTERS])


def is_robot_sender(user_agent: str) -> bool:
    """Tell whether the sender of a request is a robot that visits pages, judged by the request's own header.

    A library that only speaks HTTP, such as curl or okhttp, runs no tag: behind it stands a back end or an app that
    sends for its visitors, so it is none.
    """
    return _is_robot_sender(user_agent[:_READ_CHARACTERS])


@lru_cache(maxsize=8192)
def _is_robot(user_agent: str) -> bool:
    return bool(crawleruseragents.is_crawler(user_agent)) or _is_spider(user_agent)


@lru_cache(maxsize=8192)
def _is_robot_sender(user_agent: str) -> bool:
    if not _is_robot(user_agent):
        return False
    entries = (crawleruseragents.CRAWLER_USER_AGENTS_DATA[i] for i in crawleruseragents.matching_crawlers(user_agent))
    kinds = {kind for entry in entries for kind in entry.get("tags", ())}
    return kinds != {"http-library"}


def _is_spider(user_agent: str) -> bool:
    device = parse_device(user_agent)
    return device is not None and device.family == "Spider"
