"""Kibana: its status and version, and whether it has the project's data views and dashboards."""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.doctor.result import Result, Service, looked
from kibana_builder.errors import KibanaError
from kibana_builder.files.source import Source
from kibana_builder.json_tree import JsonObject
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import bulk_get
from kibana_builder.kibana.spaces import require_space
from kibana_builder.kibana.status import OLDEST, Status, get_status
from kibana_builder.saved.ids import key_in_space

__all__ = ["check_kibana"]

_SERVICE = Service.kibana


def check_kibana(kibana: Kibana, source: Source) -> Iterator[Result]:
    """Look at everything. What comes after the status is asked only of a Kibana that answers."""
    try:
        status = get_status(kibana)
        require_space(kibana)
    except KibanaError as error:
        cure = "`kbuild stack up` starts one, which takes a minute; `contexts:` in kbuild.yaml says where another is"
        yield Result(_SERVICE, "answers", "problem", str(error), cure)
        return
    yield judge_status(status, kibana)
    yield from looked(_SERVICE, "data views", lambda: _data_views(kibana, source))
    yield from looked(_SERVICE, "dashboards", lambda: _dashboards(kibana, source))


def judge_status(status: Status, kibana: Kibana) -> Result:
    """Judge version and level."""
    name = f"version {kibana.words(status.number) or 'not told'}, space '{kibana.space}'"
    if status.is_too_old:
        cure = f"kbuild needs {'.'.join(map(str, OLDEST))} or later: STACK_VERSION in stack/.env says which is started"
        return Result(_SERVICE, "answers", "problem", name, cure)
    if status.level not in ("", "available"):
        words = f"{name}; it says of itself: {kibana.words(f'{status.level}, {status.summary}')}"
        return Result(_SERVICE, "answers", "warning", words, "`kbuild stack logs kibana --tail 50` shows what it wrote")
    return Result(_SERVICE, "answers", "ok", "; ".join([name, *status.notes]))


def _data_views(kibana: Kibana, source: Source) -> Iterator[Result]:
    project = source.project
    keys = {
        name: key_in_space(("index-pattern", project.data_view_id(name, source.context)), kibana.space, source.fixed)
        for name in project.data_views
    }
    found = bulk_get(kibana, keys.values())
    for name, key in keys.items():
        yield judge_data_view(name, project.data_views[name].index_pattern, found.get(key), kibana)


def judge_data_view(name: str, pattern: str, found: JsonObject | None, kibana: Kibana) -> Result:
    """Judge a data view: whether it is there, and looks at the indices that the project says."""
    check = f"data view {name}"
    if found is None:
        return Result(_SERVICE, check, "problem", "is not there", "`kbuild apply` brings it")
    title = str(found.get("attributes", {}).get("title", ""))
    if title != pattern:
        words = f"looks at {kibana.words(title)}, and kbuild.yaml says {pattern}"
        return Result(_SERVICE, check, "problem", words, "`kbuild plan` shows it, `kbuild apply` sets it right")
    return Result(_SERVICE, check, "ok", f"looks at {pattern}")


def _dashboards(kibana: Kibana, source: Source) -> Iterator[Result]:
    dashboards = [spec for spec in source.specs if spec.key[0] == "dashboard"]
    keys = {key_in_space(spec.key, kibana.space, source.fixed): spec.name for spec in dashboards}
    if not keys:
        return
    found = bulk_get(kibana, keys)
    absent = tuple(name for key, name in keys.items() if key not in found)
    if absent:
        words = f"{len(absent)} of {len(keys)} are not there"
        yield Result(_SERVICE, "dashboards", "problem", words, "`kbuild apply` brings them", absent)
    else:
        yield Result(_SERVICE, "dashboards", "ok", f"all {len(keys)} are there")
