"""What a document does not say of a saved object, found by turning the document into one again."""

from __future__ import annotations

from kibana_builder.json_tree import Json, JsonObject, same

__all__ = ["left_over"]


def left_over(wanted: JsonObject, made: JsonObject) -> JsonObject:
    """Return the leaves of `wanted` that `made` lacks or has otherwise, in the shape of `wanted`.

    An entry of a list stands under its index, as a word; of lists of different length the whole list is left over.

    >>> left_over({"a": {"b": 1, "c": 2}, "d": [{"e": 3}, 4]}, {"a": {"b": 1}, "d": [{"e": 5}, 4]})
    {'a': {'c': 2}, 'd': {'0': {'e': 3}}}
    """
    rest: JsonObject = {}
    for key, value in wanted.items():
        if key not in made:
            rest[key] = value
        elif not same(value, made[key]):
            inner, made_inner = _members(value), _members(made[key])
            if inner is None or made_inner is None or _is_other_list(value, made[key]):
                rest[key] = value
            elif left := left_over(inner, made_inner):
                rest[key] = left
    return rest


def _is_other_list(wanted: Json, made: Json) -> bool:
    lists = isinstance(wanted, list), isinstance(made, list)
    return any(lists) and not (all(lists) and len(wanted) == len(made))


def _members(value: Json) -> JsonObject | None:
    if isinstance(value, list):
        return {str(index): entry for index, entry in enumerate(value)}
    return value if isinstance(value, dict) else None
