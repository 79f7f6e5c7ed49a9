"""Panels without a place stand in reading order, never on another, whatever is written around them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.json_tree import JsonObject
from kibana_builder.spec.layout import COLUMNS, Area, arrange


def places(*grids: JsonObject | None) -> list[tuple[int, int, int, int]]:
    return [tuple(area) for area in arrange(grids)]


def test_two_beside_each_other_then_the_next_row() -> None:
    """The default size is 24 by 15."""
    assert places(None, None, None) == [(0, 0, 24, 15), (24, 0, 24, 15), (0, 15, 24, 15)]


def test_a_size_without_a_place_is_kept() -> None:
    """Width and height may each be given alone."""
    assert places({"w": 12, "h": 8}, {"w": 12}, {"h": 5}) == [(0, 0, 12, 8), (12, 0, 12, 15), (24, 0, 24, 5)]


def test_gaps_below_short_panels_are_filled() -> None:
    """That is where Kibana, which moves panels up, would show them."""
    assert places({"h": 8}, {"h": 16}, None) == [(0, 0, 24, 8), (24, 0, 24, 16), (0, 8, 24, 15)]


def test_the_place_after_a_written_one() -> None:
    """A panel stands after the one before it in the file, not after the lowest."""
    assert places({"x": 0, "y": 30, "w": 48, "h": 5}, {"x": 0, "y": 0, "w": 12, "h": 4}, {"w": 12, "h": 4}) == [
        (0, 30, 48, 5),
        (0, 0, 12, 4),
        (12, 0, 12, 4),
    ]


def test_written_places_further_down_are_walked_around() -> None:
    """A later panel that says its place keeps it."""
    assert places(None, {"x": 24, "y": 0, "w": 24, "h": 20}, None) == [
        (0, 0, 24, 15),
        (24, 0, 24, 20),
        (0, 15, 24, 15),
    ]


def test_a_place_is_first_looked_for_in_the_same_row() -> None:
    """A narrow gap to the right is used before the next row."""
    fixed = {"x": 16, "y": 0, "w": 8, "h": 30}
    assert places({"w": 16}, {"w": 16}, fixed)[1] == (24, 0, 16, 15)


def test_a_section_takes_a_row() -> None:
    """Sections stand below what is before them, and panels below sections."""
    result = arrange([None, None, None, None], frozenset({1, 2}))
    assert [(area.x, area.y, area.w, area.h) for area in result] == [
        (0, 0, 24, 15),
        (0, 15, 48, 1),
        (0, 16, 48, 1),
        (0, 17, 24, 15),
    ]


def test_places_far_away_cost_nothing() -> None:
    """The grid is not kept cell by cell."""
    assert places({"x": 0, "y": 10**9, "w": 48, "h": 10**9}, None)[1] == (0, 2 * 10**9, 24, 15)


GRIDS = st.lists(
    st.none()
    | st.fixed_dictionaries({}, optional={"w": st.integers(1, COLUMNS), "h": st.integers(1, 20)})
    | st.integers(1, COLUMNS).flatmap(
        lambda w: st.fixed_dictionaries(
            {"x": st.integers(0, COLUMNS - w), "y": st.integers(0, 40), "w": st.just(w), "h": st.integers(1, 20)}
        )
    ),
    max_size=12,
)


@given(GRIDS)
def test_what_is_placed_overlaps_nothing(grids: list[JsonObject | None]) -> None:
    """Every panel gets a place inside the columns; only two written places can overlap."""
    result = arrange(grids)
    free = [index for index, grid in enumerate(grids) if "x" not in (grid or {})]
    for index in free:
        assert 0 <= result[index].x <= result[index].right <= COLUMNS
        assert not any(result[index].overlaps(area) for other, area in enumerate(result) if other != index)


@given(GRIDS)
def test_a_place_is_after_the_one_before(grids: list[JsonObject | None]) -> None:
    """Reading order is the order of the file, and no earlier place would have done, in its row or where one ends."""
    result = arrange(grids)
    for index, grid in enumerate(grids):
        if "x" in (grid or {}):
            continue
        x, y = (result[index - 1].right, result[index - 1].y) if index else (0, 0)
        area = result[index]
        assert (area.y, area.x) >= (y, x)
        known = [other for number, other in enumerate(result) if number < index or "x" in (grids[number] or {})]
        for row in {y, *(other.bottom for other in known if y < other.bottom <= area.y)}:
            columns = range(x if row == y else 0, (area.x if row == area.y else COLUMNS - area.w + 1))
            for column in columns:
                earlier = Area(column, row, area.w, area.h)
                assert earlier.right > COLUMNS or any(earlier.overlaps(other) for other in known)
