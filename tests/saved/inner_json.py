"""Trees of saved objects with the JSON in their strings opened: `{"$json": …}` stands for such a string."""

from __future__ import annotations

from kibana_builder.json_tree import Json, compact


def closed(value: Json) -> Json:
    """Make strings again of what was opened."""
    if isinstance(value, dict):
        if value.keys() == {"$json"}:
            return compact(closed(value["$json"]))
        return {key: closed(entry) for key, entry in value.items()}
    return [closed(entry) for entry in value] if isinstance(value, list) else value
