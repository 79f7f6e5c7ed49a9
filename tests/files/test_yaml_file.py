"""YAML is read by the core schema, inside its limits, and each mistake is one problem at its place."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.errors import SpecError
from kibana_builder.files.yaml_file import MAX_BYTES, MAX_DEPTH, YamlFile, locate, locate_all, parse_yaml, read_yaml
from kibana_builder.json_tree import Json, same
from kibana_builder.problem import Finding, Problem


def parsed(text: str | bytes) -> YamlFile:
    return parse_yaml(text if isinstance(text, bytes) else text.encode(), "a.yaml")


def the_problem(text: str | bytes) -> Problem:
    with pytest.raises(SpecError) as caught:
        parsed(text)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on: [yes, no, off, y, n]", {"on": ["yes", "no", "off", "y", "n"]}),
        ("[true, True, TRUE, false, False, FALSE]", [True, True, True, False, False, False]),
        ("[null, Null, NULL, ~, ]", [None, None, None, None]),
        ("[2026-01-01, 12:30:45, 190:20:30]", ["2026-01-01", "12:30:45", "190:20:30"]),
        ("[0, -7, +7, 007, 0o17, 0x1F, 1_000]", [0, -7, 7, 7, 15, 31, "1_000"]),
        ("[1.5, .5, 1., -1e3, 1E+2, 1e, .]", [1.5, 0.5, 1.0, -1000.0, 100.0, "1e", "."]),
        ("['1', \"true\", 'null']", ["1", "true", "null"]),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
        ("a: >-\n  one\n  two\n", {"a": "one two"}),
        ("a:\nb: 1\n", {"a": None, "b": 1}),
        ("a: &x {b: [1]}\nc: *x\n", {"a": {"b": [1]}, "c": {"b": [1]}}),
        ("a: &x name\n*x : 1\n", {"a": "name", "name": 1}),
        ("&k a: 1\nb: *k\n", {"a": 1, "b": "a"}),
        ("a: &x 1\nb: &x 2\nc: *x\n", {"a": 1, "b": 2, "c": 2}),
        ("%YAML 1.2\n---\na: 1\n...\n", {"a": 1}),
        ("\ufeffa: 1\n", {"a": 1}),
        ("a: b\rc: d\r", {"a": "b", "c": "d"}),
        ("a: 'ü 😀'\n", {"a": "ü 😀"}),
        ('a: "\\u2028\\x07"\n', {"a": "\u2028\x07"}),
        ("'<<': 1\n", {"<<": 1}),
        ("{'1': a, 'null': b}", {"1": "a", "null": "b"}),
        ("just text", "just text"),
    ],
)
def test_what_yaml_means(text: str, value: Json) -> None:
    """Values are those of the core schema; JSON types are exact."""
    assert same(parsed(text).value, value)


MISTAKES = [
    ("tab", "a:\n\tb: 1\n", (2, 1, 2), "a tab is used for indentation"),
    ("tab", "a:\n  b: 1\n\tc: 2\n", (3, 1, 2), "a tab is used for indentation"),
    ("tab", "a: |\n\tb\n", (2, 1, 2), "a tab is used for indentation"),
    ("yaml-syntax", "a: 1\ntitle\nb: 1\n", (2, 1, 6), "a ':' is missing after this key"),
    ("yaml-syntax", "title\nb: 1\n", (1, 1, 6), "a ':' is missing after this key"),
    ("yaml-syntax", "a: 1\ntitle:x\nb: 1\n", (2, 1, 8), "a space is missing after ':'"),
    ("yaml-syntax", "a: http://x: y\n", (1, 12, 13), "a second ': ' on one line"),
    ("yaml-syntax", "a: 1\n  b: 2\n", (2, 3, 4), "this key is indented deeper than the one above it"),
    ("yaml-syntax", "a:\n    b: 1\n  c: 2\n", (3, 3, 5), "the indentation of this line fits no line above it"),
    ("yaml-syntax", "  a: 1\n b: 2\n", (2, 2, 3), "this does not belong to what stands above it"),
    ("yaml-syntax", "a: [1, 2\nb: 3\n", (1, 4, 5), "a ',' or ']' is missing before line 2: the list that begins here"),
    ("yaml-syntax", "a: [1, 2\n", (1, 4, 5), "this '[' is never closed"),
    ("yaml-syntax", "a: {b: 1 c: 2}\n", (1, 11, 12), "a ',' or '}' is missing here"),
    ("yaml-syntax", "a: {", (1, 4, 5), "the file ends in the middle of a list or mapping"),
    ("yaml-syntax", "a: {b: 1}}\n", (1, 10, 11), "'}' closes nothing"),
    ("yaml-syntax", 'a: "abc\nb: 2\n', (1, 4, 5), "this quotation mark is never closed"),
    ("yaml-syntax", "a: 'it's'\n", (1, 8, 10), "nothing more can follow the value here"),
    ("yaml-syntax", 'a: "\\d"\n', (1, 5, 7), "'\\d' is no escape in double quotes"),
    ("yaml-syntax", 'a: "\\xZZ"\n', (1, 7, 8), "the escape needs hexadecimal digits here"),
    ("yaml-syntax", 'a: "\\uD800"\n', (1, 7, 8), "the escape stands for no character"),
    ("yaml-syntax", "a: @b\n", (1, 4, 5), "a value cannot begin with '@'"),
    ("yaml-syntax", "a: *\n", (1, 4, 5), "a value cannot begin with '*'"),
    ("yaml-syntax", "a: , b\n", (1, 4, 5), "a value cannot begin with ','"),
    ("yaml-syntax", "a: - b\n", (1, 4, 5), "a list cannot begin here"),
    ("yaml-syntax", "a: 1\n- b\n", (2, 1, 2), "a list item stands where a key should"),
    ("yaml-syntax", "- a\nb: 1\n", (2, 1, 2), "this line is no item of the list above it"),
    ("yaml-syntax", "a: | x\n", (1, 6, 7), "the text of a block begins on the line after"),
    ("yaml-syntax", ": x\n", (1, 1, 2), "a key is missing before this ':'"),
    ("yaml-syntax", f"{'a' * 1100}: 1\n", (1, 1, 2), "a key cannot be longer than 1,000 characters"),
    ("yaml-syntax", "a: 1\n%b: 2\n", (2, 1, 2), "this is no directive"),
    ("yaml-syntax", "%YAML 2.0\n---\na: 1\n", (1, 1, 2), "this YAML version is not known"),
    ("unknown-alias", "index: *-logs\n", (1, 8, 14), "'*-logs' is an alias, and there is no anchor '&-logs' above it"),
    ("recursive-alias", "a: &a [*a]\n", (1, 8, 10), "the alias '*a' would contain itself"),
    ("recursive-alias", "a: &a {b: {c: *a}}\n", (1, 15, 17), "the alias '*a' would contain itself"),
    ("duplicate-key", "a: 1\nb: {c: 1,\n  c: 2}\n", (3, 3, 4), "the key 'c' is there twice"),
    ("duplicate-key", "a: 1\na: [\n", (2, 1, 2), "the key 'a' is there twice"),
    ("duplicate-key", "a: &x b\nc: {b: 1, *x : 2}\n", (2, 11, 13), "the key 'b' is there twice"),
    ("key-not-text", "1: x\n", (1, 1, 2), "a key must be text, '1' is none"),
    ("key-not-text", "null: x\n", (1, 1, 5), "a key must be text, 'null' is none"),
    ("key-not-text", "true: x\n", (1, 1, 5), "a key must be text, 'true' is none"),
    ("key-not-text", ".nan: x\n", (1, 1, 5), "a key must be text, '.nan' is none"),
    ("key-not-text", "? \n: b\n", (1, 2, 3), "a key must be text, there is none here"),
    ("key-not-text", "[a]: b\n", (1, 1, 2), "a key must be text, not a list"),
    ("key-not-text", "title: {{name}}\n", (1, 9, 10), "a key must be text, not a mapping"),
    ("key-not-text", "a: &x 1\n*x : 2\n", (2, 1, 3), "a key must be text"),
    ("merge-key", "a: &x {b: 1}\nc:\n  <<: *x\n", (3, 3, 5), "the merge key '<<' is not understood"),
    ("yaml-tag", "a: !x b\n", (1, 4, 6), "YAML tags are not allowed: !x"),
    ("yaml-tag", "a: !!python/object:os.system b\n", (1, 4, 29), "!!python/object:os.system"),
    ("yaml-tag", "a: !<tag:yaml.org,2002:str> b\n", (1, 4, 28), "YAML tags are not allowed"),
    ("yaml-tag", "a: ! b\n", (1, 4, 5), "YAML tags are not allowed"),
    ("yaml-tag", "a: !y!x b\n", (1, 4, 8), "YAML tags are not allowed"),
    ("yaml-tag", "!!map\na: 1\n", (1, 1, 6), "YAML tags are not allowed"),
    ("yaml-tag", "a: &x !!seq [1]\n", (1, 7, 12), "YAML tags are not allowed: !!seq"),
    ("no-number", "a: .inf\n", (1, 4, 8), "JSON has no number '.inf'"),
    ("no-number", "a: [1, -.Inf]\n", (1, 8, 13), "JSON has no number '-.Inf'"),
    ("no-number", "a: 1\nb: .NaN\n", (2, 4, 8), "JSON has no number '.NaN'"),
    ("no-number", "a: 1e999\n", (1, 4, 9), "JSON has no number '1e999'"),
    ("no-number", f"a: {'9' * 400}\n", (1, 4, 404), "JSON has no number '999"),
    ("several-documents", "a: 1\n---\nb: 2\n", (2, 1, 4), "a second document begins here"),
    ("empty-file", "", (1, 1, 2), "the file is empty"),
    ("empty-file", "# only a comment\n", (1, 1, 2), "the file is empty"),
    ("empty-file", "---\n", (1, 1, 2), "the file is empty"),
    ("unprintable-character", "a: \0b\n", (1, 4, 5), "a NUL character in the file"),
    ("unprintable-character", "a: 1\nb: \x1b[2J\n", (2, 4, 5), "the unprintable character U+001B"),
    ("unprintable-character", "a: b\u2028c\n", (1, 5, 6), "the unprintable character U+2028"),
    ("unprintable-character", "a: b\x85c\n", (1, 5, 6), "the unprintable character U+0085"),
    ("unprintable-character", "a: x\ufeff\n", (1, 5, 6), "the unprintable character U+FEFF"),
    ("not-utf-8", b"a: 1\nb: \xe9\n", (2, 4, 5), "the file is not UTF-8: byte 0xe9"),
    ("not-utf-8", "a: ü".encode() + b"\xff", (1, 5, 6), "the file is not UTF-8: byte 0xff"),
    ("not-utf-8", "a: 1".encode("utf-16"), (1, 1, 2), "the file is UTF-16"),
    ("too-deep", "[" * 200, (1, 101, 102), "more than 100 levels of nesting"),
    ("too-deep", "- " * 25_000, (1, 201, 202), "more than 100 levels of nesting"),
    ("too-deep", "{a: " * 25_000, (1, 401, 402), "more than 100 levels of nesting"),
    ("too-deep", "\n".join(f"{' ' * level}a:" for level in range(200)), (101, 101, 102), "more than 100 levels"),
]


@pytest.mark.parametrize(
    ("rule", "text", "place", "message"),
    MISTAKES,
    ids=[f"{rule}-{number}" for number, (rule, *_) in enumerate(MISTAKES)],
)
def test_a_mistake_is_one_problem_at_its_place(
    rule: str, text: str | bytes, place: tuple[int, int, int], message: str
) -> None:
    """Line and columns are those of the mistake, in characters from 1; the words are for people, not libyaml's."""
    problem = the_problem(text)
    assert (problem.rule, (problem.line, problem.column, problem.end_column)) == (rule, place)
    assert message in problem.message
    assert problem.file == "a.yaml"
    assert problem.severity == "error"


