"""Ids come from names: they are unique, and what happens to one panel changes no id of another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.spec.panel_ids import NameOf, slug, unique_ids


def named(*names: str) -> list[NameOf]:
    return [NameOf(None, name, "xy") for name in names]


def test_slugs() -> None:
    """Small letters, digits and hyphens; letters of every alphabet stay."""
    assert slug("Latency (P95), EU-West") == "latency-p95-eu-west"
    assert slug("Größe der Straße") == "grösse-der-strasse"
    assert slug("応答時間 ms") == "応答時間-ms"
    assert slug("!?") == ""
    assert len(slug("a" * 500)) == 64


def test_a_second_panel_of_a_name_gets_a_number() -> None:
    """It never takes the name of a panel that is called so."""
    assert unique_ids(named("a", "a", "a-2", "a")) == ["a", "a-3", "a-2", "a-4"]


def test_a_written_id_is_kept() -> None:
    """Also when a name would have been the same, or it is written twice."""
    names = [*named("a"), NameOf("a", "b", "xy"), NameOf("a", "c", "xy")]
    assert unique_ids(names) == ["a-2", "a", "a"]


def test_without_a_name_the_kind_counts() -> None:
    """Each kind for itself."""
    names = [NameOf(None, "", "xy"), NameOf(None, "", "pie"), NameOf(None, "", "xy"), NameOf("mine", "", "xy")]
    assert unique_ids(names) == ["xy-1", "pie-1", "xy-2", "mine"]


NAMES = st.lists(
    st.builds(NameOf, st.none(), st.sampled_from(["", "a", "b", "a-2", "a-3"]), st.sampled_from(["xy", "a"])),
    max_size=8,
)


@given(NAMES)
def test_ids_are_unique(names: list[NameOf]) -> None:
    """Whatever the names."""
    ids = unique_ids(names)
    assert len(set(ids)) == len(names)


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.integers(0, 6), st.data())
def test_moving_and_inserting_changes_no_other_id(names: list[str], place: int, data: st.DataObject) -> None:
    """Panels of different names keep their ids in any order, and beside any new one."""
    before = dict(zip(names, unique_ids(named(*names)), strict=True))
    shuffled = data.draw(st.permutations(names))
    changed = [*shuffled[:place], "new", *shuffled[place:]]
    after = dict(zip(changed, unique_ids(named(*changed)), strict=True))
    assert {name: after[name] for name in names} == before
