import gzip
from pathlib import Path

TAG = Path(__file__).parents[2] / "snippet/tag/dist/tag.js"
MOST_BYTES = 5 * 1024


def test_the_tag_costs_a_page_at_most_5_kb() -> None:
    assert len(gzip.compress(TAG.read_bytes(), compresslevel=6)) <= MOST_BYTES
