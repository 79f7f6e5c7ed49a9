"""`kbuild doctor`: what it prints, its exit codes, its options; a service that is away does not hide the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kibana_builder.json_tree import JsonObject
from tests.commands.small_project import Said, Shop, make_shop
from tests.doctor.test_logstash import NODE, pipeline
from tests.elastic.pretended import pretended
from tests.elastic.servers import URL, needs_elasticsearch
from tests.kibana.misbehaving import answer, serving

NOWHERE = "http://127.0.0.1:1"
AWAY = ("--elasticsearch", NOWHERE, "--logstash", "127.0.0.1:1", "--logstash-api", NOWHERE)
HEALTH = {"status": "green", "number_of_data_nodes": 1, "active_shards": 5, "unassigned_shards": 0}
EMPTY = {"_shards": {"total": 0}, "hits": {"total": {"value": 0}, "hits": []}}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shop:
    for name in [name for name in os.environ if name.startswith("ELASTICSEARCH_")]:
        monkeypatch.delenv(name)
    return make_shop(tmp_path, NOWHERE, monkeypatch, capsys)


def states(said: Said) -> dict[tuple[str, str], str]:
    return {(one["service"], one["check"]): one["state"] for one in said.json["results"]}


def test_nothing_runs(shop: Shop) -> None:
    """Each service is one clear finding; what needs Elasticsearch is skipped, not reported again."""
    said = shop.run("doctor", *AWAY, "--format", "json")
    assert said.code == 1
    assert states(said) == {
        ("elasticsearch", "answers"): "problem",
        ("logstash", "answers"): "problem",
        ("kibana", "answers"): "problem",
        ("pipeline", "elasticsearch"): "skipped",
        ("dashboards", "elasticsearch"): "skipped",
    }
    assert said.json["well"] is False
    assert said.json["counts"] == {"ok": 0, "warning": 0, "problem": 3, "skipped": 2}
    assert said.err == "3 problems, 2 skipped\n"


def test_as_text(shop: Shop) -> None:
    """A title for each service, a line for each check, an arrow for what to do."""
    said = shop.run("doctor", *AWAY)
    lines = said.out.splitlines()
    assert lines[0] == f"Elasticsearch, {NOWHERE}"
    assert lines[1].startswith(f"  problem  answers: {NOWHERE}: the connection is refused.")
    assert lines[2] == "           → `kbuild stack up` starts one; --elasticsearch says where another is"
    assert [line for line in lines if not line.startswith(" ")] == [
        f"Elasticsearch, {NOWHERE}",
        f"Logstash, {NOWHERE}",
        f"Kibana, {NOWHERE}",
        "From Logstash into Elasticsearch",
        "Dashboards",
    ]


def test_all_is_well(shop: Shop) -> None:
    """Exit code 0, also with warnings, and only the services that were named."""
    answers = {
        "/_cluster/health": (200, HEALTH),
        "/_cluster/settings": (200, {}),
        "/_nodes/stats/fs": (200, {}),
        "/orders-*/_search": (200, EMPTY),
    }
    node = {**NODE, "pipelines": {"main": pipeline()}}
    with pretended(answers=answers) as cluster, serving(answer(200, node)) as logstash:
        said = shop.run(
            "doctor", "elasticsearch", "logstash", "--elasticsearch", cluster.url, "--logstash-api", logstash.url
        )
    assert said.code == 0
    assert "  warning  events in orders-*: there is no such index yet" in said.out
    assert "Kibana" not in said.out
    assert said.err == "6 ok, 1 warning\n"


def test_words_of_servers_are_made_safe(shop: Shop) -> None:
    """An escape sequence in an answer does not reach the terminal."""
    with serving(answer(200, {**NODE, "version": "9\x1b[2J", "pipelines": {}})) as logstash:
        said = shop.run("doctor", "logstash", "--logstash-api", logstash.url)
    assert "\x1b" not in said.out
    assert "version 9 [2J" in said.out


@pytest.mark.parametrize("name", ["elasticsearch", "pipeline", "dashboards"])
def test_elasticsearch_is_away(shop: Shop, name: str) -> None:
    """Whatever needs it alone says so as a problem."""
    said = shop.run("doctor", name, "--elasticsearch", NOWHERE)
    assert said.code == 1
    assert "problem  answers" in said.out


def refused(status: int) -> tuple[int, JsonObject]:
    return status, {"error": {"type": "security_exception", "reason": "action is unauthorized"}}


def test_who_may_not_look(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look says that it was refused, and all of them together as whom we came."""
    monkeypatch.setenv("ELASTICSEARCH_API_KEY", "c2VjcmV0LWtleQ==")
    asked = ("/", "/_cluster/health", "/_nodes/stats/fs", "/orders-*/_search")
    with pretended(answers=dict.fromkeys(asked, refused(403))) as cluster:
        said = shop.run("doctor", "elasticsearch", "--elasticsearch", cluster.url)
    assert said.code == 0
    assert said.out.count("does not allow this: action is unauthorized") == len(asked)
    assert said.out.count("We came with ELASTICSEARCH_API_KEY.") == 1


