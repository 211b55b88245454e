import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journey.page_group import MAX_NAMES, MAX_SEGMENTS, PageGroups, learn_page_groups, page_group


@pytest.mark.parametrize(
    ("url", "group"),
    [
        pytest.param("https://shop.example", "/", id="the front page"),
        pytest.param(
            "https://shop.example/cart/?step=2#top", "/cart", id="query, fragment and last slash do not count"
        ),
        pytest.param("https://shop.example/p/44600062", "/p/*", id="a number"),
        pytest.param("https://shop.example/p/7", "/p/*", id="a short number"),
        pytest.param("https://shop.example/type-3", "/type-3", id="a name with a digit"),
        pytest.param("https://shop.example/sofa-17200506.html", "/*", id="a slug with an article number"),
        pytest.param("https://shop.example/o/6f1e2d3c4b5a", "/o/*", id="hexadecimal"),
        pytest.param("https://shop.example/u/ann@x.example/orders", "/u/*/orders", id="an address of a person"),
        pytest.param("https://shop.example/t/%D0%B0", "/t/*", id="escaped letters"),
        pytest.param("https://shop.example/s/" + "long" * 20, "/s/*", id="a very long name"),
        pytest.param("https://shop.example/a/b/c/d/e/f", "/a/b/c/d", id="very deep"),
        pytest.param("/relative/path", "/relative/path", id="a path alone"),
        pytest.param("https://[shop", "/", id="no URL"),
        pytest.param("", "/", id="nothing"),
    ],
)
def test_a_page_is_told_by_its_path_without_ids(url: str, group: str) -> None:
    assert page_group(url) == group


@given(st.text())
def test_whatever_is_called_a_url_has_a_short_group(url: str) -> None:
    assert page_group(url).startswith("/")
    assert page_group(url).count("/") <= MAX_SEGMENTS


def test_names_that_are_many_below_one_place_become_one_group() -> None:
    slugs = {f"/product/{letter}{letter}": 2 for letter in "abcdefghijklmnopqrst"}
    groups = learn_page_groups({"/": 50, "/cart": 20, "/product": 5, **slugs}, at_most=10)
    assert groups.patterns == ("/", "/cart", "/product", "/product/*")
    assert groups.group_of("/product/never-seen") == "/product/*"


def test_a_name_that_is_common_stays_among_many() -> None:
    slugs = {f"/help/{letter}{letter}": 1 for letter in "abcdefghijklmnopqrst"}
    groups = learn_page_groups({"/help/returns": 40, **slugs}, at_most=10)
    assert groups.patterns == ("/help/*", "/help/returns")


def test_few_names_stay_apart() -> None:
    paths = {f"/{'x' * number}": 1 for number in range(1, MAX_NAMES + 1)}
    assert set(learn_page_groups(paths, at_most=50).patterns) == set(paths)


@pytest.mark.parametrize(
    ("path", "group"),
    [
        pytest.param("/", "/", id="the front page"),
        pytest.param("/shoes", "/shoes", id="a group itself"),
        pytest.param("/shoes/red/42", "/shoes", id="deeper than is known: the part that is"),
        pytest.param("/bags/red", "/bags/*", id="any name"),
        pytest.param("/bags", None, id="only on the way to a group"),
        pytest.param("/elsewhere", None, id="where nobody had been"),
    ],
)
def test_a_path_belongs_to_the_longest_group_that_it_begins_with(path: str, group: str | None) -> None:
    assert PageGroups(("/", "/shoes", "/bags/*")).group_of(path) == group


paths = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "*"]), max_size=4).map(lambda parts: "/" + "/".join(parts))


@given(st.dictionaries(paths, st.integers(1, 100), max_size=60), st.integers(1, 20))
def test_groups_are_as_few_as_asked_for_and_each_stands_for_itself(visits: dict[str, int], at_most: int) -> None:
    groups = learn_page_groups(visits, at_most)
    assert len(groups.patterns) <= at_most
    assert all(groups.group_of(pattern) == pattern for pattern in groups.patterns)
    if len(visits) <= at_most:
        assert all(groups.group_of(path) is not None for path in visits)