def test_a_duplicate_key_says_where_the_first_is() -> None:
    """The second key is pointed at; the hint names the line of the first one, of the same mapping."""
    assert the_problem("- {a: 1}\n- a: 1\n  b: 2\n\n  a: 3\n").hint == "the first is on line 2"


def test_places_are_those_of_editors() -> None:
    """Neither a byte order mark nor the line ends of YAML 1.1 nor wide characters shift line and column."""
    problem = the_problem("\ufeffa: 'ü😀'\r\nb: !x y\r\n")
    assert (problem.line, problem.column, problem.source_line) == (2, 4, "b: !x y")
    problem = the_problem("a: '😀' b\n")
    assert (problem.line, problem.column) == (1, 8)


def test_the_deepest_allowed_nesting_is_read() -> None:
    """MAX_DEPTH levels are fine, one more is not; aliases count as what they stand for."""
    assert parsed("[" * MAX_DEPTH + "]" * MAX_DEPTH).value
    assert the_problem("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)).rule == "too-deep"
    # libyaml has a limit of its own since PyYAML 6.0.4, and comes to it before anything of the line is known.
    assert the_problem("[" * 25_000).rule == "too-deep"
    chain = "k0: &k0 [x]\n" + "".join(f"k{n}: &k{n} [*k{n - 1}]\n" for n in range(1, 5_000))
    assert the_problem(chain).rule == "too-deep"


def test_an_anchor_bomb_is_found_before_it_explodes() -> None:
    """A small file whose aliases stand for 10^9 values costs next to nothing."""
    levels = "bcdefghi"
    bomb = f"a: &a [{', '.join('x' * 10)}]\n"
    bomb += "".join(f"{n}: &{n} [{', '.join([f'*{chr(ord(n) - 1)}'] * 10)}]\n" for n in levels)
    begin = time.process_time()
    problem = the_problem(bomb)
    assert (problem.rule, problem.line, problem.column) == ("anchor-bomb", 6, 8)
    assert time.process_time() - begin < 2


def test_long_text_counts_as_more_than_one_value() -> None:
    """A bomb of few aliases to a long text is one too: it would be written out in full."""
    assert the_problem(f"a: &a {'x' * 100_000}\nb: [{', '.join(['*a'] * 1_000)}]\n").rule == "anchor-bomb"


def test_aliases_are_copies() -> None:
    """No part of a value is shared, so that whoever changes one place changes no other."""
    value = parsed("a: &x {b: [1]}\nc: *x\n").value
    assert value["a"] == value["c"]
    assert value["a"] is not value["c"]
    assert value["a"]["b"] is not value["c"]["b"]


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    """A file over the limit gives its one problem at once."""
    path = tmp_path / "huge.yaml"
    with path.open("wb") as stream:
        stream.truncate(50 * 1024 * 1024)
    with pytest.raises(SpecError) as caught:
        read_yaml(path, "huge.yaml")
    (problem,) = caught.value.problems
    assert (problem.rule, problem.message) == ("too-large", f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
    assert problem.source_line == ""


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "the file does not exist"),
        (lambda path: path.mkdir(), "this is a folder, not a file"),
        (os.mkfifo, "this is not a regular file"),
        (lambda path: path.symlink_to(path), "the file cannot be read"),
    ],
)
def test_what_cannot_be_read_is_a_problem(tmp_path: Path, make, message: str) -> None:
    """Whatever stands in the place of a file, it gives one problem and no waiting."""
    path = tmp_path / "a.yaml"
    make(path)
    with pytest.raises(SpecError) as caught:
        read_yaml(path, "a.yaml")
    (problem,) = caught.value.problems
    assert problem.rule == "unreadable-file"
    assert problem.message.startswith(message)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_problem(tmp_path: Path) -> None:
    """The problem says what is missing: permission."""
    path = tmp_path / "a.yaml"
    path.write_text("a: 1")
    path.chmod(0)
    with pytest.raises(SpecError, match="1 error"):
        read_yaml(path, "a.yaml")