def test_who_is_not_let_in(shop: Shop) -> None:
    """It does answer, so nobody needs to start one."""
    with pretended(answers={"/": refused(401)}) as cluster:
        said = shop.run("doctor", "elasticsearch", "dashboards", "--elasticsearch", cluster.url)
    assert said.code == 1
    assert "stack up" not in said.out
    assert "skipped  elasticsearch: Elasticsearch does not let us in" in said.out
    assert "→ Set ELASTICSEARCH_API_KEY" in said.out


def test_logstash_needs_no_project(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor do events through it, as long as the address of Elasticsearch is said."""
    (tmp_path / "empty").mkdir()
    (shop.root / "kbuild.yaml").unlink()
    monkeypatch.chdir(tmp_path / "empty")
    assert shop.run("doctor", "logstash", "--logstash-api", NOWHERE).code == 1
    assert shop.run("doctor", "pipeline", "--elasticsearch", NOWHERE).code == 1
    assert shop.run("doctor", "pipeline").code == 2
    assert shop.run("doctor").code == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["kibana", "--timeout", "3"], "--timeout has no meaning here; it goes with pipeline"),
        (["pipeline", "--timeout", "nan"], "nan is no number of seconds"),
        (["kibana", "--logstash", "a:1"], "--logstash has no meaning here"),
        (["pipeline", "--logstash-api", NOWHERE], "--logstash-api has no meaning here"),
        (["kibana", "--elasticsearch", NOWHERE], "it goes with dashboards, elasticsearch or pipeline"),
        (["logstash", "--context", "local"], "--context has no meaning here"),
        (["pipeline", "--elasticsearch", NOWHERE, "--logstash", "here"], "no address of Logstash's TCP input"),
        (["logstash", "--logstash-api", "here"], "no address of a Logstash"),
        (["elasticsearch"], "has no `elasticsearch:`"),
        (["nginx"], "nginx"),
        (["dashboards", "--elasticsearch", NOWHERE, "--context", "locl"], "did you mean 'local'?"),
    ],
)
def test_wrong_usage(shop: Shop, arguments: list[str], words: str) -> None:
    """It ends with 2 before anything is sent."""
    said = shop.run("doctor", *arguments)
    assert (said.code, said.out) == (2, "")
    assert words in said.err


def test_broken_files_are_said(shop: Shop) -> None:
    """They are no dashboards, and validate says why."""
    shop.write("dashboards/broken.yaml", "title: Broken\npanels: [{}]\n")
    answers = {"/orders-*/_field_caps": (200, {"indices": [], "fields": {}}), "/orders-*/_search": (200, EMPTY)}
    with pretended(answers=answers) as cluster:
        said = shop.run("doctor", "dashboards", "--elasticsearch", cluster.url)
    assert said.code == 1
    assert "problem  files: " in said.out
    assert "kbuild validate" in said.out


@pytest.mark.integration
@needs_elasticsearch
def test_on_a_real_elasticsearch(shop: Shop) -> None:
    """What it answers is understood: health, shards, disk, a pattern without an index, an empty dashboard."""
    said = shop.run("doctor", "elasticsearch", "dashboards", "--elasticsearch", URL, "--format", "json")
    found = states(said)
    assert {check for _, check in found} >= {"answers", "health", "shards", "disk", "events in orders-*", "overview"}
    assert found["elasticsearch", "answers"] == found["elasticsearch", "shards"] == "ok"
    assert found["elasticsearch", "events in orders-*"] == "warning"
    assert found["dashboards", "overview"] == "problem"
    assert said.code == 1
