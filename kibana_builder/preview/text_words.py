"""How a text is parted into words, so that a `text` field can be asked for one of them.

Elasticsearch's standard analyzer goes by Unicode's rules (UAX 29) and lower case. The expression here says the rules
that texts of events meet, and has been held against that analyzer: letters and digits with what joins two of a kind
(`it's`, `key:value`, `3.14`, `1,000`), one word for each Han or Hiragana sign, Katakana by itself, an emoji by itself.
"""

from __future__ import annotations

from kibana_builder.preview.value_sql import text_literal

__all__ = ["word_list"]

_MARKS = r"[\p{M}\x{AD}\x{200C}\x{200D}]*"
_KATAKANA = r"\p{Katakana}\x{30FC}\x{FF70}"
_LETTER = rf"(?:[^\P{{L}}\p{{Han}}\p{{Hiragana}}{_KATAKANA}]|\p{{Nl}}){_MARKS}"
_DIGIT = rf"\p{{Nd}}{_MARKS}"
_JOINED = rf"{_LETTER}(?:[.:'’·‧]{_LETTER})*|{_DIGIT}(?:[.,;'’٫]{_DIGIT})*"
_EMOJI = r"[\x{1F300}-\x{1FAFF}][\x{1F3FB}-\x{1F3FF}\x{FE0F}]*"
_WORD = (
    rf"[\p{{Han}}\p{{Hiragana}}]{_MARKS}|(?:[{_KATAKANA}]{_MARKS})+|_*(?:{_JOINED})(?:{_JOINED}|_)*"
    rf"|{_EMOJI}(?:\x{{200D}}{_EMOJI})*"
)
_LITERAL = text_literal(_WORD)


def word_list(sql: str) -> str:
    """Give the SQL of the words of a text, in their order and in lower case."""
    return f"regexp_extract_all(lower({sql}), {_LITERAL})"
