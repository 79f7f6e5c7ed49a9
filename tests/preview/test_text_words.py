"""The words of a text: those that Elasticsearch's standard analyzer finds."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from kibana_builder.elastic.client import Elastic
from kibana_builder.preview.text_words import word_list
from tests.elastic.servers import URL, needs_elasticsearch

TEXTS: list[tuple[str, list[str]]] = [
    ("", []),
    ("foo-bar foo.bar foo. bar", ["foo", "bar", "foo.bar", "foo", "bar"]),
    ("It's don’t 'quoted' it''s", ["it's", "don’t", "quoted", "it", "s"]),
    ("x:y a::b C:\\dir key:value", ["x:y", "a", "b", "c", "dir", "key:value"]),
    ("3.14 1,000 1;2 1.a a.1 v1.2.3 0x1F", ["3.14", "1,000", "1;2", "1", "a", "a", "1", "v1.2.3", "0x1f"]),
    ("12:30 10.0.0.1 50% #1", ["12", "30", "10.0.0.1", "50", "1"]),
    ("a_b __ _ _a a_ __y__", ["a_b", "_a", "a_", "__y__"]),
    ("C++ R&D x@y.z http://a.b/c?d=e", ["c", "r", "d", "x", "y.z", "http", "a.b", "c", "d", "e"]),
    ("naïve e\u0301té Ärger straße ΟΔΟΣ", ["naïve", "e\u0301té", "ärger", "straße", "οδοσ"]),
    ("日本語テキスト ひらがな 한국어", ["日", "本", "語", "テキスト", "ひ", "ら", "が", "な", "한국어"]),
    ("APIキー キーAPI", ["api", "キー", "キー", "api"]),
    ("ok🙂no 👍🏽 👩‍💻", ["ok", "🙂", "no", "👍🏽", "👩‍💻"]),
    ("٣٫١٤ ⅷ ½ x² foo\u00adbar foo\u200bbar", ["٣٫١٤", "ⅷ", "x", "foo\u00adbar", "foo", "bar"]),
]


@pytest.mark.parametrize(("text", "words"), TEXTS, ids=[text for text, _ in TEXTS])
def test_words(text: str, words: list[str]) -> None:
    """Each text is parted as the analyzer parted it."""
    with duckdb.connect() as connection:
        row = connection.execute(f"SELECT {word_list('v')} FROM (SELECT ? AS v)", [text]).fetchone()
    assert row == (words,)


@pytest.fixture(scope="module")
def elastic() -> Iterator[Elastic]:
    with Elastic(URL) as client:
        yield client


@pytest.mark.integration
@needs_elasticsearch
@pytest.mark.parametrize(("text", "words"), TEXTS, ids=[text for text, _ in TEXTS])
def test_the_analyzer_says_so(text: str, words: list[str], elastic: Elastic) -> None:
    """The words above are the analyzer's own."""
    answer = elastic.request("POST", "/_analyze", body={"analyzer": "standard", "text": text})
    assert isinstance(answer, dict)
    assert [one["token"] for one in answer["tokens"]] == words
