"""Where the ticks of an axis are, and what stands beside them.

Numbers have ticks at 1, 2 or 5 times a power of ten, as d3 has them, from whose scales Kibana's axes come. Times have
them in layers, as elastic-charts has them: a line of the finest that there is room for, below it one of a coarser
(the day below the hours, the month below the days), and lines through the chart for more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from kibana_builder.preview.intervals import DAY, MONTH, YEAR, interval_of
from kibana_builder.preview.svg import text_width

__all__ = ["TimeTick", "interval_ms", "rounded", "ticks", "time_ticks"]

LABEL_SIZE = 10
"""The size of the letters of an axis."""


class TimeTick(NamedTuple):
    """A tick of a time axis: the moment (epoch ms), and what stands in the two lines below it."""

    at: float
    lines: list[str]
    level: int | None = None
    """How far up its layer is, from 0 for the finest: the higher, the darker its line. None for no line."""


def interval_ms(interval: str | None) -> float:
    """Give the length of an interval (`30m`, `1d`) in milliseconds; 0 for none."""
    found = interval_of(interval or "")
    return found.milliseconds if found is not None else 0.0


def ticks(low: float, high: float, count: int) -> list[float]:
    """Give about `count` round numbers from `low` to `high`, both included where they are round.

    >>> ticks(0, 185, 5)
    [0.0, 50.0, 100.0, 150.0]
    """
    step = _step(low, high, count)
    if not step:
        return [low]
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [_multiple(number, step) for number in range(first, last + 1)]


def rounded(low: float, high: float, count: int) -> tuple[float, float]:
    """Widen a domain to the ticks next to its ends.

    >>> rounded(0, 185, 5)
    (0.0, 200.0)
    """
    step = _step(low, high, count)
    if not step:
        return low, high if high > low else low + 1
    ends = _multiple(math.floor(low / step + 1e-9), step), _multiple(math.ceil(high / step - 1e-9), step)
    if not all(map(math.isfinite, ends)):  # the round number beyond is larger than a number can be
        return low, high
    return ends


def _multiple(number: int, step: float) -> float:
    """Give so many steps, without the digits that only their product has."""
    return round(number * step, max(0, -math.floor(math.log10(step))))


def _step(low: float, high: float, count: int) -> float:
    if not high > low or math.isinf(high - low):
        return 0.0
    rough = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough))
    error = rough / power
    factor = 10 if error >= math.sqrt(50) else 5 if error >= math.sqrt(10) else 2 if error >= math.sqrt(2) else 1
    step = power * factor
    return step if math.isfinite(step) else 0.0


class _Layer(NamedTuple):
    """A way of parting time, which has labels on an axis that is wide enough, lines alone on a narrower one."""

    family: str
    """Of each family the finest layer alone has labels."""
    unit: str
    times: int
    apart: float
    """So many pixels its labels are at least apart."""
    words: str
    """What stands at a part in the axis's first line."""
    lines: bool = True
    """Whether its lines stay where a finer layer of its family has the labels."""

    @property
    def length(self) -> float:
        """Give about how long one part is, in milliseconds."""
        return _LENGTHS[self.unit] * self.times


_LENGTHS = {
    "year": YEAR,
    "month": MONTH,
    "week": 7 * DAY,
    "day": DAY,
    "hour": 3_600_000.0,
    "minute": 60_000.0,
    "second": 1000.0,
    "millisecond": 1.0,
}
_LAYERS = (
    _Layer("year", "year", 10, 36, "%Y"),
    _Layer("year", "year", 1, 36, "%Y"),
    _Layer("month", "month", 1, 24, "{letter}"),
    _Layer("month", "month", 1, 48, "%b"),
    _Layer("month", "month", 1, 86.4, "%B"),
    _Layer("day", "week", 1, 36, "{nth}"),
    _Layer("day", "day", 1, 36, "{nth}"),
    _Layer("clock", "hour", 6, 48, "%H:%M", lines=False),
    _Layer("clock", "hour", 1, 43.2, "%H:%M", lines=False),
    _Layer("clock", "minute", 15, 43.2, "%H:%M"),
    _Layer("clock", "minute", 5, 43.2, "%H:%M"),
    _Layer("clock", "minute", 1, 43.2, "%H:%M", lines=False),
    _Layer("clock", "second", 15, 60, "%H:%M:%S"),
    _Layer("clock", "second", 5, 60, "%H:%M:%S"),
    _Layer("clock", "second", 1, 60, "%H:%M:%S"),
    _Layer("millisecond", "millisecond", 100, 43.2, "{ms}ms"),
    _Layer("millisecond", "millisecond", 10, 43.2, "{ms}ms"),
    _Layer("millisecond", "millisecond", 1, 43.2, "{ms}ms"),
)
"""From coarse to fine; the distances are those of elastic-charts (timeslip/rasters.ts)."""
_LINES_APART = 24 / 1.618
"""So many pixels the lines of a layer without labels are at least apart."""
_BELOW = {"year": "%Y", "month": "%B %Y", "day": "%B {day}, %Y", "clock": "%B {day}, %Y at %H:%M:%S"}
"""What stands at a part in the axis's second line."""
_MOST_LABELS, _MOST_LINES = 50, 12
_LABEL_GAP = 4


