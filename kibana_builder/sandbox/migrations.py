"""The version rules for an object that comes in: refused when too new, migrated or refused when too old.

Facts: recordings import_*_too_new, norm_* and NORMALISATION.md section 2. Kibana compares with the version of the
object's type (dashboard 8.9.0), not with its own.
"""

from __future__ import annotations

import re

from kibana_builder.json_tree import JsonObject
from kibana_builder.sandbox.answers import Refusal
from kibana_builder.sandbox.object_types import CORE_VERSION, KIBANA_VERSION, TYPES


def _order(version: str) -> tuple[int, ...]:
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    return tuple(map(int, match.groups())) if match else (0, 0, 0)


def stamped_version(document: JsonObject) -> str:
    """Give the version that a document claims, '' when it claims none."""
    legacy = document.get("migrationVersion")
    claimed = document.get("typeMigrationVersion") or (isinstance(legacy, dict) and legacy.get(document["type"]))
    return claimed if isinstance(claimed, str) else ""


def migrate(document: JsonObject) -> JsonObject:
    """Bring a document to the version of its type; raises Refusal (422) when it is too new."""
    kind = TYPES[document["type"]]
    core = document.get("coreMigrationVersion")
    if isinstance(core, str) and _order(core) > _order(KIBANA_VERSION):
        raise Refusal(
            422,
            f'Document "{document["id"]}" has a "coreMigrationVersion" which belongs to a more recent version'
            f" of Kibana [{core}]. The current version is [{KIBANA_VERSION}].",
        )
    version = stamped_version(document)
    if _order(version) > _order(kind.version):
        raise Refusal(
            422,
            f'Document "{document["id"]}" belongs to a more recent version of Kibana [{version}]'
            f" when the last known version is [{kind.version}].",
        )
    return {**document, "coreMigrationVersion": CORE_VERSION, "typeMigrationVersion": kind.version}
