"""Pictures by their structure: what is written in each, and how many marks of which kind and colour are drawn.

Where a mark lies to the pixel is left to Vega and may change with its version; that it is there may not.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from kibana_builder.files.project import load_project
from kibana_builder.files.source import load_source
from kibana_builder.preview.dashboard_view import view_of
from kibana_builder.preview.duckdb import DuckExecutor
from kibana_builder.preview.project_stage import ProjectShow
from kibana_builder.preview.stage import Stage
from kibana_builder.preview.still import still_svg
from kibana_builder.sandbox.events import Events
from tests.preview.shown import FILES, lines
from tests.project_folder import write_files

MARKS = ("path", "rect", "circle", "line", "polygon", "image")


def pictures() -> Iterator[tuple[str, str]]:
    """Draw the dashboards of the page's tests; give each one's id and structure."""
    with TemporaryDirectory() as name, Events() as events:
        folder = Path(name)
        write_files(folder, FILES)
        events.append("events-1", lines())
        show = ProjectShow(lambda: load_source(load_project(folder / "kbuild.yaml")))
        stage = Stage(show.library, show.version, DuckExecutor(events), now_ms=lambda: 1_767_312_000_000)
        for dashboard in show.library().dashboards:
            yield dashboard, structure(still_svg(stage, view_of(show.library(), dashboard), 1200))


def structure(svg: str) -> str:
    """Write the words of a picture in their order, a line each, and below them its marks by kind and colour."""
    elements = list(ET.fromstring(svg).iter())
    words = ["".join(one.itertext()).strip() for one in elements if _tag(one) == "text"]
    marks = Counter(
        f"{_tag(one)} fill={one.get('fill', '-')} stroke={one.get('stroke', '-')}"
        for one in elements
        if _tag(one) in MARKS
    )
    return "\n".join([*filter(None, words), "", *(f"{count:4} {mark}" for mark, count in sorted(marks.items())), ""])


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
