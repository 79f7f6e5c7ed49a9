"""The saved-object types that Kibana 8.12.2 imports and exports, and what the API shows of them."""

from __future__ import annotations

from dataclasses import dataclass

from kibana_builder.json_tree import JsonObject

KIBANA_VERSION = "8.12.2"
CORE_VERSION = "8.8.0"
"""The coreMigrationVersion that Kibana 8.12.2 writes (recording norm_dv_min)."""


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One type: its name, the typeMigrationVersion that Kibana writes, its icon and the attribute with its title.

    An id of a type that is `shared_ids` lives once in the whole cluster; one of the others once in each space.
    """

    name: str
    version: str
    icon: str
    title: str = "title"
    shared_ids: bool = True

    def title_of(self, attributes: JsonObject) -> str | None:
        """Give the title that the management page shows; a data view's is its name, where it has one."""
        name = attributes.get("name") if self.name == "index-pattern" else None
        title = name or attributes.get(self.title)
        return title if isinstance(title, str) else None


TYPES = {
    each.name: each
    for each in (
        ObjectType("dashboard", "8.9.0", "dashboardApp"),
        ObjectType("index-pattern", "8.0.0", "indexPatternApp"),
        ObjectType("lens", "8.9.0", "lensApp"),
        ObjectType("map", "8.4.0", "gisApp"),
        ObjectType("search", "8.0.0", "discoverApp"),
        ObjectType("tag", "8.0.0", "tag", title="name", shared_ids=False),
        ObjectType("visualization", "8.5.0", "visualizeApp"),
    )
}
