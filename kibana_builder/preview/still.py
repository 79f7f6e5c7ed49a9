"""A dashboard or visualization as a still: one SVG, a PNG, or an HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, tzinfo

from kibana_builder.preview.answer import Answer, PanelError
from kibana_builder.preview.dashboard_view import Panel, Settings, View, ask
from kibana_builder.preview.drawing import chart_svg, error_svg, is_full
from kibana_builder.preview.formats import date_text
from kibana_builder.preview.markdown import markdown_svg
from kibana_builder.preview.picture import PicturedPanel, dashboard_svg
from kibana_builder.preview.stage import Stage
from kibana_builder.preview.svg import escaped

__all__ = ["html_page", "still_svg", "times_text"]

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>
<style>body{{margin:0;padding:16px;background:#f7f8fc;font-family:Inter,Helvetica,Arial,sans-serif;color:#343741}}
figure{{margin:0 0 24px}}svg{{max-width:100%;height:auto}}</style></head>
<body>
{body}
</body>
</html>
"""


def still_svg(stage: Stage, view: View, width: int = 1600) -> str:
    """Draw a view with what it says itself: its times (unless the stage has others), query, filters and controls."""
    view = view.chosen(Settings(time_range=stage.fixed_range()))
    now_ms = stage.now_ms()
    answers = ask(view, stage.executor, stage.sources(), now_ms, stage.zone)
    pictured = [_pictured(panel, answers.get(panel.id), stage.zone) for panel in view.panels]
    times = times_text(view.times(now_ms), stage.zone)
    return dashboard_svg(view.title, times, pictured, width, notes=stage.notes)


def times_text(ends: Iterable[float], zone: tzinfo = UTC) -> str:
    """Write two moments to the minute: `Nov 22, 2026 @ 15:43 → Nov 23, 2026 @ 15:43`."""
    return " → ".join(date_text(moment, zone).rpartition(":")[0] for moment in ends)


def _pictured(panel: Panel, answer: Answer | PanelError | None, zone: tzinfo) -> PicturedPanel:
    def draw(width: float, height: float) -> str:
        if panel.error is not None:
            return error_svg(panel.error, width, height)
        if panel.markdown is not None:
            return markdown_svg(panel.markdown, width, height)
        if panel.chart is None or answer is None:
            return ""
        return chart_svg(panel.chart, answer, width, height, panel.mark, zone)

    x, y, w, h = panel.grid
    return PicturedPanel(panel.title, x, y, w, h, draw, full=is_full(panel.chart))


def html_page(title: str, stills: Iterable[tuple[str, str]]) -> str:
    """Put stills (title, SVG) into one HTML page without script and without anything from elsewhere."""
    body = "\n".join(f'<figure aria-label="{escaped(name)}">{svg}</figure>' for name, svg in stills)
    return PAGE.format(title=escaped(title), body=body)