def test_a_path_with_nul_is_a_problem() -> None:
    """Such a path may come from the command line."""
    with pytest.raises(SpecError) as caught:
        read_yaml(Path("a\0b"), "a")
    assert caught.value.problems[0].rule == "unreadable-file"


def test_read_gives_absolute_path_name_and_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is kept as text, for the places that are looked up later."""
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    monkeypatch.chdir(tmp_path)
    file = read_yaml(Path("a.yaml"), "a.yaml")
    assert (file.path, file.name, file.text, file.value) == (tmp_path / "a.yaml", "a.yaml", "a: 1\n", {"a": 1})


DOCUMENT = """\
# a comment
title: Latency
panels:
  - type: xy
    layers: [{y: 1}, {y: two}]
  - &second
    type: pie
    title:
copies:
  - *second
text: |
  one
  two
"""


@pytest.mark.parametrize(
    ("path", "at", "place"),
    [
        ((), "value", (2, 1, 15)),
        (("title",), "value", (2, 8, 15)),
        (("title",), "key", (2, 1, 6)),
        (("panels",), "value", (4, 3, 13)),
        (("panels",), "key", (3, 1, 7)),
        (("panels", 0, "layers"), "value", (5, 13, 31)),
        (("panels", 0, "layers", 1, "y"), "value", (5, 26, 29)),
        (("panels", 0, "layers", 1, "y", "deeper", 3), "value", (5, 26, 29)),
        (("panels", 0, "missing"), "value", (4, 5, 13)),
        (("panels", 0, "missing"), "key", (4, 5, 13)),
        (("panels", 1), "value", (6, 5, 12)),
        (("panels", 1, "title"), "value", (8, 5, 10)),
        (("panels", 7), "value", (4, 3, 13)),
        (("copies", 0, "type"), "value", (10, 5, 12)),
        (("text",), "value", (11, 7, 8)),
        (("nothing", "like", "this"), "value", (2, 1, 15)),
    ],
)
def test_locate_finds_the_longest_prefix_of_a_path(
    path: tuple[str | int, ...], at, place: tuple[int, int, int]
) -> None:
    """A finding stands at its key or value; at what is there of it when the rest is missing; at the key of nothing."""
    problem = locate(parsed(DOCUMENT), Finding("rule", "message", path, at=at, severity="warning", hint="hint"))
    assert (problem.line, problem.column, problem.end_column) == place
    assert (problem.rule, problem.message, problem.severity, problem.hint) == ("rule", "message", "warning", "hint")
    assert problem.source_line == DOCUMENT.splitlines()[problem.line - 1]


def test_locate_all_keeps_the_order() -> None:
    """Many findings are located together; none gives none."""
    findings = [Finding("b", "", ("title",)), Finding("a", "", ())]
    assert [problem.rule for problem in locate_all(parsed(DOCUMENT), findings)] == ["b", "a"]
    assert locate_all(parsed(DOCUMENT), []) == []


# ---------------------------------------------------------------------------------------------------- laws


def value_or_one_problem(data: bytes) -> Json:
    try:
        return parse_yaml(data, "a.yaml").value
    except SpecError as error:
        (problem,) = error.problems
        assert problem.line >= 1
        assert 1 <= problem.column < problem.end_column
        return None


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_one_problem(data: bytes) -> None:
    """No bytes make a traceback."""
    value_or_one_problem(data)


# Pieces that YAML is made of, so that texts come near to being valid.
CHARACTERS = "abc:-[]{},#&*!|>'\"%@`?~\n\t\r 1\x00\x85\u2028\ufeff😀\\"
WORDS = [
    ": ",
    "- ",
    "? ",
    "\n  ",
    "\n    ",
    "a: ",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "---\n",
    ".inf",
    "1e999",
    "\\x4",
    ">-\n",
]
PIECES = st.sampled_from([*CHARACTERS, *WORDS])


@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_text_gives_a_value_or_one_problem(text: str) -> None:
    """What is nearly YAML neither: a problem with a place, or a value that is JSON."""
    value = value_or_one_problem(text.encode())
    json.dumps(value, allow_nan=False)


# JSON escapes characters beyond U+FFFF as two halves, the one thing of JSON that libyaml does not read.
TEXT = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**70), max_value=2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(TEXT),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(TEXT, max_size=8), inner, max_size=4),
    max_leaves=15,
)


@given(JSON_VALUES.filter(lambda value: value is not None))
def test_json_is_read_as_itself(value: Json) -> None:
    """JSON is YAML: it comes out as it went in, and every leaf has a place."""
    text = json.dumps(value)
    assert same(parsed(text).value, value)


# PyYAML writes by YAML 1.1, in which `0E0` and `0o7` are words: no digits, no such words.
WORDLIKE = st.text(st.characters(exclude_categories=["Cs", "Nd"]), max_size=8)
TREES = st.recursive(
    WORDLIKE | st.none() | st.booleans() | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDLIKE, inner, max_size=4),
    max_leaves=15,
)


@given(TREES.filter(lambda value: isinstance(value, (dict, list))), st.booleans())
def test_what_pyyaml_writes_is_read_as_itself(value: Json, flow: bool) -> None:
    """Block style and flow style mean the same, with every way of quoting that an emitter chooses."""
    assert same(parsed(yaml.safe_dump(value, default_flow_style=flow)).value, value)


@given(JSON_VALUES.filter(lambda value: isinstance(value, (dict, list))), st.data())
def test_every_path_is_found(value: Json, data: st.DataObject) -> None:
    """Walking into a value and asking for the place of where one is leads to the text of just that value."""
    text = json.dumps(value, ensure_ascii=True)
    path: tuple[str | int, ...] = ()
    while isinstance(value, (dict, list)) and value and data.draw(st.booleans()):
        step = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
        path, value = (*path, step), value[step]
    problem = locate(parsed(text), Finding("rule", "", path))
    assert same(json.loads(problem.source_line[problem.column - 1 : problem.end_column - 1]), value)
