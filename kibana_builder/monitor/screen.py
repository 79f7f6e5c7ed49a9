"""What a terminal shows of figures: a screen of tables, or a line.

Names and messages come from whoever sends events, so each passes `made_safe`, and none is read as rich's markup.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kibana_builder.monitor.figures import Figures

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table

__all__ = ["as_json", "line", "screen"]

ERRORS_BAD, ERRORS_NOTABLE = 0.1, 0.03
CONFIDENCE_LOW, CONFIDENCE_MEDIUM = 0.7, 0.85
"""The borders of the field confidence_level."""


def line(figures: Figures, made_safe: Callable[[str], str]) -> str:
    """Say the figures in one line."""
    parts = [
        f"{datetime.fromtimestamp(figures.end, UTC):%H:%M:%SZ}",
        f"{_rate(figures.rate)} events/s",
        f"p50 {_milliseconds(figures.latency_p50)}",
        f"p95 {_milliseconds(figures.latency_p95)}",
        f"errors {_share(figures.error_rate)}",
    ]
    confidences = [
        f"{made_safe(model.name)} {model.confidence:.2f}" for model in figures.models if model.confidence is not None
    ]
    if confidences:
        parts.append(f"confidence {', '.join(confidences)}")
    if not figures.events:
        parts.append(_newest(figures))
    if figures.unreadable:
        parts.append(_unreadable(figures))
    return "  ".join(parts)


def screen(figures: Figures, source: str, note: str, made_safe: Callable[[str], str]) -> Group:
    """Draw the figures; `source` says where they come from, `note` what is wrong with it at the moment, or nothing."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [Text(f"{made_safe(source)}, the last {figures.window:g} s", style="bold")]
    if note:
        parts.append(Text(made_safe(note), style="yellow"))
    parts += [Text(), _overview(figures)]
    if not figures.events:
        parts.append(Text(_newest(figures), style="yellow"))
    if figures.unreadable:
        parts.append(Text(_unreadable(figures), style="yellow"))
    if figures.models:
        parts += [Text(), _models(figures, made_safe)]
    if figures.failures:
        parts += [Text(), Text("Last errors", style="bold")]
        for failure in figures.failures:
            words = "  ".join(made_safe(text) for text in (failure.time, failure.model, failure.message) if text)
            parts.append(Text(words, no_wrap=True, overflow="ellipsis"))
    return Group(*parts)


def as_json(figures: Figures) -> dict[str, object]:
    """Give the figures to a program."""
    return {
        "time": datetime.fromtimestamp(figures.end, UTC).isoformat(timespec="milliseconds"),
        "window_seconds": figures.window,
        "events": figures.events,
        "events_per_second": round(figures.rate, 3),
        "errors": figures.errors,
        "error_rate": figures.error_rate,
        "latency_ms": {"p50": figures.latency_p50, "p95": figures.latency_p95},
        "unreadable_lines": figures.unreadable,
        "models": [
            {
                "model_name": model.name,
                "events": model.events,
                "errors": model.errors,
                "confidence": model.confidence,
                "latency_p95_ms": model.latency_p95,
            }
            for model in figures.models
        ],
        "last_errors": [
            {"@timestamp": failure.time, "model_name": failure.model, "error_message": failure.message}
            for failure in figures.failures
        ],
    }


def _overview(figures: Figures) -> Table:
    table = _table("Events/s", "Events", "Latency p50", "Latency p95", "Errors")
    table.add_row(
        _rate(figures.rate),
        f"{figures.events:,}",
        _milliseconds(figures.latency_p50),
        _milliseconds(figures.latency_p95),
        _share(figures.error_rate),
        style=_errors_style(figures.error_rate),
    )
    return table


def _models(figures: Figures, made_safe: Callable[[str], str]) -> Table:
    from rich.text import Text

    table = _table("Model", "Events/s", "Confidence", "Latency p95", "Errors")
    table.columns[0].justify = "left"
    for model in figures.models:
        share = model.errors / model.events if model.events else None
        confidence = "–" if model.confidence is None else f"{model.confidence:.3f}"
        table.add_row(
            Text(made_safe(model.name)),
            _rate(model.events / figures.window),
            Text(confidence, style=_confidence_style(model.confidence)),
            _milliseconds(model.latency_p95),
            Text(_share(share), style=_errors_style(share)),
        )
    return table


def _table(*titles: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(title, justify="right")
    return table


def _newest(figures: Figures) -> str:
    if figures.newest is None:
        return "no event yet"
    return f"no event in this time; the newest is of {datetime.fromtimestamp(figures.newest, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _unreadable(figures: Figures) -> str:
    return "1 line is no event" if figures.unreadable == 1 else f"{figures.unreadable:,} lines are no events"


def _rate(value: float) -> str:
    return f"{value:.2g}" if 0 < value < 1 else f"{value:,.1f}"


def _milliseconds(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f} ms" if value >= 100 else f"{value:.1f} ms"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.1f} %"


def _errors_style(share: float | None) -> str:
    if share is None or share < ERRORS_NOTABLE:
        return ""
    return "red" if share >= ERRORS_BAD else "yellow"


def _confidence_style(value: float | None) -> str:
    if value is None or value >= CONFIDENCE_MEDIUM:
        return ""
    return "yellow" if value >= CONFIDENCE_LOW else "red"
