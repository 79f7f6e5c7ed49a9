"""The version rules for an object that comes in: too new is refused, and so is one that would have to be migrated.

Facts: recordings import_*_too_new, norm_* and section 2 of NORMALISATION.md beside them. Kibana compares with the
version of the object's type (dashboard 8.9.0), not with its own. The sandbox has none of Kibana's migrations; an
object that needs one is refused in words, because storing it as it is would show what no Kibana shows.
"""

from __future__ import annotations

import re

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.sandbox.answers import Refusal
from kibana_builder.sandbox.object_types import CORE_VERSION, KIBANA_VERSION, TYPES, ObjectType

UNCHANGED = ("index-pattern", "tag")
"""Types whose old objects Kibana only stamps (norm_dv_no_versions; import_10000_objects has bare tags)."""


def imported(document: JsonObject) -> JsonObject:
    """Stamp a document of a file with the versions under which Kibana stores it.

    Raises Refusal (422) when it is too new, or so old that Kibana would migrate it.
    """
    kind = TYPES[document["type"]]
    core = _text(document.get("coreMigrationVersion"))
    if _order(core) > _order(KIBANA_VERSION):
        raise Refusal(
            422,
            f'Document "{document["id"]}" has a "coreMigrationVersion" which belongs to a more recent version'
            f" of Kibana [{core}]. The current version is [{KIBANA_VERSION}].",
        )
    claimed = _claimed(document)
    if kind.version and _order(claimed) > _order(kind.version):
        raise Refusal(
            422,
            f'Document "{document["id"]}" belongs to a more recent version of Kibana [{claimed}]'
            f" when the last known version is [{kind.last_migration}].",
        )
    stored = _stored(kind, claimed)
    if stored is None:
        raise Refusal(
            422,
            f'Document "{document["id"]}" is of an older version [{claimed or "no typeMigrationVersion"}]. Kibana would'
            f" migrate it to [{kind.version}]; the sandbox cannot: take it through a Kibana, import and export.",
        )
    stamped = {**document, "typeMigrationVersion": stored, "coreMigrationVersion": max(core, CORE_VERSION, key=_order)}
    if _order(core) < _order(CORE_VERSION):
        # Before 8.8 the versions stood in migrationVersion; from then on it is refused as an unknown property.
        stamped.pop("migrationVersion", None)
    return stamped


def created(document: JsonObject) -> JsonObject:
    """Stamp a document that came through the API for one object: without a version it is of the current one."""
    if _claimed(document):
        return imported(document)
    return imported({**document, "typeMigrationVersion": TYPES[document["type"]].version or CORE_VERSION})


def _claimed(document: JsonObject) -> str:
    legacy = document.get("migrationVersion")
    older = legacy.get(document["type"]) if isinstance(legacy, dict) else None
    return _text(document.get("typeMigrationVersion")) or _text(older)


def _stored(kind: ObjectType, claimed: str) -> str | None:
    if _order(claimed) >= _order(kind.last_migration):
        return claimed or CORE_VERSION
    return kind.last_migration if kind.name in UNCHANGED else None


def _order(version: str) -> tuple[int, ...]:
    match = re.match(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})", version)
    return tuple(map(int, match.groups())) if match else ()


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
