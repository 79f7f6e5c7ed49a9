"""`kbuild validate`: each mistake is one finding with its line and column, and the exit code says whether it counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kibana_builder.commands import run
from tests.project_folder import METRIC, TEMPLATE, write_files

PROJECT = """\
project: shop
data_views:
  metrics: {index_pattern: "metrics-*", template: templates/metrics.json}
  other: {index_pattern: "other-*", template: templates/missing.json}
"""

DEEP = "[" * 200
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def charted(field: str, operation: str = "average") -> str:
    metric = f"{{type: primary, operation: {operation}, field: {field}}}"
    return f"type: metric\ntitle: A\ndata_source: metrics\nmetrics:\n  - {metric}\n"


def panels(*lines: str) -> str:
    return "title: A\npanels:\n" + "".join(f"  - {line}\n" for line in lines)


NOTE = "{type: markdown, id: %s, grid: %s, config: {content: x}}"

MISTAKES: dict[str, tuple[str | bytes, int, int, str, str]] = {
    # What the issue lists: file -> content, and line, column, severity, rule of the one finding.
    "dashboards/missing-visualization.yaml": (
        panels("{visualization: sond}"),
        *(3, 21, "error", "unknown-visualization"),
    ),
    "visualizations/missing-data-view.yaml": (
        METRIC.replace("plain", "metrisc"),
        *(3, 14, "error", "unknown-data-view"),
    ),
    "dashboards/missing-dashboard.yaml": (
        panels(
            "visualization: sound\n    config:\n      drilldowns:\n        - {type: dashboard_drilldown, label: x, "
            "trigger: on_apply_filter, dashboard_id: overlapp}"
        ),
        *(6, 89, "error", "unknown-dashboard"),
    ),
    "dashboards/second/same.yaml": ("title: B\npanels: []\n", 1, 1, "error", "duplicate-id"),
    "dashboards/overlap.yaml": (
        panels(NOTE % ("a", "{x: 0, y: 0}"), NOTE % ("b", "{x: 10, y: 10}")),
        *(4, 35, "error", "panel-overlap"),
    ),
    "dashboards/outside.yaml": (panels(NOTE % ("a", "{x: 40, y: 0, w: 12}")), 3, 35, "error", "panel-outside-grid"),
    "visualizations/unknown-field.yaml": (charted("latncy"), 5, 48, "error", "unknown-field"),
    "visualizations/field-type.yaml": (charted("model", "percentile"), 5, 51, "error", "field-type"),
    "dashboards/bomb.yaml": (BOMB, 6, 8, "error", "anchor-bomb"),
    "dashboards/deep.yaml": (DEEP, 1, 101, "error", "too-deep"),
    "dashboards/duplicate-key.yaml": ("title: A\npanels: []\ntitle: B\n", 3, 1, "error", "duplicate-key"),
    "dashboards/tab.yaml": ("title: A\npanels:\n\t- {visualization: sound}\n", 3, 1, "error", "tab"),
    "dashboards/latin.yaml": (b"title: A\npanels: [] # caf\xe9\n", 2, 17, "error", "not-utf-8"),
    "dashboards/empty.yaml": ("", 1, 1, "error", "empty-file"),
    "dashboards/tag.yaml": ("title: !!python/object:os.system A\npanels: []\n", 1, 8, "error", "yaml-tag"),
    "dashboards/huge.yaml": (b"", 1, 1, "error", "too-large"),
    # And what else a person gets wrong.
    "dashboards/syntax.yaml": ("title: A\npanels: [\n", 2, 9, "error", "yaml-syntax"),
    "dashboards/kind.yaml": ("title: A\npanles: []\n", 2, 1, "error", "unknown-kind"),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project in the current folder, with one visualization that is sound."""
    write_files(
        tmp_path,
        {
            "kbuild.yaml": PROJECT,
            "templates/metrics.json": TEMPLATE,
            "visualizations/sound.yaml": METRIC.replace("plain", "metrics"),
        },
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def validated(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["validate", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_every_mistake_is_one_finding(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with all of them gives as many findings, each with file, line, column, severity and rule."""
    write_files(project, {name: content for name, (content, *_) in MISTAKES.items()})
    write_files(project, {"dashboards/first/same.yaml": "title: A\npanels: []\n"})
    with (project / "dashboards/huge.yaml").open("wb") as stream:
        stream.truncate(50 * 1024 * 1024)
    code, out, err = validated(capsys, "--format", "json")
    expected = [(name, *place) for name, (_, *place) in MISTAKES.items()]
    expected.append(("kbuild.yaml", 4, 47, "warning", "missing-template"))
    found = [tuple(each[key] for key in ("file", "line", "column", "severity", "rule")) for each in json.loads(out)]
    assert sorted(found) == sorted(expected)
    assert code == 1
    assert err == f"{len(MISTAKES) + 3} files checked, {len(MISTAKES)} errors, 1 warning\n"


def test_a_secret_in_the_project_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is found before anything else is read, and not printed."""
    write_files(project, {"kbuild.yaml": PROJECT + "contexts: {local: {kibana: http://a, api_key: c2VjcmV0}}\n"})
    code, out, err = validated(capsys)
    assert code == 1
    assert out.startswith("kbuild.yaml:5:47: error: 'api_key' does not belong in a file (set KIBANA_API_KEY")
    assert "c2VjcmV0" not in out
    assert err == "1 file checked, 1 error\n"


def test_text_is_as_the_design_shows_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line and the caret stand below each finding; what is fine is not mentioned."""
    write_files(project, {"visualizations/a.yaml": charted("latncy")})
    code, out, err = validated(capsys, "visualizations/a.yaml")
    assert code == 1
    assert out == (
        "kbuild.yaml:4:47: warning: there is no file templates/missing.json, so the fields of 'other' are not checked "
        "[missing-template]\n"
        '    4 |   other: {index_pattern: "other-*", template: templates/missing.json}\n'
        "      |                                               ^^^^^^^^^^^^^^^^^^^^^^\n"
        "visualizations/a.yaml:5:48: error: the template of 'metrics' has no field 'latncy' (did you mean 'latency'?) "
        "[unknown-field]\n"
        "    5 |   - {type: primary, operation: average, field: latncy}\n"
        "      |                                                ^^^^^^\n"
    )
    assert err == "2 files checked, 1 error, 1 warning\n"


def test_what_kibana_has_no_place_for(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that validates can be built; this is only looked at when nothing else is wrong."""
    section = panels("{title: Section, panels: []}")
    write_files(project, {"dashboards/a.yaml": section})
    code, out, _ = validated(capsys, "dashboards/a.yaml")
    assert code == 1
    assert "dashboards/a.yaml:3:5: error: a section needs Kibana 9.1 or later [not-expressible]" in out
    write_files(project, {"dashboards/a.yaml": section + "  - {visualization: sond}\n"})
    _, out, _ = validated(capsys, "dashboards/a.yaml")
    assert "not-expressible" not in out
    assert "unknown-visualization" in out


def test_warnings_do_not_fail(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is that of the errors."""
    code, out, err = validated(capsys)
    assert code == 0
    assert out.count("[missing-template]") == 1
    assert err == "2 files checked, 1 warning\n"


@pytest.mark.parametrize("top", ["workspace", "git", "neither"])
def test_github_wants_paths_from_the_top_of_the_repository(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, top: str
) -> None:
    """Whatever folder one stands in; outside a repository a path is named as ever."""
    write_files(project, {"visualizations/a.yaml": charted("latncy")})
    monkeypatch.setenv("GITHUB_WORKSPACE", str(project.parent if top == "workspace" else project / "elsewhere"))
    if top == "git":
        (project / ".git").mkdir()
    monkeypatch.chdir(project / "visualizations")
    _, out, _ = validated(capsys, "a.yaml", "--format", "github")
    name = {"workspace": f"{project.name}/visualizations/a.yaml", "git": "visualizations/a.yaml", "neither": "a.yaml"}
    assert f"::error file={name[top]},line=5," in out


def test_github_annotations(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line each, on stdout."""
    write_files(project, {"visualizations/a.yaml": charted("latncy")})
    _, out, _ = validated(capsys, "--format", "github")
    assert out.splitlines()[1].startswith(
        "::error file=visualizations/a.yaml,line=5,col=48,endColumn=54,title=unknown-field::the template of"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.yaml"], "Error: there is no file or folder"),
        (["--context", "nowhere"], "Error: kbuild.yaml has no context 'nowhere' (there are: none)"),
        (["/"], "Error: there is no kbuild.yaml in /"),
        (["--format", "xml"], "Invalid value for '--format'"),
    ],
)
def test_wrong_usage(project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    """It is told apart from findings by its exit code."""
    code, out, err = validated(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert message in err
