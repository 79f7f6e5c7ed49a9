"""The text of a KQL query and its tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.kql import And, Is, KqlError, Literal, MatchAll, Nested, Node, Not, Or, Range, Wildcard, parse


def word(text: str | bool | None) -> Literal:
    return Literal(text)


def phrase(text: str) -> Literal:
    return Literal(text, quoted=True)


A, B, C = (Is(word(name), word("1")) for name in "abc")

TREES: list[tuple[str, Node]] = [
    ("", MatchAll()),
    (" \t\n\u00a0", MatchAll()),
    ("*: *", MatchAll()),
    ("*", Is(None, Wildcard(("", "")))),
    ("a: 1", A),
    ("  a:1  ", A),
    ("error: true", Is(word("error"), word(True))),
    ("error: null", Is(word("error"), word(None))),
    ('error: "true"', Is(word("error"), phrase("true"))),
    ("null: x", Is(None, word("x"))),
    ("two words", Is(None, word("two words"))),
    ("m: out of memory and b: 1", And((Is(word("m"), word("out of memory")), B))),
    ('m: "out of memory"', Is(word("m"), phrase("out of memory"))),
    ('"a field": x', Is(phrase("a field"), word("x"))),
    ("m: *", Is(word("m"), Wildcard(("", "")))),
    ("m: a*b*", Is(word("m"), Wildcard(("a", "b", "")))),
    (r"m: a\*b", Is(word("m"), word("a*b"))),
    ('m: "a*b"', Is(word("m"), phrase("a*b"))),
    ("m*: x", Is(Wildcard(("m", "")), word("x"))),
    ("a: 1 or b: 1 and c: 1", Or((A, And((B, C))))),
    ("(a: 1 or b: 1) and c: 1", And((Or((A, B)), C))),
    ("a: 1 OR b: 1 Or c: 1", Or((A, B, C))),
    ("not a: 1 and b: 1", And((Not(A), B))),
    ("not (a: 1 and b: 1)", Not(And((A, B)))),
    ("a: (1 or 2)", Or((A, Is(word("a"), word("2"))))),
    ('a: (1 and not ("2" or 3))', And((A, Not(Or((Is(word("a"), phrase("2")), Is(word("a"), word("3")))))))),
    ("a >= 5", Range(word("a"), "gte", word("5"))),
    ("a<now-1d/d", Range(word("a"), "lt", word("now-1d/d"))),
    ('a > "2026-01-01T00:00:00Z"', Range(word("a"), "gt", phrase("2026-01-01T00:00:00Z"))),
    ("a <= 1 and a > 0", And((Range(word("a"), "lte", word("1")), Range(word("a"), "gt", word("0"))))),
    ("n: { a: 1 and b: 1 }", Nested(word("n"), And((A, B)))),
    ("n:{m: {a: 1}}", Nested(word("n"), Nested(word("m"), A))),
    (r"m: a\:b", Is(word("m"), word("a:b"))),
    (r"m: C\\x", Is(word("m"), word(r"C\x"))),
    (r"m: \and \or\Not", Is(word("m"), word("and orNot"))),
    (r"m: x\not", Is(word("m"), word("x\not"))),
    (r"m: \ud83d\ude42", Is(word("m"), word("\U0001f642"))),
    (r'm: "\ud83d"', Is(word("m"), phrase("\ufffd"))),
    ("m:\u2003x\ufeff", Is(word("m"), word("x"))),
    ("m: \x1fx", Is(word("m"), word("\x1fx"))),
    (r"m: \ud83d*", Is(word("m"), Wildcard(("\ufffd", "")))),
    ("a: 1 and (b: 1)", And((A, B))),
    (r"\and: 1", Is(word("and"), word("1"))),
    ("a <= *", Range(word("a"), "lte", Wildcard(("", "")))),
    ("a:  ( 1  or  ( 2 ) )", Or((A, Is(word("a"), word("2"))))),
    ("n*: {a: 1}", Nested(Wildcard(("n", "")), A)),
    (r"m: a\tb", Is(word("m"), word("a\tb"))),
    (r"m: \u0041b", Is(word("m"), word("Ab"))),
    (r'm: "a\"b\\c\td\u0042\q"', Is(word("m"), phrase('a"b\\c\tdB\\q'))),
    ("android: nothing", Is(word("android"), word("nothing"))),
    ("a: x and", Is(word("a"), word("x and"))),
    ("and b: 1", Is(word("and b"), word("1"))),
    ("naïve: 日本", Is(word("naïve"), word("日本"))),
]


@pytest.mark.parametrize(("text", "tree"), TREES, ids=[text for text, _ in TREES])
def test_a_text_and_its_tree(text: str, tree: Node) -> None:
    """Words, phrases, stars, lists, ranges, nesting and escapes are read as Kibana reads them."""
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("a:", 2, "a value after ':' is missing"),
        ("a: )", 3, "a value after ':' is missing before ')'"),
        ("a >", 3, "a value after '>' is missing"),
        ("a > > 5", 4, "a value after '>' is missing before '>'"),
        ("a: 1 and not ", 13, "a field or a value is missing"),
        ("not not a: 1", 4, "a field or a value is missing before 'not'"),
        ("(a: 1", 0, "'(' is never closed"),
        ("a: (1 or 2", 3, "'(' is never closed"),
        ("n: {a: 1", 3, "'{' is never closed"),
        ("a: 1)", 4, "')' closes nothing"),
        ("a: 1 }", 5, "'}' closes nothing"),
        ("()", 1, "a field or a value is missing before ')'"),
        ('a: "x', 3, "a quote that is never closed"),
        ('"x" "y"', 4, "unexpected '\"'"),
        ("a:b:c", 3, "a second ':'"),
        ("at: 12:30", 6, "a second ':'"),
        ("cannot x", 3, "'not' in the middle"),
        ("a: x\\y", 4, "a backslash that escapes nothing"),
        ("a: x\\", 4, "a backslash that escapes nothing"),
        ("(" * 101 + "a" + ")" * 101, 100, "more than 100 parentheses"),
    ],
)
def test_what_is_no_query(text: str, at: int, why: str) -> None:
    """An error says why and at which character."""
    with pytest.raises(KqlError) as error:
        parse(text)
    assert error.value.at == at
    assert error.value.why.startswith(why)
    assert f"at character {at + 1} " in str(error.value)


def test_a_long_query_is_not_repeated_whole() -> None:
    """What stands around the mistake is enough."""
    with pytest.raises(KqlError) as error:
        parse("a: 1 or " * 1000 + "b:")
    assert len(str(error.value)) < 200


WORDS = st.text(min_size=1, max_size=12)


@given(WORDS)
def test_anything_can_be_said_in_quotes(text: str) -> None:
    """A phrase is the text it quotes, whatever is in it."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    assert parse(f'field: "{quoted}"') == Is(word("field"), phrase(text))


