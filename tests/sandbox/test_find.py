"""`_find`: words, references, filters and pages."""

from __future__ import annotations

import pytest

from kibana_builder.sandbox.find import search_of
from tests.sandbox.conftest import Api, dashboard, lens, tag


@pytest.mark.parametrize(
    ("search", "every", "fits"),
    [
        ("latency", False, True),
        ("LATENCY", False, True),
        ("lat", False, False),
        ("lat*", False, True),
        ("latency errors", False, True),
        ("latency errors", True, False),
        ('"inference latency"', False, True),
        ('"latency inference"', False, False),
        ("inference -latency", True, False),
        ("-errors", False, True),
        ("*", False, True),
        ("-", False, False),
        ("", False, False),
    ],
)
def test_simple_query_string(search: str, every: bool, fits: bool) -> None:
    """Words, beginnings of words, phrases and what must be absent are understood."""
    assert search_of(search, every=every)(["Inference latency (ms)", "over time"]) is fits


def test_fields_and_pages(api: Api) -> None:
    """Only the wanted attributes come, page by page, in the order of writing, and `total` counts all."""
    api.upload(*(tag(f"t{i}", f"tag {i}") for i in range(5)))
    body = api.get("/api/saved_objects/_find?type=tag&per_page=2&page=2&fields=name&fields=color").json()
    assert (body["page"], body["per_page"], body["total"]) == (2, 2, 5)
    assert [each["attributes"] for each in body["saved_objects"]] == [
        {"name": "tag 2", "color": "#112233"},
        {"name": "tag 3", "color": "#112233"},
    ]


def test_search_and_filter(api: Api) -> None:
    """A search looks into titles and descriptions, or where it is told to; a filter into one attribute."""
    api.upload(dashboard("a", attributes={"title": "Blue"}), dashboard("b", attributes={"description": "blue"}))

    def ids(query: str) -> list[str]:
        found = api.get(f"/api/saved_objects/_find?type=dashboard&{query}").json()
        return [each["id"] for each in found["saved_objects"]]

    assert ids("search=blue") == ["a", "b"]
    assert ids("search=blue&search_fields=title^3") == ["a"]
    assert ids('filter=dashboard.attributes.title:"blue"') == ["a"]
    assert ids("filter=dashboard.attributes.description:blu*") == ["b"]


def test_references(api: Api) -> None:
    """One of several references, or all of them."""
    api.upload(dashboard("one", "x"), dashboard("two", "x", "y"), lens("other"))
    both = '[{"type":"lens","id":"x"},{"type":"lens","id":"y"}]'

    def ids(operator: str) -> list[str]:
        params = {"type": "dashboard", "has_reference": both, "has_reference_operator": operator}
        return [each["id"] for each in api.get("/api/saved_objects/_find", params=params).json()["saved_objects"]]

    assert ids("OR") == ["one", "two"]
    assert ids("AND") == ["two"]


def test_sorted(api: Api) -> None:
    """Times can be sorted by."""
    api.upload(tag("a"))
    api.upload(tag("b"))
    found = api.get("/api/saved_objects/_find?type=tag&sort_field=updated_at").json()["saved_objects"]
    assert [each["id"] for each in found] == ["a", "b"]
    assert found[0]["score"] is None
    assert isinstance(found[0]["sort"][0], int)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "[request query.type]: expected at least one defined value but got [undefined]"),
        ("type=tag&per_page=x", "[request query.per_page]: expected value of type [number] but got [string]"),
        (f"type=tag&page={'9' * 5000}", "[request query.page]: expected value of type [number] but got [string]"),
        ("type=tag&per_page=1.5", "[request query.per_page]: must be a whole number"),
        ("type=tag&per_page=-1", "[request query.per_page]: Value must be equal to or greater than [0]."),
        ("type=tag&page=0", "[from] parameter cannot be negative"),
        ("type=tag&per_page=10000&page=2", "Result window is too large"),
        ("type=tag&sort_field=name", "Fielddata is disabled on [tag.name]"),
        ("type=tag&has_reference=x", "could not parse object value from json input"),
        ("type=tag&has_reference_operator=XOR", "types that failed validation"),
        ("type=tag&filter=tag.name:x", "does NOT match the filter proposition"),
        ("type=tag&filter=lens.attributes.title:x", "This type lens is not allowed"),
        ("type=tag&filter=a and (b or c)", "the sandbox knows only filters of the form"),
    ],
)
def test_queries_that_are_refused(api: Api, query: str, words: str) -> None:
    """A query that cannot be answered is refused with the reason."""
    answer = api.get(f"/api/saved_objects/_find?{query}")
    assert answer.status_code == 400
    assert words in answer.json()["message"]
