"""kbuild.yaml becomes a project; what is wrong with it is found, and addresses are looked up only when used."""

from __future__ import annotations

from pathlib import Path

import pytest

from kibana_builder.errors import SpecError, UsageError
from kibana_builder.files.project import Project, find_project, load_project
from kibana_builder.problem import Problem

PROJECT = """\
project: ml
data_views:
  metrics: {index_pattern: "ml-metrics-*", time_field: "@timestamp", template: index_templates/metrics.json}
  training: {index_pattern: ml-training-*, id: one-id, title: Training}
  quality: {index_pattern: quality-*, id: {local: local-id}}
contexts:
  local: {kibana: "http://localhost:5601/", elasticsearch: "http://localhost:9200"}
  production: {kibana: "https://${HOST}:${PORT}/kibana", space: ml, ca_file: certs/ca.pem, api_key_env: PROD_KEY}
"""


def project_of(folder: Path, text: str) -> Project:
    (folder / "kbuild.yaml").write_text(text)
    return load_project(folder / "kbuild.yaml")


def problems_of(folder: Path, text: str) -> list[Problem]:
    with pytest.raises(SpecError) as caught:
        project_of(folder, text)
    return caught.value.problems


def test_what_a_project_says(tmp_path: Path) -> None:
    """Names, data views, contexts and paths come out as they are written, with the defaults of the rest."""
    project = project_of(tmp_path, PROJECT)
    assert (project.name, project.root, project.paths) == (
        "ml",
        tmp_path,
        ("dashboards", "visualizations", "saved_objects"),
    )
    assert project.data_views["metrics"].template == "index_templates/metrics.json"
    assert project.data_views["training"].title == "Training"
    assert project.contexts["local"].space is None
    assert project.contexts["production"].space == "ml"
    assert project.contexts["production"].ca_file == tmp_path / "certs" / "ca.pem"
    assert project.contexts["production"].api_key_env == "PROD_KEY"


def test_the_smallest_project(tmp_path: Path) -> None:
    """A name is enough to validate and build; only going to a Kibana needs a context."""
    project = project_of(tmp_path, "project: ml\n")
    assert project.context_name(None) is None
    with pytest.raises(UsageError, match="names no context"):
        project.context(None, {})


@pytest.mark.parametrize(
    ("name", "context", "id"),
    [
        ("metrics", None, "ml-metrics"),
        ("metrics", "local", "ml-metrics"),
        ("training", "local", "one-id"),
        ("quality", "local", "local-id"),
        ("quality", "production", "ml-quality"),
        ("quality", None, "ml-quality"),
    ],
)
def test_ids_of_data_views(tmp_path: Path, name: str, context: str | None, id: str) -> None:  # noqa: A002
    """The id for the context goes before the id for all, and that before the one made of the names."""
    assert project_of(tmp_path, PROJECT).data_view_id(name, context) == id


def test_the_default_context(tmp_path: Path) -> None:
    """It is the one that is called so, else the first; a name that is not there suggests the nearest."""
    assert project_of(tmp_path, PROJECT).context_name(None) == "local"
    project = project_of(tmp_path, PROJECT + "default_context: production\n")
    assert project.context_name(None) == "production"
    assert project.context_name("local") == "local"
    with pytest.raises(UsageError, match=r"kbuild.yaml has no context 'prodution' \(did you mean 'production'\?\)"):
        project.context_name("prodution")


def test_variables_are_replaced_when_a_context_is_used(tmp_path: Path) -> None:
    """Loading needs no environment; using does, and gives addresses without a slash at the end."""
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / "ca.pem").write_text("")
    project = project_of(tmp_path, PROJECT)
    context = project.context("production", {"HOST": "kibana.example.com", "PORT": "5601"})
    assert context.kibana == "https://kibana.example.com:5601/kibana"
    assert project.elasticsearch(context, {}) is None
    context = project.context(None, {})
    assert (context.kibana, project.elasticsearch(context, {})) == ("http://localhost:5601", "http://localhost:9200")


def test_the_address_of_elasticsearch_is_looked_up_by_itself(tmp_path: Path) -> None:
    """Whoever goes to Kibana alone need not have its variable; whoever asks for it is told what is missing."""
    contexts = 'contexts: {a: {kibana: "http://a", elasticsearch: "http://${ES}:9200/"}}'
    project = project_of(tmp_path, f"project: ml\n{contexts}\n")
    context = project.context("a", {})
    assert project.elasticsearch(context, {"ES": "es"}) == "http://es:9200"
    with pytest.raises(SpecError) as caught:
        project.elasticsearch(context, {})
    assert caught.value.problems[0].message == "the environment variable ES is not set"


