"""`kbuild build`: the files as saved objects, or as documents of the Dashboards API."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from kibana_builder.commands.options import STREAM, ContextOption, PathsArgument, sound_source
from kibana_builder.commands.output import emit, print_problems, tell
from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json, JsonObject

if TYPE_CHECKING:
    from kibana_builder.files.source import Source, Spec

TYPE_NAMES = {"index-pattern": "data view", "tag": "tag", "lens": "visualization", "dashboard": "dashboard"}


class BuildFormat(StrEnum):
    """What the files become."""

    ndjson = "ndjson"
    as_code = "as-code"


OutputOption = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="PATH",
        help="Where to write: the NDJSON file, or the folder of as-code documents; without it, or with -, to stdout.",
        show_default=False,
    ),
]
FormatOption = Annotated[
    BuildFormat,
    typer.Option(
        "--format",
        help="ndjson (the default): saved objects for Kibana's import; as-code: bodies for Elastic's Dashboards API.",
        show_default=False,
    ),
]


def build(
    paths: PathsArgument = None,
    output: OutputOption = None,
    format: FormatOption = BuildFormat.ndjson,
    context: ContextOption = None,
) -> None:
    """Turn the files into saved objects, with what they refer to. Needs no server.

    As as-code documents, one selected file gives its document, several give a list of {kind, id, document}; in a
    folder each gets a file named after its id; what only kbuild has words for is left out, with a warning. Where the
    files have errors, nothing is written.
    """
    source = sound_source(paths, context)
    if output == STREAM:
        output = None
    if not source.selected:
        raise KbuildError("there is nothing to build: the project has no dashboard and no visualization")
    if format is BuildFormat.ndjson:
        _build_ndjson(source, output)
    else:
        _build_as_code(source, output)


def _build_ndjson(source: Source, output: Path | None) -> None:
    from kibana_builder.files.atomic import write_atomically
    from kibana_builder.files.ndjson import write_ndjson
    from kibana_builder.saved.build import build as build_objects

    objects = [built.object for built in build_objects(source)]
    text = write_ndjson(objects)
    if output is None:
        emit(text + "\n")
    else:
        write_atomically(output, text)
        tell(f"wrote {output}: {_counted(TYPE_NAMES.get(item['type'], str(item['type'])) for item in objects)}")


def _build_as_code(source: Source, output: Path | None) -> None:
    from kibana_builder.files.atomic import write_atomically
    from kibana_builder.saved.build import build_official

    official = build_official(source)
    documents = official.documents
    print_problems(official.left_out, stream=sys.stderr)
    if output is None:
        emit(_json(_for_a_pipe(documents)))
        return
    for spec, document in documents:
        file = output / f"{spec.kind}s" / f"{quote(spec.id, safe='')}.json"
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise KbuildError(f"cannot make the folder {file.parent}: {error.strerror or error}") from None
        write_atomically(file, _json(document))
    tell(f"wrote {output}: {_counted(spec.kind for spec, _ in documents)}")


def _for_a_pipe(documents: list[tuple[Spec, JsonObject]]) -> Json:
    if len(documents) == 1:
        return documents[0][1]
    return [{"kind": spec.kind, "id": spec.id, "document": document} for spec, document in documents]


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _counted(words: Iterable[str]) -> str:
    counts = Counter(words)
    return ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for word, number in counts.items())
