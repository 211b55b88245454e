"""Where visitors come from: search engines, social networks and webmail, by hostname.

A host stands for itself and its subdomains. "google.*" stands for the name under every country's ending. Android apps
announce themselves by package name: android-app://com.google.android.gm. The more specific host wins.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Source(NamedTuple):
    """Where a referrer leads back to; `parameters` of its URLs may hold what was searched for."""

    name: str
    medium: str
    parameters: tuple[str, ...] = ()


SEARCH_ENGINES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Google": ("google.* com.google.android.googlequicksearchbox", ("q", "query", "as_q")),
    "Bing": ("bing.com search.msn.com", ("q",)),
    "Yahoo!": ("search.yahoo.*", ("p", "q")),
    "DuckDuckGo": ("duckduckgo.com com.duckduckgo.mobile.android", ("q",)),
    "Yandex": ("yandex.* ya.ru", ("text",)),
    "Baidu": ("baidu.com", ("wd", "word", "kw")),
    "Ecosia": ("ecosia.org", ("q",)),
    "Qwant": ("qwant.com", ("q",)),
    "Startpage": ("startpage.com ixquick.com", ("query", "q")),
    "Brave": ("search.brave.com", ("q",)),
    "Kagi": ("kagi.com", ("q",)),
    "Mojeek": ("mojeek.com", ("q",)),
    "Swisscows": ("swisscows.com", ("query",)),
    "MetaGer": ("metager.de metager.org", ("eingabe",)),
    "Presearch": ("presearch.com", ("q",)),
    "Perplexity": ("perplexity.ai", ("q",)),
    "Ask": ("ask.com", ("q",)),
    "AOL": ("search.aol.*", ("q", "query")),
    "Lycos": ("search.lycos.com", ("q", "query")),
    "Dogpile": ("dogpile.com", ("q",)),
    "Naver": ("search.naver.com", ("query",)),
    "Daum": ("search.daum.net", ("q",)),
    "Seznam": ("search.seznam.cz", ("q",)),
    "Sogou": ("sogou.com", ("query", "keyword")),
    "360 Search": ("so.com", ("q",)),
    "Petal Search": ("petalsearch.com", ("query",)),
    "Mail.ru": ("go.mail.ru", ("q",)),
    "Rambler": ("nova.rambler.ru", ("query",)),
    "T-Online": ("suche.t-online.de", ("q",)),
    "WEB.DE": ("suche.web.de", ("q", "su")),
    "GMX": ("search.gmx.* suche.gmx.*", ("q", "su")),
}
"""Search engines: their hosts, and the parameters that hold the query, the best first."""

SOCIAL_NETWORKS: Mapping[str, str] = {
    "Facebook": "facebook.com fb.com fb.me messenger.com com.facebook.katana com.facebook.orca",
    "Instagram": "instagram.com com.instagram.android",
    "Threads": "threads.net threads.com",
    "X": "x.com twitter.com t.co com.twitter.android",
    "LinkedIn": "linkedin.com lnkd.in com.linkedin.android",
    "YouTube": "youtube.com youtu.be com.google.android.youtube",
    "Pinterest": "pinterest.* pin.it com.pinterest",
    "Reddit": "reddit.com redd.it com.reddit.frontpage",
    "TikTok": "tiktok.com",
    "Snapchat": "snapchat.com",
    "WhatsApp": "whatsapp.com wa.me com.whatsapp",
    "Telegram": "t.me telegram.org telegram.me org.telegram.messenger",
    "Discord": "discord.com discord.gg",
    "Bluesky": "bsky.app",
    "Mastodon": "mastodon.social mastodon.online",
    "Tumblr": "tumblr.com",
    "Quora": "quora.com",
    "XING": "xing.com",
    "Hacker News": "news.ycombinator.com",
    "VK": "vk.com vkontakte.ru",
    "Odnoklassniki": "ok.ru",
    "Weibo": "weibo.com weibo.cn t.cn",
    "LINE": "line.me",
    "Digg": "digg.com",
    "Google+": "plus.google.com plus.url.google.com",
}
"""Social networks and messengers, and their hosts."""

WEBMAIL: Mapping[str, str] = {
    "Gmail": "mail.google.com inbox.google.com com.google.android.gm",
    "Outlook": "outlook.live.com outlook.office.com outlook.office365.com mail.live.com hotmail.com outlook.com "
    "com.microsoft.office.outlook",
    "Yahoo! Mail": "mail.yahoo.* com.yahoo.mobile.client.android.mail",
    "AOL Mail": "mail.aol.*",
    "Yandex Mail": "mail.yandex.*",
    "Mail.ru Mail": "e.mail.ru",
    "Proton Mail": "mail.proton.me mail.protonmail.com",
    "Fastmail": "fastmail.com",
    "Zoho Mail": "mail.zoho.*",
    "GMX Mail": "gmx.* deref-gmx.net deref-gmx.com navigator.gmx.*",
    "WEB.DE Mail": "deref-web.de navigator.web.de",
    "Naver Mail": "mail.naver.com",
    "NetEase Mail": "mail.163.com mail.126.com",
    "QQ Mail": "mail.qq.com",
}
"""Mail in the browser or in an app, and its hosts."""

OTHER_SERVICES: Mapping[str, str] = {
    "Google services": "accounts.google.* calendar.google.* chat.google.* classroom.google.* console.google.* "
    "developers.google.* docs.google.* drive.google.* groups.google.* meet.google.* play.google.* sites.google.* "
    "support.google.* translate.google.*",
    "Gemini": "gemini.google.com",
    "ChatGPT": "chatgpt.com chat.openai.com",
    "Claude": "claude.ai",
    "Copilot": "copilot.microsoft.com",
}
"""Hosts that are known, and are no search, social network or mail, though some lie below a search engine's name."""


def _table() -> dict[str, Source]:
    by_medium = (("social", SOCIAL_NETWORKS), ("email", WEBMAIL), ("unknown", OTHER_SERVICES))
    rows = [(hosts, Source(name, medium)) for medium, places in by_medium for name, hosts in places.items()]
    rows += [(hosts, Source(name, "search", keys)) for name, (hosts, keys) in SEARCH_ENGINES.items()]
    return {host: source for hosts, source in rows for host in hosts.split()}


SOURCES: Mapping[str, Source] = _table()
"""Every host of the tables above."""
