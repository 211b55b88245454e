import pytest

from snippet.robot import is_robot, is_robot_sender

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"

PEOPLE = [
    pytest.param(CHROME, id="Chrome"),
    pytest.param(f"{CHROME} Edg/140.0.0.0", id="Edge"),
    pytest.param("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", id="Firefox"),
    pytest.param(f"{IPHONE} Version/18.5 Mobile/15E148 Safari/604.1", id="Safari on a telephone"),
    pytest.param(f"{IPHONE} Mobile/15E148 Instagram 389.0.0.27.87", id="inside Instagram"),
    pytest.param(f"{IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/500.0.0.40.107;FBDV/iPhone16,1]", id="inside Facebook"),
    pytest.param(f"{IPHONE} Mobile/15E148 MicroMessenger/8.0.50 NetType/WIFI", id="inside WeChat"),
    pytest.param(
        "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Mobile",
        id="a telephone whose name ends in bot",
    ),
    pytest.param(f"{CHROME} Electron/38.1.0", id="Electron"),
    pytest.param("analytics-python/2.4.0", id="a back end's tracking library"),
]
ROBOTS = [
    pytest.param("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", id="Googlebot"),
    pytest.param("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", id="Bingbot"),
    pytest.param("Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)", id="GPTBot"),
    pytest.param(CHROME.replace("Chrome/", "HeadlessChrome/"), id="a browser that nobody sits before"),
    pytest.param("Tiny Tiny RSS/1.11 (http://tt-rss.org/)", id="feed reader"),
    pytest.param("SomeRandomBot/1.0", id="not listed, but says so"),
]
LIBRARIES = [
    pytest.param("curl/8.16.0", id="curl"),
    pytest.param("python-requests/2.32.5", id="requests"),
    pytest.param("python-httpx/0.28.1", id="httpx"),
    pytest.param("okhttp/4.12.0", id="okhttp, also in apps"),
    pytest.param("Go-http-client/1.1", id="Go"),
    pytest.param("axios/1.12.2", id="axios"),
]


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_people_are_no_robots(user_agent: str) -> None:
    assert not is_robot(user_agent)
    assert not is_robot_sender(user_agent)


@pytest.mark.parametrize("user_agent", ROBOTS)
def test_robots_are_robots_wherever_they_are_named(user_agent: str) -> None:
    assert is_robot(user_agent)
    assert is_robot_sender(user_agent)


@pytest.mark.parametrize("user_agent", LIBRARIES)
def test_an_http_library_is_a_robot_as_visitor_but_not_as_sender(user_agent: str) -> None:
    assert is_robot(user_agent)
    assert not is_robot_sender(user_agent)


def test_a_user_agent_of_any_length_is_read_only_at_its_beginning() -> None:
    assert is_robot("Googlebot/2.1 " + "a" * 30_000)
    assert not is_robot("a" * 30_000 + " Googlebot/2.1")
