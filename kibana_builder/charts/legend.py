"""What the legends of all charts share."""

from __future__ import annotations

from collections.abc import Iterable

LEGEND_SIZES = {"s": "small", "m": "medium", "l": "large", "xl": "xlarge"}

# Lens's name for the statistic that it kept beside the legend, as `valuesInLegend`, until 8.15.
VALUES_IN_LEGEND = "currentAndLastValue"


def with_values_in_legend(statistics: Iterable[str] | None) -> list[str]:
    """Put the values before the other statistics of a legend, as Kibana does with `valuesInLegend`."""
    return list(dict.fromkeys([VALUES_IN_LEGEND, *(statistics or ())]))
