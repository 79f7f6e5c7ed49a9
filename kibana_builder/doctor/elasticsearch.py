"""Elasticsearch: its health and room, the templates, and whether events arrive.

The functions that judge take what Elasticsearch answered; those that ask are at the end. Answers as Elastic documents
them: ``GET /``, ``_cluster/health``, ``_cluster/settings``, ``_nodes/stats/fs``, ``_search``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from generator.event import EVENT_TYPES
from kibana_builder.doctor.result import Result, Service, age_words, looked, size_words
from kibana_builder.elastic.client import LENIENT, Elastic, path_of
from kibana_builder.elastic.resources import FOLDER, Kind, Resource, read_resources
from kibana_builder.elastic.templates import Outcome, abilities, lacking, look
from kibana_builder.files.places import look_at
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.spec.words import counted, listed

__all__ = ["DEAD_LETTERS", "Pattern", "check_elasticsearch", "reachable", "sample_command"]

SILENT_AFTER = 86_400
"""Seconds without an event after which a person should look: the dashboards show the last 24 hours."""
CLOCK_SLACK = 300
"""Seconds by which a sender's clock may be ahead."""
DEAD_LETTERS = "ml-dead-letter"
"""The index of what could not be used (index_templates/ml-dead-letter.json)."""

_MOST_NAMES = 5
_SERVICE = Service.elasticsearch
_UNITS = {"b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3, "tb": 1024**4, "pb": 1024**5}


@dataclass(frozen=True, slots=True)
class Pattern:
    """Indices to look for events in, by a pattern, and the field that holds the time of an event."""

    indices: str
    time_field: str | None


def sample_command(pattern: str, address: str) -> str:
    """Give the command that makes events for a pattern; empty where the generator has none for it."""
    for kind in EVENT_TYPES.values():
        if pattern == f"{kind.index}-*":
            return f"`kbuild generate --type {kind.generate} --batch 10000 --to {address}`"
    return ""


# -------------------------------------------------------------------------------------------------- health and room


def judge_health(health: JsonObject, red: Sequence[str], address: str) -> Result:
    """Judge `_cluster/health`; `red` are the indices whose data is missing. Yellow is all that one node can be."""
    why = f"ask why: `curl -X POST '{address}/_cluster/allocation/explain?pretty'`"
    status, nodes = health["status"], health["number_of_data_nodes"]
    unassigned = health["unassigned_shards"]
    if status == "green":
        return Result(_SERVICE, "health", "ok", f"green, {counted(nodes, 'data node')}")
    if status == "red":
        names = f": {_some(red)}" if red else ""
        return Result(
            _SERVICE,
            "health",
            "problem",
            f"red: data is missing{names}",
            f"{why}; often a node is away, or a disk full",
        )
    if nodes <= 1:
        words = f"yellow, as one node is: {counted(unassigned, 'shard')} cannot have a copy; nothing is missing"
        return Result(_SERVICE, "health", "ok", words)
    return Result(
        _SERVICE,
        "health",
        "warning",
        f"yellow: {counted(unassigned, 'shard')} without a place on {nodes} nodes",
        f"if it stays so, {why}",
    )


def judge_shards(health: JsonObject, most_per_node: int) -> Result:
    """Judge the number of shards against the most that the cluster takes; a daily index more needs room for it."""
    used, most = health["active_shards"] + health["unassigned_shards"], most_per_node * health["number_of_data_nodes"]
    words = f"{used:,} of {most:,} shards"
    cure = "delete old indices, or keep them a shorter time: index_templates/ilm/ml-retention.json"
    if used >= most:
        return Result(_SERVICE, "shards", "problem", f"{words}: no new index can be made", cure)
    if used >= 0.9 * most:
        return Result(_SERVICE, "shards", "warning", f"{words}: soon no new index can be made", cure)
    return Result(_SERVICE, "shards", "ok", words)


def judge_disk(nodes: JsonObject, watermark: JsonObject) -> Iterator[Result]:
    """Judge the disk of each node by Elasticsearch's own watermarks (`cluster.routing.allocation.disk.watermark`)."""
    for node in nodes.values():
        total = node.get("fs", {}).get("total", {})
        if not total.get("total_in_bytes"):
            continue
        size, free = total["total_in_bytes"], total["available_in_bytes"]
        words = f"{node.get('name', 'a node')} has {size_words(free)} of {size_words(size)} free"
        over = next(
            (level for level in ("flood_stage", "high", "low") if free < least_free(level, size, watermark)), ""
        )
        cure = "make room: delete old indices or other files, or give it a larger disk"
        if over == "flood_stage":
            cure += "; Elasticsearch takes writes again by itself once there is room"
            yield Result(_SERVICE, "disk", "problem", f"{words}: its indices take no events any more", cure)
        elif over == "high":
            yield Result(_SERVICE, "disk", "problem", f"{words}: tomorrow's index finds no place there", cure)
        elif over == "low":
            yield Result(_SERVICE, "disk", "warning", f"{words}: soon too little for a new index", cure)
        else:
            yield Result(_SERVICE, "disk", "ok", words)


def least_free(level: str, size: int, watermark: JsonObject) -> float:
    """Give the bytes that must be free on a disk of that size for a watermark not to be crossed.

    A watermark says how full a disk may be ("85%", "0.85") or how much must be free ("20gb"); of a percentage, no more
    than its headroom must be free ("low.max_headroom": "200GB").
    """
    said = str(watermark.get(level, "")).strip().lower()
    share = re.fullmatch(r"([0-9.]+)(%?)", said)
    if share is None:
        return _bytes(said)
    full = float(share[1]) / (100 if share[2] else 1)
    headroom = _bytes(str(watermark.get(f"{level}.max_headroom", "-1")).lower())
    free = size * max(0.0, 1 - full)
    return min(free, headroom) if headroom > 0 else free


def _bytes(text: str) -> float:
    found = re.fullmatch(r"([0-9.]+)\s*([kmgtp]?b)", text)
    return float(found[1]) * _UNITS[found[2]] if found else 0.0


# -------------------------------------------------------------------------------------------------- templates, events


def judge_templates(outcomes: Sequence[Outcome], missing: Sequence[str], address: str) -> Iterator[Result]:
    """Judge how templates, pipelines and policies stand; `missing` is what the cluster cannot do at all."""
    wrong = [outcome for outcome in outcomes if outcome.state in ("absent", "different")]
    if wrong:
        details = tuple(
            f"{one.resource.title} {'is not there' if one.state == 'absent' else 'differs from ' + one.resource.file}"
            for one in wrong
        )
        yield Result(
            _SERVICE,
            "templates",
            "problem",
            f"{len(wrong)} of {len(outcomes)} are not as in the files",
            f"`kbuild templates apply --elasticsearch {address}`; indices that are there keep their mappings",
            details,
        )
    else:
        yield Result(_SERVICE, "templates", "ok", f"all {len(outcomes)} are as in {FOLDER}/")
    if missing:
        yield Result(_SERVICE, "templates", "warning", "this cluster cannot do all of it", details=tuple(missing))


def judge_events(pattern: Pattern, answer: JsonObject, now_ms: float, address: str) -> Result:
    """Judge the newest event of a pattern: `answer` has the aggregation `last`, where there is a time field."""
    check = f"events in {pattern.indices}"
    sample = sample_command(pattern.indices, address)
    cure = f"send some, for instance {sample}" if sample else "look at what sends them"
    if not answer["_shards"]["total"]:
        return Result(_SERVICE, check, "warning", "there is no such index yet", cure)
    if not answer["hits"]["total"]["value"]:
        return Result(_SERVICE, check, "warning", "there are none yet", cure)
    last = answer.get("aggregations", {}).get("last", {}).get("value")
    if pattern.time_field is None:
        return Result(_SERVICE, check, "ok", "there are some")
    if last is None:
        return Result(_SERVICE, check, "warning", f"none has a time in {pattern.time_field}, so no dashboard shows it")
    age = (now_ms - last) / 1000
    if age < -CLOCK_SLACK:
        words = f"the last event lies {age_words(-age)} in the future"
        return Result(_SERVICE, check, "warning", words, "check clock and time zone of what sends them")
    words = f"the last event is {age_words(age)} old"
    if age > SILENT_AFTER:
        return Result(_SERVICE, check, "warning", words, f"look at what sends them, or {cure}")
    return Result(_SERVICE, check, "ok", words)


def judge_dead_letters(answer: JsonObject, address: str) -> Result:
    """Judge what could not be used in the last day; `answer` has the aggregation `reasons`."""
    count = answer["hits"]["total"]["value"]
    if not count:
        return Result(_SERVICE, "dead letters", "ok", "none in the last 24 hours")
    buckets = answer.get("aggregations", {}).get("reasons", {}).get("buckets", [])
    reasons = ", ".join(f"{bucket['key']} {bucket['doc_count']:,}" for bucket in buckets)
    return Result(
        _SERVICE,
        "dead letters",
        "warning",
        f"{count:,} in the last 24 hours{f' ({reasons})' if reasons else ''}",
        f"read them: `curl '{address}/{DEAD_LETTERS}/_search?sort=@timestamp:desc&size=5&pretty'`",
    )


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return listed(names[:_MOST_NAMES], "and") if more <= 0 else f"{', '.join(names[:_MOST_NAMES])} and {more} more"


# -------------------------------------------------------------------------------------------------- asking


def reachable(elastic: Elastic) -> Result:
    """Ask who answers. Raises ElasticError when nobody does, or not Elasticsearch."""
    said = elastic.request("GET", "/")
    version = str(said.get("version", {}).get("number", "of no stated version"))
    words = f"version {version}, cluster '{elastic.words(str(said.get('cluster_name', '')))}'"
    return Result(_SERVICE, "answers", "ok", words)


def check_elasticsearch(
    elastic: Elastic, root: Path | None, patterns: Sequence[Pattern], now_ms: float
) -> Iterator[Result]:
    """Look at everything but whether it answers; `root` is the project's folder, `now_ms` the time (epoch ms)."""
    yield from looked(_SERVICE, "health", lambda: _health(elastic))
    yield from looked(_SERVICE, "disk", lambda: _disk(elastic))
    resources: list[Resource] = []
    if root is not None and look_at(root / FOLDER).kind == "folder":
        resources = read_resources(root)
        yield from looked(_SERVICE, "templates", lambda: _templates(elastic, resources))
    for pattern in patterns:
        yield from looked(_SERVICE, f"events in {pattern.indices}", partial(_events, elastic, pattern, now_ms))
    if any(resource.kind is Kind.template and DEAD_LETTERS in resource.patterns for resource in resources):
        yield from looked(_SERVICE, "dead letters", lambda: _dead_letters(elastic))


def _health(elastic: Elastic) -> Iterator[Result]:
    health = elastic.request("GET", "/_cluster/health")
    red = []
    if health["status"] == "red":
        listed_ = elastic.request("GET", "/_cat/indices", params={"health": "red", "format": "json", "h": "index"})
        red = sorted(elastic.words(str(one["index"])) for one in listed_)
    yield judge_health(health, red, elastic.address)
    most = _setting(elastic, "cluster.max_shards_per_node").get("cluster", {}).get("max_shards_per_node", 1000)
    yield judge_shards(health, int(most))


def _disk(elastic: Elastic) -> Iterator[Result]:
    names = "nodes.*.name,nodes.*.fs.total"
    stats = elastic.request("GET", "/_nodes/stats/fs", params={"filter_path": names})
    disk: Json = _setting(elastic, "cluster.routing.allocation.disk.watermark")
    for name in ("cluster", "routing", "allocation", "disk", "watermark"):
        disk = disk.get(name, {})
    yield from judge_disk(stats.get("nodes", {}), disk)


def _setting(elastic: Elastic, name: str) -> JsonObject:
    """Give a setting of the cluster as it counts: transient before persistent before default."""
    params: dict[str, str | int | bool] = {"include_defaults": True, "filter_path": f"*.{name}"}
    said = elastic.request("GET", "/_cluster/settings", params=params)
    merged: JsonObject = {}
    for source in ("defaults", "persistent", "transient"):
        merged = _over(merged, said.get(source, {}))
    return merged


def _over(below: JsonObject, above: JsonObject) -> JsonObject:
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        result[key] = _over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def _templates(elastic: Elastic, resources: list[Resource]) -> Iterator[Result]:
    able = abilities(elastic)
    outcomes = [look(elastic, resource, resources, able) for resource in resources]
    yield from judge_templates(outcomes, lacking(resources, able), elastic.address)


def _events(elastic: Elastic, pattern: Pattern, now_ms: float) -> Iterator[Result]:
    body: JsonObject = {"size": 0, "track_total_hits": 1}
    if pattern.time_field is not None:
        body["aggs"] = {"last": {"max": {"field": pattern.time_field}}}
    answer = elastic.request("POST", path_of(pattern.indices, "_search"), body=body, params=LENIENT)
    yield judge_events(pattern, answer, now_ms, elastic.address)


def _dead_letters(elastic: Elastic) -> Iterator[Result]:
    body = {
        "size": 0,
        "track_total_hits": True,
        "query": {"range": {"@timestamp": {"gte": "now-24h"}}},
        "aggs": {"reasons": {"terms": {"field": "reason"}}},
    }
    answer = elastic.request("POST", path_of(DEAD_LETTERS, "_search"), body=body, params=LENIENT)
    yield judge_dead_letters(answer, elastic.address)
