"""The state in a dashboard's address: Kibana's is read, the page's own is read back."""

from __future__ import annotations

from typing import Any

import pytest

from kibana_builder.preview.address import WrongAddress, address_of, settings_of

FILTER = {"type": "condition", "data_view_id": "m", "condition": {"field": "model", "operator": "is", "value": "a b"}}
EVERYTHING: dict[str, Any] = {
    "time_range": {"from": "now-7d", "to": "2026-11-24T00:00:00+01:00"},
    "refresh_ms": 30_000,
    "query": {"expression": 'model : a&b+c and "it\'s"'},
    "filters": [
        FILTER,
        {**FILTER, "negate": True, "label": "not ours", "disabled": True},
        {"type": "condition", "condition": {"field": "n", "operator": "range", "value": {"gte": 1, "lt": 2}}},
        {"type": "dsl", "dsl": {"query": {"prefix": {"model": "a"}}}},
    ],
    "controls": {"one": {"selected_options": ["x", 5], "exclude": True}},
    "expanded": "panel-1",
}


@pytest.mark.parametrize("name", [*EVERYTHING, ""])
def test_what_is_written_is_read_back(name: str) -> None:
    """Each choice alone, and all of them."""
    settings = {name: EVERYTHING[name]} if name else EVERYTHING
    assert settings_of(address_of(settings)) == settings


def test_nothing_chosen_is_nothing_written() -> None:
    """A dashboard as it is saved has its plain address; no filters are something else than none chosen."""
    assert address_of({}) == ""
    assert settings_of(address_of({"filters": []})) == {"filters": []}


def test_kibana_s_own() -> None:
    """A link of Kibana's: filters that are pinned come first, a paused refresh is none, percent signs and pluses."""
    meta = "meta:(alias:!n,disabled:!f,index:m,key:model,negate:!f,params:(query:{0}),type:phrase)"
    pinned = f"('$state':(store:globalState),{meta.format('p')},query:(match_phrase:(model:p)))"
    own = f"('$state':(store:appState),{meta.format('o')},query:(match_phrase:(model:o)))"
    group = "controlGroupInput:(panels:(c:(type:optionsListControl,explicitInput:(fieldName:f,selectedOptions:!(x)))))"
    settings = settings_of(
        f"_g=(filters:!({pinned}),refreshInterval:(pause:!t,value:5000),time:(from:now%2Fd,to:now%2Fd))"
        f"&_a=({group},expandedPanelId:p1,filters:!({own}),query:(language:lucene,query:'a+b'))"
    )
    assert [one["condition"]["value"] for one in settings["filters"]] == ["p", "o"]
    assert settings["refresh_ms"] == 0
    assert settings["time_range"] == {"from": "now/d", "to": "now/d"}
    assert settings["query"] == {"expression": "a b", "language": "lucene"}
    assert settings["controls"]["c"]["selected_options"] == ["x"]
    assert settings["expanded"] == "p1"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("_g=(", "_g in the address is no Rison"),
        ("_a=(filters:!(5))", "a filter without"),
        ("_a=(filters:5)", "filters that are no list"),
        ("_a=(query:(language:esql,query:x))", "a query in the language esql"),
    ],
)
def test_what_cannot_be_read(address: str, words: str) -> None:
    """Is said."""
    with pytest.raises(WrongAddress, match=words):
        settings_of(address)


@pytest.mark.parametrize(
    "address", ["_g=5&_a=!()&kbuild=x", "_g=(time:5,refreshInterval:x)", "other=1", "kbuild=(controls:(a:5))"]
)
def test_odd_shapes_are_left_out(address: str) -> None:
    """They choose nothing."""
    assert settings_of(address) == {}
