"""Events of files and of the generator into the sandbox's store, each into the index that a data view finds it in."""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import itertools
import json
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from generator.event import EVENT_TYPES, EventType
from kibana_builder.errors import KbuildError
from kibana_builder.files.index_templates import read_template
from kibana_builder.files.project import Project
from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.library import DataView
from kibana_builder.sandbox.demo_events import enriched
from kibana_builder.sandbox.events import Events, EventsError, Mappings
from kibana_builder.spec.fields import Template, fields_of

__all__ = ["load_file", "mappings_of"]

PORTION = 20_000
LONGEST_LINE = 16 * 1024 * 1024
"""What goes on for longer without a line break is no event."""
STDIN = Path("-")
GZIP = b"\x1f\x8b"
"""What such a file begins with, whatever its name."""


def mappings_of(project: Project) -> tuple[Mappings, Mappings]:
    """Read the index templates of a project, by the index patterns of the data views that name them.

    Gives what a store of events takes: the types of fields, and how Elasticsearch makes values of some (`made`).
    """
    types: dict[str, dict[str, str]] = {}
    made: dict[str, dict[str, str]] = {}
    for view in project.data_views.values():
        template = read_template(project.root / view.template) if view.template else None
        if isinstance(template, Template):
            fields = fields_of(template).by_name
            types[view.index_pattern] = {name: field.type for name, field in fields.items()}
            made[view.index_pattern] = {name: field.made for name, field in fields.items() if field.made is not None}
    return types, made


def load_file(events: Events, path: Path, views: Sequence[DataView]) -> int:
    """Load a file of events, one JSON object a line, each into an index that a data view means; give how many.

    Where the first is an event of the generator, each goes where the data view of its type looks for it, and gets what
    the ingest pipeline would add. Any others go to the first data view as they are. The file may be compressed with
    gzip, a pipe, or `-`, which is stdin. Raises KbuildError.
    """
    patterns = [view.pattern for view in views]
    try:
        with _opened(path) as (stream, is_plain):
            begin = list(_to_first_event(stream))
            if not begin or not begin[-1].strip():
                return 0
            lines = itertools.chain(begin, _lines(stream))
            if _kind_of(_read(begin[-1], path, len(begin))) is not None:
                return sum(events.append(index, part) for index, part in _placed(lines, path, patterns))
            # DuckDB reads a file by itself, many times as fast.
            with contextlib.nullcontext(path) if is_plain else _copied(lines) as file:
                return events.load(_index_for(None, patterns), file)
    except EventsError as error:
        where, words = (path, error.why) if error.line is None else (f"{path}:{error.line}", f"this line {error.why}")
        raise KbuildError(f"{where}: {words}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise KbuildError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[io.BufferedIOBase, bool]]:
    """Open a file, or stdin, as what it holds uncompressed, and tell whether it lies on the disk just so."""
    with open(sys.stdin.fileno(), "rb", closefd=False) if path == STDIN else path.open("rb") as stream:
        if stream.peek(len(GZIP)).startswith(GZIP):
            with gzip.open(stream) as whole:
                yield whole, False
        else:
            yield stream, path != STDIN and path.is_file()


@contextlib.contextmanager
def _copied(lines: Iterable[bytes]) -> Iterator[Path]:
    """Give a file of these lines, for as long as it is needed."""
    with tempfile.NamedTemporaryFile(prefix="kbuild-events-", suffix=".ndjson") as copy:
        copy.writelines(lines)
        copy.flush()
        yield Path(copy.name)


def _lines(stream: io.BufferedIOBase) -> Iterator[bytes]:
    """Give the lines. Raises OSError for what goes on without an end, as a device may."""
    while line := stream.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise OSError(errno.EFBIG, f"a line of more than {LONGEST_LINE >> 20} MB is no event")
        yield line


def _to_first_event(stream: io.BufferedIOBase) -> Iterator[bytes]:
    """Give the lines up to the first that is not empty."""
    for line in _lines(stream):
        yield line
        if line.strip():
            return


def _placed(lines: Iterable[bytes], path: Path, patterns: Sequence[str]) -> Iterator[tuple[str, list[bytes]]]:
    """Give the events in portions of one index each, with what the ingest pipeline would add."""
    numbered = enumerate(lines, 1)
    while portion := list(itertools.islice(numbered, PORTION)):
        found: dict[str, list[bytes]] = {}
        for number, line in portion:
            if line.strip():
                event = _read(line, path, number)
                whole = json.dumps({**enriched(event), **event}).encode()
                found.setdefault(_index_for(_kind_of(event), patterns), []).append(whole)
        yield from found.items()


def _read(line: bytes, path: Path, number: int) -> JsonObject:
    """Read an event. Raises KbuildError with its place for what is none."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        raise KbuildError(f"{path}:{number}: this line is no JSON") from None
    if not isinstance(event, dict):
        raise KbuildError(f"{path}:{number}: this line is no JSON object")
    return event


def _kind_of(event: JsonObject) -> EventType | None:
    """Tell which of the generator's types an event has, if it has one."""
    kind = event.get("type")
    return EVENT_TYPES.get(kind) if isinstance(kind, str) else None


def _index_for(kind: EventType | None, patterns: Sequence[str]) -> str:
    """Give the name of an index for events of a kind."""
    if kind is not None and any(pattern.startswith(kind.index) for pattern in patterns):
        return f"{kind.index}-data"
    return patterns[0].split(",")[0].replace("*", "data") if patterns else "data"
