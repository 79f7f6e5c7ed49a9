"""Events of files and of the generator into the sandbox's store, each into the index that a data view finds it in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from kibana_builder.errors import KbuildError
from kibana_builder.files.index_templates import read_template
from kibana_builder.preview.library import DataView
from kibana_builder.sandbox.events import Events, Mappings
from kibana_builder.spec.fields import Template, fields_of

__all__ = ["index_for", "load_file", "mappings_of"]


def mappings_of(templates: Mapping[str, Path]) -> Mappings:
    """Read the mapping types of index templates, by the index patterns of the data views that name them."""
    found = {}
    for pattern, path in templates.items():
        template = read_template(path)
        if isinstance(template, Template):
            found[pattern] = {name: field.type for name, field in fields_of(template).by_name.items()}
    return found


def load_file(events: Events, path: Path, views: Iterable[DataView]) -> int:
    """Load a file of events, one JSON object a line, into an index that a data view means; give how many.

    Events of one of the generator's types go where their data view looks for them; which one that is, the first line
    tells. Any others go to the first data view. Raises KbuildError.
    """
    try:
        with path.open("rb") as stream:
            first = stream.readline()
    except OSError as error:
        raise KbuildError(f"{path} cannot be read: {error.strerror or error}") from None
    return events.load(index_for(first, list(views)), path)


def index_for(line: bytes, views: list[DataView]) -> str:
    """Give the name of an index for events like this one."""
    from generator.event import EVENT_TYPES

    patterns = [view.pattern for view in views]
    try:
        event = json.loads(line)
        kind = EVENT_TYPES.get(event.get("type", ""))
    except (ValueError, AttributeError):
        kind = None
    if kind is not None and any(pattern.startswith(kind.index) for pattern in patterns):
        return f"{kind.index}-data"
    return patterns[0].split(",")[0].replace("*", "data") if patterns else "data"