@given(st.text(alphabet='xy:()"{}<>=*\\ \té日\U0001f642', max_size=20))
def test_anything_can_be_said_with_backslashes(text: str) -> None:
    """Of a word every sign that means something may be escaped; only the spaces around it are lost."""
    escaped = "".join(f"\\{sign}" if sign in '\\():<>"*{}' else sign for sign in text)
    if text.strip():
        assert parse(f"field: {escaped}") == Is(word("field"), word(text.strip()))
        assert parse(f"{escaped}: 1") == Is(word(text.strip()), word("1"))
        assert parse(f"field: ({escaped} or {escaped})") == Or((Is(word("field"), word(text.strip())),) * 2)


@given(st.text(alphabet='ab:()"{}<>=*\\ andortun01é', max_size=40))
def test_any_text_is_a_query_or_an_error(text: str) -> None:
    """Nothing else than KqlError is raised, and its place lies in the text."""
    at = 0
    try:
        parse(text)
    except KqlError as error:
        at = error.at
    assert 0 <= at <= len(text)


NODES = st.recursive(
    st.builds(Is, st.sampled_from("abc").map(word), st.sampled_from(["1", "two words"]).map(phrase)),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
        st.builds(Nested, st.just(word("n")), inner),
    ),
    max_leaves=8,
)


def written(node: Node) -> str:
    """Write a tree with parentheses around every part."""
    match node:
        case Is(Literal(field), Literal(value)):
            return f'{field}: "{value}"'
        case Not(part):
            return f"not ({written(part)})"
        case And(parts):
            return " and ".join(f"({written(part)})" for part in parts)
        case Or(parts):
            return " or ".join(f"({written(part)})" for part in parts)
        case Nested(Literal(path), part):
            return f"{path}: {{ {written(part)} }}"
    raise AssertionError(node)


@given(NODES)
def test_a_written_tree_is_read_back(tree: Node) -> None:
    """Parentheses and words of the language keep their meaning, however deep."""
    assert parse(written(tree)) == tree
