"""The saved-object types of Kibana 8.12.2 that the sandbox keeps, and what the API shows of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kibana_builder.json_tree import Json, JsonObject

KIBANA_VERSION = "8.12.2"
CORE_VERSION = "8.8.0"
"""The coreMigrationVersion that Kibana 8.12.2 writes (recording norm_dv_min)."""


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One type: its name, its icon, and the attribute that holds its title.

    `version` is the typeMigrationVersion that Kibana gives an object made through its API; "" where it was not
    measured. `migrated` is the version of the last migration, where that is an older one. `attributes` are those
    that Elasticsearch takes, where its mapping is strict; `objects` are those of them that hold an object.
    """

    name: str
    icon: str
    version: str = ""
    migrated: str = ""
    title: str = "title"
    attributes: Collection[str] | None = None
    objects: Collection[str] = ()

    @property
    def last_migration(self) -> str:
        return self.migrated or self.version

    def title_of(self, attributes: JsonObject) -> Json:
        """Give the title that an import reports; a data view's is its name, where it has one."""
        name = attributes.get("name") if self.name == "index-pattern" else None
        return name or attributes.get(self.title)


# Every one of these types is "multi-namespace": an id lives once in the whole cluster, not once in each space.
TYPES = {
    each.name: each
    for each in (
        ObjectType("canvas-workpad", "canvasApp", title="name"),
        ObjectType("dashboard", "dashboardApp", "8.9.0"),
        ObjectType("event-annotation-group", "flag"),
        # Objects claim 8.0.0, when the type became multi-namespace, but its last migration is of 7.11 (norm_dv_*).
        ObjectType("index-pattern", "indexPatternApp", "8.0.0", migrated="7.11.0"),
        ObjectType(
            "lens",
            "lensApp",
            "8.9.0",
            attributes=("title", "description", "visualizationType", "state"),
            objects=("state",),
        ),
        ObjectType("links", "link"),
        ObjectType(
            "map",
            "gisApp",
            "8.4.0",
            attributes=("title", "description", "version", "mapStateJSON", "layerListJSON", "uiStateJSON", "bounds"),
        ),
        ObjectType("query", "search"),
        ObjectType("search", "discoverApp"),
        ObjectType("tag", "tag", "8.0.0", title="name", attributes=("name", "description", "color")),
        ObjectType("visualization", "visualizeApp", "8.5.0"),
    )
}
