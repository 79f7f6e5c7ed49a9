"""Index templates are read with the component templates beside them, and what is none says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kibana_builder.files.index_templates import read_template
from kibana_builder.spec.fields import NoTemplate, Template, fields_of


def mappings(*fields: str) -> dict[str, object]:
    return {"template": {"mappings": {"properties": {field: {"type": "keyword"} for field in fields}}}}


def test_component_templates_beside_it_count(tmp_path: Path) -> None:
    """Their fields come first; all of them there makes the template complete."""
    (tmp_path / "base.json").write_text(json.dumps(mappings("host")))
    (tmp_path / "logs.json").write_text(json.dumps({**mappings("message"), "composed_of": ["base"]}))
    template = read_template(tmp_path / "logs.json")
    assert isinstance(template, Template)
    assert template.complete
    assert list(fields_of(template).by_name) == ["host", "message"]


@pytest.mark.parametrize("component", ["absent", "../outside", "sub/inner", 5, "a\0b"])
def test_a_missing_component_makes_it_incomplete(tmp_path: Path, component: object) -> None:
    """Then there may be more fields than we know; no component is looked for outside of the folder."""
    (tmp_path.parent / "outside.json").write_text(json.dumps(mappings("secret")))
    (tmp_path / "logs.json").write_text(json.dumps({**mappings("message"), "composed_of": [component]}))
    template = read_template(tmp_path / "logs.json")
    assert isinstance(template, Template)
    assert not template.complete


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is no JSON: Expecting property name enclosed in double quotes in line 1, column 2"),
        ("[]", "it is no template, which is a JSON object"),
        ("{}", "it has no mappings"),
        ('{"template": {"settings": {}}}', "it has no mappings"),
        ('{"template": {"mappings": []}}', "it has no mappings"),
        ("[" * 100_000, "it is no JSON that can be read"),
        ("9" * 10_000, "it is no JSON that can be read"),
        (b"\xff", "it is no"),
    ],
)
def test_what_is_no_template_says_why(tmp_path: Path, text: str | bytes, reason: str) -> None:
    """The reason is one for people."""
    (tmp_path / "a.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    found = read_template(tmp_path / "a.json")
    assert isinstance(found, NoTemplate)
    assert found.reason.startswith(reason)
    assert not found.missing


def test_a_missing_file_is_told_apart(tmp_path: Path) -> None:
    """A file that is not there may yet come; a folder in its place will not do."""
    assert read_template(tmp_path / "a.json") == NoTemplate("there is no such file", missing=True)
    found = read_template(tmp_path)
    assert isinstance(found, NoTemplate)
    assert not found.missing