def time_ticks(start_ms: float, end_ms: float, width: float, zone: tzinfo, bucket_ms: float = 0) -> list[TimeTick]:
    """Give the ticks of a time axis `width` pixels wide from one moment (epoch ms) to another.

    As on Kibana's axes no layer is finer than a bucket, and what has begun before the axis does has its label at the
    axis's begin, if there is room for it.
    """
    span = max(1.0, end_ms - start_ms)
    found: dict[float, TimeTick] = {}
    line = 0
    for level, (layer, labelled) in enumerate(_layers(span, width, bucket_ms)):
        moments = list(_starts(layer, start_ms, end_ms, zone))
        places = [max(moment.timestamp() * 1000, start_ms) for moment in moments]
        words = _words(layer, line, moments, [(at - start_ms) / span * width for at in places], width)
        drawn = layer.length >= span / _MOST_LINES
        for moment, at, label in zip(moments, places, words, strict=True):
            tick = found.setdefault(at, TimeTick(at, ["", ""]))
            if labelled:
                tick.lines[line] = label
            if drawn and moment.timestamp() * 1000 >= start_ms:
                found[at] = tick._replace(level=level)
        line += labelled
        if line == 2:
            break
    return [found[at] for at in sorted(found) if any(found[at].lines) or found[at].level is not None]


def _layers(span: float, width: float, bucket_ms: float) -> list[tuple[_Layer, bool]]:
    """Give the layers that fit into the width, the finest first, each with whether it has labels."""
    fitting: list[tuple[_Layer, bool]] = []
    for layer in _LAYERS:
        pixels = layer.length / span * width
        labelled = pixels > layer.apart
        again = bool(fitting) and fitting[-1][0].length == layer.length
        if layer.length * 1.05 < bucket_ms or layer.length < span / _MOST_LABELS or pixels <= _LINES_APART:
            break
        if again and labelled:
            fitting.pop()
        if labelled or not again:
            fitting.append((layer, labelled))
        if not labelled:
            break
    families: set[str] = set()
    result: list[tuple[_Layer, bool]] = []
    for layer, labelled in reversed(fitting):
        named = labelled and layer.family not in families
        if named:
            families.add(layer.family)
        if named or layer.lines or not labelled:
            result.append((layer, named))
    return result


def _words(layer: _Layer, line: int, moments: Sequence[datetime], places: Sequence[float], width: float) -> list[str]:
    """Write each part's begin for a line of the axis; nothing where the first or the last has no room."""
    words = [_written(moment, _BELOW.get(layer.family, "") if line else layer.words) for moment in moments]
    widest = max((text_width(word, LABEL_SIZE) for word in words), default=0.0)
    if places and places[-1] + widest > width:
        words[-1] = ""
    if len(places) > 1 and places[1] - places[0] < widest + _LABEL_GAP:
        words[0] = ""
    return words


def _written(moment: datetime, words: str) -> str:
    parts = {
        "{day}": str(moment.day),
        "{nth}": f"{moment.day}{_ordinal(moment.day)}",
        "{letter}": f"{moment:%B}"[:1],
        "{ms}": str(moment.microsecond // 1000),
    }
    text = moment.strftime(words)
    for name, part in parts.items():
        text = text.replace(name, part)
    return text


def _ordinal(number: int) -> str:
    return "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _starts(layer: _Layer, start_ms: float, end_ms: float, zone: tzinfo) -> Iterator[datetime]:
    """Give where the parts of time begin that lie in the range at least in part."""
    start, end = (datetime.fromtimestamp(at / 1000, zone) for at in (start_ms, end_ms))
    begin = _begin(layer, start)
    while begin <= end:
        following = _after(layer, begin)
        if following > start:
            yield begin
        if following <= begin:
            return
        begin = following


def _begin(layer: _Layer, moment: datetime) -> datetime:
    """Give the begin of the part that a moment lies in; weeks begin on Mondays."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if layer.unit == "year":
        return midnight.replace(year=max(1, moment.year // layer.times * layer.times), month=1, day=1)
    if layer.unit == "month":
        return midnight.replace(day=1)
    if layer.unit in ("week", "day"):
        return midnight - timedelta(days=midnight.weekday() if layer.unit == "week" else 0)
    step = timedelta(milliseconds=layer.length)
    return midnight + (moment - midnight) // step * step


def _after(layer: _Layer, begin: datetime) -> datetime:
    """Give the begin of the part after that which begins then; the same one where time ends."""
    if layer.unit == "year":
        return begin.replace(year=min(begin.year + layer.times, datetime.max.year))
    if layer.unit == "month":
        return (begin + timedelta(days=31)).replace(day=1) if begin.year < datetime.max.year else begin
    return begin + timedelta(milliseconds=layer.length)
