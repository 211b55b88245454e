"""The embedded mongod takes a quarter of the memory that it may use."""

from pathlib import Path

import pytest

from gateway.storage.embedded.cache_size import GIGABYTE, cache_gigabytes, memory_here


@pytest.mark.parametrize(
    ("memory", "cache"),
    [
        pytest.param(64 * GIGABYTE, 16.0, id="large machine"),
        pytest.param(2 * GIGABYTE, 0.5, id="small machine"),
        pytest.param(GIGABYTE // 2, 0.25, id="so small that mongod's own minimum counts"),
    ],
)
def test_the_cache_is_a_quarter_of_the_memory(memory: int, cache: float) -> None:
    assert cache_gigabytes(memory) == cache


def test_a_container_counts_with_what_it_may_use(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("268435456\n")
    assert memory_here(limit) == 256 * 1024**2


@pytest.mark.parametrize("text", ["max\n", None], ids=["no limit is set", "no such file"])
def test_without_a_limit_it_is_the_memory_of_the_machine(text: str | None, tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    if text:
        limit.write_text(text)
    assert memory_here(limit) >= GIGABYTE // 4
