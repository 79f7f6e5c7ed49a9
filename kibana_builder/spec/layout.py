"""Panels without a grid -> places on the grid of 48 columns.

A panel that does not say where it stands takes the first free place after the panel before it, in reading order:
from left to right in the row of that one, then in the rows where a panel ends. Panels that say their place are walked
around, also those further down in the file. A section takes one full row of the outer grid; inside it the panels have
a grid of their own. Default size: 24 by 15, as in the Dashboards API.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kibana_builder.json_tree import JsonObject

__all__ = ["COLUMNS", "Area", "area", "arrange"]

COLUMNS = 48
DEFAULT_WIDTH = 24
DEFAULT_HEIGHT = 15


class Area(NamedTuple):
    """A rectangle of the grid: columns and rows count from 0."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    def overlaps(self, other: Area) -> bool:
        """Tell whether the two have a cell in common."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom


def area(grid: JsonObject) -> Area:
    """Read a complete grid: x and y are there, width and height may be left to their defaults."""
    return Area(grid["x"], grid["y"], grid.get("w", DEFAULT_WIDTH), grid.get("h", DEFAULT_HEIGHT))


def arrange(grids: Sequence[JsonObject | None], sections: frozenset[int] = frozenset()) -> list[Area]:
    """Give each item of a dashboard (or section) its place; `grids` are as written, None where there is none.

    `sections` are the indices of sections, which have only a `y`. A place that is written is kept, even where it
    overlaps another: that is for the checks to say.
    """
    written = [_written(grid or {}, index in sections) for index, grid in enumerate(grids)]
    free = _FreePlaces(place for place in written if place is not None)
    result = []
    for index, place in enumerate(written):
        if place is not None:
            free.go_behind(place)
            result.append(place)
        elif index in sections:
            result.append(free.take(COLUMNS, 1))
        else:
            size = grids[index] or {}
            result.append(free.take(size.get("w", DEFAULT_WIDTH), size.get("h", DEFAULT_HEIGHT)))
    return result


def _written(grid: JsonObject, is_section: bool) -> Area | None:
    if is_section:
        return Area(0, grid["y"], COLUMNS, 1) if "y" in grid else None
    return area(grid) if "x" in grid and "y" in grid else None


class _FreePlaces:
    """The places that are taken, and the point in reading order from which on a free one is looked for."""

    def __init__(self, taken: Iterable[Area]) -> None:
        self._taken = list(taken)
        # Of those, the ones that reach below the current row: the others cannot be in the way any more.
        self._near = self._taken
        self._x = self._y = 0

    def go_behind(self, place: Area) -> None:
        if place.y < self._y:
            self._near = self._taken
        self._x, self._y = place.right, place.y

    def take(self, w: int, h: int) -> Area:
        """Take the first free place of that size."""
        self._near = [place for place in self._near if place.bottom > self._y]
        # Not every row between: just beside the panel before, Kibana would move it up, to the left of that one.
        for y in sorted({self._y, *(place.bottom for place in self._near)}):
            x = self._first_free_column(Area(self._x if y == self._y else 0, y, w, h))
            if x + w <= COLUMNS or w > COLUMNS:
                break
        place = Area(x, y, w, h)
        self._taken.append(place)
        self._near.append(place)
        self._x, self._y = place.right, place.y
        return place

    def _first_free_column(self, wanted: Area) -> int:
        """Move the wanted place to the right until nothing is in its way."""
        for place in sorted(place for place in self._near if place.y < wanted.bottom and wanted.y < place.bottom):
            if place.overlaps(wanted):
                wanted = wanted._replace(x=place.right)
        return wanted.x
