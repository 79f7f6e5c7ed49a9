"""The list of checks, and laws that hold for all of them."""

from __future__ import annotations

import copy
import importlib
import pkgutil
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kibana_builder.checks
from kibana_builder.checks import CHECKS, all_problems
from kibana_builder.json_tree import Json
from tests.checks.found import found
from tests.project_folder import METRIC, source_of
from tests.spec.documents import GOOD_DASHBOARDS, GOOD_VISUALIZATIONS

PROJECT = """\
project: shop
data_views:
  ml-metrics: {index_pattern: "ml-metrics-*", template: templates/metrics.json}
"""


def test_every_rule_has_its_page() -> None:
    """Each module with a `find` is in the list, and its docstring begins with its rule and has an example."""
    modules = {
        module.find: module.__doc__ or ""
        for info in pkgutil.iter_modules(kibana_builder.checks.__path__)
        if hasattr(module := importlib.import_module(f"kibana_builder.checks.{info.name}"), "find")
    }
    assert {check.find for check in CHECKS} == set(modules)
    assert len({check.rule for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        assert modules[check.find].startswith(check.rule)
        assert "\n    " in modules[check.find], f"{check.rule} has no example"


def test_problems_come_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    """Whichever check found them."""
    bad = METRIC.replace("plain", "nothing")
    problems = found(tmp_path, {"visualizations/b.yaml": bad, "visualizations/a.yaml": f"id: shop-b\n{bad}"})
    places = [(problem.file, problem.line, problem.column) for problem in problems]
    assert places == sorted(places)
    assert [problem.rule for problem in problems] == ["unknown-data-view", "duplicate-id", "unknown-data-view"]


def paths_of(value: Json) -> list[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((key, *path) for key, item in items for path in paths_of(item))]


ALL = [*GOOD_DASHBOARDS.values(), *GOOD_VISUALIZATIONS.values()]
OTHER_VALUES = st.sampled_from(
    [None, True, 0, 47, -1, 1.5, "", "x", "ml-metrics", "a-*", [], {}, [{}], {"operation": "count"}]
)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.data())
def test_a_damaged_document_makes_no_traceback(tmp_path: Path, data: st.DataObject) -> None:
    """A good document with any one value replaced is loaded, expanded and checked, or refused with its place."""
    document = copy.deepcopy(data.draw(st.sampled_from(ALL)))
    path = data.draw(st.sampled_from(paths_of(document)[1:]))
    owner: Json = document
    for step in path[:-1]:
        owner = owner[step]
    if data.draw(st.booleans()):
        owner[path[-1]] = data.draw(OTHER_VALUES)
    else:
        del owner[path[-1]]
    for problem in all_problems(source_of(tmp_path, {"dashboards/a.yaml": document}, project=PROJECT)):
        assert problem.line >= 1
        assert problem.end_column > problem.column >= 1
