"""What doctor says of an Elasticsearch, from the answers that it gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kibana_builder.doctor.elasticsearch import (
    Pattern,
    check_elasticsearch,
    judge_dead_letters,
    judge_disk,
    judge_events,
    judge_health,
    judge_shards,
    least_free,
    reachable,
    sample_command,
)
from kibana_builder.doctor.result import Result
from kibana_builder.elastic.client import Elastic
from tests.elastic.pretended import pretended

URL = "http://localhost:9200"
GB = 1024**3
DEFAULTS = {
    "low": "85%",
    "low.max_headroom": "200GB",
    "high": "90%",
    "high.max_headroom": "150GB",
    "flood_stage": "95%",
    "flood_stage.max_headroom": "100GB",
}
"""As `_cluster/settings` of 9.4.3 has them."""
NOW = 1_795_500_000_000.0
METRICS = Pattern("ml-metrics-*", "@timestamp")


def health(status: str, **more: int) -> dict[str, Any]:
    return {"status": status, "number_of_data_nodes": 1, "active_shards": 5, "unassigned_shards": 0} | more


def answer(total: int, shards: int = 1, **aggregations: Any) -> dict[str, Any]:
    found = {"_shards": {"total": shards}, "hits": {"total": {"value": total}}}
    return found | ({"aggregations": aggregations} if aggregations else {})


def test_yellow_is_all_that_one_node_can_be() -> None:
    """With one node nothing is to be done; with two, copies have no place, and that is worth a look."""
    assert judge_health(health("green"), [], URL).state == "ok"
    assert judge_health(health("yellow", unassigned_shards=3), [], URL).state == "ok"
    two = judge_health(health("yellow", unassigned_shards=3, number_of_data_nodes=2), [], URL)
    assert (two.state, "3 shards" in two.words) == ("warning", True)
    assert f"{URL}/_cluster/allocation/explain" in two.cure


def test_red_names_the_indices() -> None:
    """The first few of them, and how many more there are."""
    few = judge_health(health("red"), ["a", "b"], URL)
    assert (few.state, few.words) == ("problem", "red: data is missing: a and b")
    assert judge_health(health("red"), list("abcdefg"), URL).words.endswith("a, b, c, d, e and 2 more")


@pytest.mark.parametrize(
    ("used", "state"), [(10, "ok"), (899, "ok"), (900, "warning"), (999, "warning"), (1000, "problem")]
)
def test_the_number_of_shards_has_an_end(used: int, state: str) -> None:
    """From nine tenths on a warning; where no index can be made any more, a problem."""
    assert judge_shards(health("green", active_shards=used), 1000).state == state


@pytest.mark.parametrize(
    ("free", "state"), [(20, "ok"), (15.1, "ok"), (14.9, "warning"), (9.9, "problem"), (4.9, "problem"), (0, "problem")]
)
def test_the_disk_is_judged_by_the_watermarks(free: float, state: str) -> None:
    """85, 90 and 95 percent of a disk of 100 GB."""
    (result,) = judge_disk(nodes(100, free), DEFAULTS)
    assert result.state == state
    assert (state == "ok") == (not result.cure)


def nodes(total: float, free: float) -> dict[str, Any]:
    sizes = {"total_in_bytes": int(total * GB), "available_in_bytes": int(free * GB)}
    return {"a": {"name": "node-1", "fs": {"total": sizes}}}


def test_watermarks_in_every_form() -> None:
    """Percentages end at their headroom; ratios and sizes are understood too."""
    assert least_free("low", 100 * GB, DEFAULTS) == pytest.approx(15 * GB)
    assert least_free("low", 10_000 * GB, DEFAULTS) == 200 * GB
    assert least_free("low", 100 * GB, {"low": "0.85"}) == pytest.approx(15 * GB)
    assert least_free("low", 100 * GB, {"low": "20gb"}) == 20 * GB
    assert least_free("low", 10_000 * GB, DEFAULTS | {"low.max_headroom": "-1"}) == pytest.approx(1500 * GB)
    assert least_free("low", 100 * GB, {}) == 0


def test_a_node_without_a_disk_is_left_out() -> None:
    """A node that only coordinates may say nothing of one."""
    assert list(judge_disk({"a": {"name": "n"}}, DEFAULTS)) == []


@pytest.mark.parametrize(
    ("found", "state", "words"),
    [
        (answer(0, shards=0), "warning", "there is no such index yet"),
        (answer(0), "warning", "there are none yet"),
        (answer(1, last={"value": NOW - 12_000}), "ok", "the last event is 12 s old"),
        (answer(1, last={"value": NOW - 90_000_000}), "warning", "the last event is 1 day old"),
        (answer(1, last={"value": NOW + 7_200_000}), "warning", "the last event lies 2 h in the future"),
        (answer(1, last={"value": None}), "warning", "none has a time in @timestamp, so no dashboard shows it"),
    ],
)
def test_the_last_event_and_its_age(found: dict[str, Any], state: str, words: str) -> None:
    """No index, no event, a silent sender and a wrong clock are told apart."""
    result = judge_events(METRICS, found, NOW, URL)
    assert (result.state, result.words) == (state, words)
    assert state == "ok" or result.cure or "no dashboard" in words


def test_the_command_that_makes_events_is_named() -> None:
    """For the patterns of the example; nothing is made up for others."""
    assert "--type training" in sample_command("ml-training-*", URL)
    assert sample_command("orders-*", URL) == ""


def test_dead_letters_are_counted_by_reason() -> None:
    """With the command that shows them."""
    buckets = [{"key": "not_json", "doc_count": 2}]
    result = judge_dead_letters(answer(2, reasons={"buckets": buckets}), URL)
    assert (result.state, result.words) == ("warning", "2 in the last 24 hours (not_json 2)")
    assert judge_dead_letters(answer(0), URL).state == "ok"


# ------------------------------------------------------------------------------------------------- over real HTTP

ANSWERS: dict[str, tuple[int, Any]] = {
    "/_cluster/health": (200, health("yellow", unassigned_shards=1)),
    "/_cluster/settings": (
        200,
        {
            "defaults": {
                "cluster": {
                    "max_shards_per_node": "1000",
                    "routing": {"allocation": {"disk": {"watermark": DEFAULTS}}},
                }
            },
            "persistent": {"cluster": {"max_shards_per_node": "6"}},
        },
    ),
    "/_nodes/stats/fs": (200, {"nodes": nodes(100, 12)}),
    "/ml-metrics-*/_search": (200, answer(1, last={"value": NOW - 1000})),
    "/ml-dead-letter/_search": (200, answer(0)),
}


def checked(root: Path | None, **answers: tuple[int, Any]) -> dict[str, Result]:
    with pretended(answers=ANSWERS | answers) as cluster, Elastic(cluster.url) as elastic:
        return {one.check: one for one in check_elasticsearch(elastic, root, [METRICS], NOW)}


def test_each_thing_is_asked_for(tmp_path: Path) -> None:
    """A setting of the cluster goes before its default; a template that is not there is named."""
    folder = tmp_path / "index_templates"
    folder.mkdir()
    (folder / "ml-dead-letter.json").write_text('{"index_patterns": ["ml-dead-letter"], "template": {}}', "utf-8")
    found = checked(tmp_path)
    assert {name: one.state for name, one in found.items()} == {
        "health": "ok",
        "shards": "problem",
        "disk": "warning",
        "templates": "problem",
        "events in ml-metrics-*": "ok",
        "dead letters": "ok",
    }
    assert found["shards"].words.startswith("6 of 6 shards")
    assert found["templates"].details == ("index template ml-dead-letter-template is not there",)


def test_what_we_may_not_see_is_a_warning() -> None:
    """One refusal does not end the round; what is not allowed may be well."""
    refusal = (403, {"error": {"type": "security_exception", "reason": "action is unauthorized"}})
    found = checked(None, **{"/_cluster/health": refusal})
    assert found["health"].state == "warning"
    assert "unauthorized" in found["health"].words
    assert found["disk"].state == "warning"


@pytest.mark.parametrize("rubbish", [{}, [], None, {"status": "red"}, {"status": "green", "number_of_data_nodes": "x"}])
def test_an_answer_of_another_form_is_a_problem(rubbish: Any) -> None:
    """It is said, and ends nothing."""
    found = checked(None, **{"/_cluster/health": (200, rubbish)})
    assert found["health"].state == "problem"
    assert found["events in ml-metrics-*"].state == "ok"


def test_who_answers() -> None:
    """Version and cluster."""
    said = {"version": {"number": "9.2.0"}, "cluster_name": "lo\x1bcal"}
    with pretended(answers={"/": (200, json.loads(json.dumps(said)))}) as cluster, Elastic(cluster.url) as elastic:
        assert reachable(elastic).words == "version 9.2.0, cluster 'lo cal'"
