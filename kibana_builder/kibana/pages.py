"""Where a person sees an object in Kibana."""

from __future__ import annotations

from urllib.parse import quote

from kibana_builder.kibana.http import Kibana
from kibana_builder.saved.ids import Key

__all__ = ["page_of"]

_PAGES = {
    "dashboard": "/app/dashboards#/view/{id}",
    "lens": "/app/lens#/edit/{id}",
    "visualization": "/app/visualize#/edit/{id}",
    "map": "/app/maps/map/{id}",
    "search": "/app/discover#/view/{id}",
    "index-pattern": "/app/management/kibana/dataViews/dataView/{id}",
}
_ANY_OTHER = "/app/management/kibana/objects"


def page_of(kibana: Kibana, key: Key) -> str:
    """Give the address of an object's page; of a type without one, that of the list of all saved objects."""
    return kibana.url(_PAGES.get(key[0], _ANY_OTHER).format(id=quote(key[1], safe="")))
