"""`kbuild verify-roundtrip`: tell how much of saved objects survives the way into documents and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.in_kibana import Form, FormOption
from kibana_builder.commands.output import emit, safe, tell, write
from kibana_builder.errors import KbuildError
from kibana_builder.spec.words import counted

if TYPE_CHECKING:
    from kibana_builder.sync.roundtrip import Roundtrip, Tally

_HEAD = ("count", "exact", "clean", "small", "raw")
_LISTED = 20


def verify_roundtrip(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATHS...", help="Files of saved objects (NDJSON or JSON), or folders of them."),
    ],
    format: FormOption = Form.text,
) -> int:
    """Turn saved objects into documents and back, and compare. Needs no server and no project.

    Reads what Kibana exports, and the folders of integrations. Of each type it counts how many objects come back the
    same (exact), and how many need no raw part (clean), a small one of at most five leaves, or a whole raw panel or
    object. Then it lists why, the most frequent reason first. Exits with 1 when there is no object, or one does not
    come back the same.
    """
    from kibana_builder.sync.roundtrip import verify_roundtrip as verify

    found = verify(paths)
    if format is Form.json:
        emit(json.dumps(_as_json(found), indent=2) + "\n")
    else:
        _print(found)
    if not found.types:
        raise KbuildError("there is no saved object in any of these files")
    return 1 if found.different else 0


def _print(found: Roundtrip) -> None:
    if found.types:
        _print_table("type", found.types)
    if found.charts:
        _print_table("Lens charts", found.charts)
    if "dashboard" in found.types:
        _print_table("dashboards without their panels", {"attributes": found.settings})
    if found.reasons:
        write("why something is raw")
        width = len(str(max(found.reasons.values())))
        for (sort, reason), count in _by_count(found):
            write(f"  {count:>{width}}  {safe(sort)}: {safe(reason)}")
        write("")
    _print_list("no saved object in", found.without_objects)
    _print_list("no JSON in", found.no_json)
    _print_list("not the same afterwards", found.different)
    objects = sum(tally.count for tally in found.types.values())
    exact = sum(tally.exact for tally in found.types.values())
    raw = sum(tally.count - tally.clean for tally in found.types.values())
    tell(f"{counted(objects, 'object')} in {counted(found.files, 'file')}, {exact:,} exact, {raw:,} with raw")


def _by_count(found: Roundtrip) -> list[tuple[tuple[str, str], int]]:
    return sorted(found.reasons.items(), key=lambda entry: (-entry[1], entry[0]))


def _print_table(title: str, tallies: Mapping[str, Tally]) -> None:
    rows: list[tuple[str, ...]] = [(title, *_HEAD)]
    rows += [(safe(name), *map(str, _numbers(tally))) for name, tally in sorted(tallies.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD) + 1)]
    for name, *numbers in rows:
        cells = [number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True)]
        write("  ".join([name.ljust(widths[0]), *cells]))
    write("")


def _numbers(tally: Tally) -> tuple[int, ...]:
    return tally.count, tally.exact, tally.clean, tally.with_remainder, tally.raw


def _print_list(title: str, entries: Sequence[str]) -> None:
    if entries:
        write(f"{title} ({len(entries)})")
        for entry in entries[:_LISTED]:
            write(f"  {safe(entry)}")
        if len(entries) > _LISTED:
            write(f"  … and {len(entries) - _LISTED} more")
        write("")


def _as_json(found: Roundtrip) -> dict[str, object]:
    names = ("count", "exact", "clean", "with_remainder", "raw")

    def numbers(tallies: Mapping[str, Tally]) -> dict[str, dict[str, int]]:
        return {name: dict(zip(names, _numbers(tally), strict=True)) for name, tally in sorted(tallies.items())}

    return {
        "files": found.files,
        "types": numbers(found.types),
        "charts": numbers(found.charts),
        "dashboard_attributes": numbers({"": found.settings})[""],
        "reasons": [{"of": sort, "reason": reason, "count": count} for (sort, reason), count in _by_count(found)],
        "different": found.different,
        "without_objects": found.without_objects,
        "no_json": found.no_json,
    }
