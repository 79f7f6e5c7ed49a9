"""Events of files and of the generator into the sandbox's store, each into the index that a data view finds it in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from generator.event import EVENT_TYPES, EventType
from kibana_builder.errors import KbuildError
from kibana_builder.files.index_templates import read_template
from kibana_builder.files.project import Project
from kibana_builder.preview.library import DataView
from kibana_builder.sandbox.demo_events import enriched
from kibana_builder.sandbox.events import Events, EventsError, Mappings
from kibana_builder.spec.fields import Template, fields_of

__all__ = ["load_file", "mappings_of"]

PORTION = 20_000


def _kind_of(line: bytes) -> EventType | None:
    """Tell which of the generator's types an event has, if it has one."""
    try:
        event = json.loads(line)
        return EVENT_TYPES.get(event.get("type", ""))
    except (ValueError, AttributeError, TypeError):
        return None


def mappings_of(project: Project) -> Mappings:
    """Read the mapping types of a project's index templates, by the index patterns of the data views that name them."""
    found = {}
    for view in project.data_views.values():
        template = read_template(project.root / view.template) if view.template else None
        if isinstance(template, Template):
            found[view.index_pattern] = {name: field.type for name, field in fields_of(template).by_name.items()}
    return found


def load_file(events: Events, path: Path, views: Iterable[DataView]) -> int:
    """Load a file of events, one JSON object a line, into an index that a data view means; give how many.

    Events of one of the generator's types go where their data view looks for them, and get what the ingest pipeline
    would add; which type that is, the first line tells. Any others go to the first data view as they are. Raises
    KbuildError.
    """
    try:
        with path.open("rb") as stream:
            first = stream.readline()
            kind = _kind_of(first)
            index = _index_for(kind, [view.pattern for view in views])
            if kind is None:
                return events.load(index, path)
            stream.seek(0)
            return sum(events.append(index, part) for part in _enriched(stream, path))
    except OSError as error:
        raise KbuildError(f"{path} cannot be read: {error.strerror or error}") from None
    except EventsError as error:
        if error.line is None:
            raise
        raise KbuildError(f"{path}:{error.line}: this line {error.why}") from None


def _enriched(lines: Iterable[bytes], path: Path) -> Iterator[list[bytes]]:
    """Give the events in portions, with what the ingest pipeline would add."""
    portion: list[bytes] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
            portion.append(json.dumps({**enriched(event), **event}).encode())
        except (ValueError, TypeError):
            raise KbuildError(f"{path}:{number}: this line is no JSON object") from None
        if len(portion) == PORTION:
            yield portion
            portion = []
    yield portion


def _index_for(kind: EventType | None, patterns: Sequence[str]) -> str:
    """Give the name of an index for events of a kind."""
    if kind is not None and any(pattern.startswith(kind.index) for pattern in patterns):
        return f"{kind.index}-data"
    return patterns[0].split(",")[0].replace("*", "data") if patterns else "data"