@pytest.mark.parametrize(
    ("environment", "rule", "message", "place"),
    [
        ({}, "missing-variable", "the environment variable HOST is not set", (8, 24, 56)),
        ({"HOST": ""}, "missing-variable", "the environment variable HOST is not set", (8, 24, 56)),
        ({"HOST": "a", "PORT": "x"}, "address", "this is no address", (8, 24, 56)),
        ({"HOST": "u:secret@a", "PORT": "1"}, "address", "an address holds no user name or password", (8, 24, 56)),
        ({"HOST": "a", "PORT": "1"}, "missing-file", "there is no such file", (8, 78, 90)),
    ],
)
def test_a_context_that_cannot_be_used_says_why(
    tmp_path: Path, environment: dict[str, str], rule: str, message: str, place: tuple[int, int, int]
) -> None:
    """The place in kbuild.yaml is shown, what came from the environment never is."""
    with pytest.raises(SpecError) as caught:
        project_of(tmp_path, PROJECT).context("production", environment)
    (problem,) = caught.value.problems
    assert problem.rule == rule
    assert problem.message.startswith(message)
    assert (problem.line, problem.column, problem.end_column) == place
    assert "secret" not in repr(problem)


@pytest.mark.parametrize(
    ("text", "rule", "place", "message"),
    [
        ("paths: [dashboards, ../other]", "outside-project", (2, 21, 29), "this path leaves the project's folder"),
        ("paths: [a/../../b]", "outside-project", (2, 9, 18), "this path leaves the project's folder"),
        ("paths: [/etc]", "outside-project", (2, 9, 13), "this path leaves the project's folder"),
        ("paths: ['..\\\\x']", "outside-project", (2, 9, 16), "this path leaves the project's folder"),
        ("paths: ['C:\\x']", "outside-project", (2, 9, 15), "this path leaves the project's folder"),
        (
            "data_views: {a: {index_pattern: a, template: ../a.json}}",
            "outside-project",
            (2, 46, 55),
            "this path leaves the project's folder",
        ),
        (
            "contexts: {local: {kibana: http://a}}\ndefault_context: locl",
            "unknown-context",
            (3, 18, 22),
            "there is no context 'locl'",
        ),
        (
            "contexts: {local: {kibana: http://a}}\ndata_views: {a: {index_pattern: a, id: {lokal: x}}}",
            "unknown-context",
            (3, 41, 46),
            "there is no context 'lokal'",
        ),
        ("contexts: {a: {kibana: localhost:5601}}", "address", (2, 24, 38), "an address begins with http://"),
        ("contexts: {a: {kibana: 'http://'}}", "address", (2, 24, 33), "this address names no server"),
        ("contexts: {a: {kibana: 'http://a:x'}}", "address", (2, 24, 36), "this is no address"),
        ("contexts: {a: {kibana: 'http://[a'}}", "address", (2, 24, 35), "this is no address"),
    ],
)
def test_mistakes_that_no_schema_finds(
    tmp_path: Path, text: str, rule: str, place: tuple[int, int, int], message: str
) -> None:
    """Each is one problem at its place."""
    (problem,) = problems_of(tmp_path, f"project: ml\n{text}\n")
    assert (problem.rule, (problem.line, problem.column, problem.end_column)) == (rule, place)
    assert problem.message.startswith(message)


def test_the_schema_is_held_against_it(tmp_path: Path) -> None:
    """An unknown property, a missing name: all are reported at once, in the order of the file."""
    problems = problems_of(tmp_path, "data_views: {a: {index_patern: x}}\ncontexts: {a: {}}\n")
    assert len(problems) >= 3
    assert problems == sorted(problems, key=lambda problem: (problem.line, problem.column))


@pytest.mark.parametrize("text", ["", "- a", "project: [", "5", "project: {}", "contexts: 5\nproject: a"])
def test_any_nonsense_is_a_problem(tmp_path: Path, text: str) -> None:
    """No content of the file makes a traceback."""
    assert problems_of(tmp_path, text)


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    """Its rule is that of any file that cannot be read."""
    with pytest.raises(SpecError) as caught:
        load_project(tmp_path / "kbuild.yaml")
    assert caught.value.problems[0].rule == "unreadable-file"


def test_the_nearest_project_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked for from a folder or file upwards, also from what is not there."""
    inner = tmp_path / "outer" / "inner"
    (inner / "dashboards").mkdir(parents=True)
    assert find_project(inner) is None
    (tmp_path / "outer" / "kbuild.yaml").write_text("")
    (inner / "kbuild.yaml").write_text("")
    assert find_project(inner / "dashboards") == inner / "kbuild.yaml"
    assert find_project(inner / "dashboards" / "missing.yaml") == inner / "kbuild.yaml"
    assert find_project(tmp_path / "outer") == tmp_path / "outer" / "kbuild.yaml"
    monkeypatch.chdir(inner / "dashboards")
    assert find_project(Path()) == inner / "kbuild.yaml"
    assert find_project(Path("..") / "..") == tmp_path / "outer" / "kbuild.yaml"
