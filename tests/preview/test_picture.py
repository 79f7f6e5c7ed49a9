"""A dashboard as one picture."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.answer import PanelError
from kibana_builder.preview.drawing import chart_html, chart_svg
from kibana_builder.preview.picture import PicturedPanel, dashboard_svg, panel_size, png
from tests.preview.answers import FROM, HOUR, answer, column, table

LINE: JsonObject = {"type": "xy", "layers": [{"type": "line", "x": {}, "y": [{"operation": "count"}]}]}
DATA = answer(table([column("x", "time", "date"), column("y[0]", "Count")], [(FROM, 1.0), (FROM + HOUR, 2.0)]))


def test_panels_lie_on_the_grid() -> None:
    """Half of 48 columns is half of the width; each panel is as high as its rows."""
    sizes: list[tuple[float, float]] = []

    def draw(width: float, height: float) -> str:
        sizes.append((width, height))
        return chart_svg(LINE, DATA, width, height, f"p{len(sizes)}")

    panels = [PicturedPanel("One", 0, 0, 24, 10, draw), PicturedPanel(None, 24, 0, 24, 10, draw)]
    svg = dashboard_svg("Models <3", "last day", panels, width=800)
    tree = ET.fromstring(svg)
    assert "Models <3" in "".join(tree.itertext())
    assert sizes == [panel_size(24, 10, 800, titled=True), panel_size(24, 10, 800, titled=False)]
    ids = [part.get("id") for part in tree.iter() if part.get("id")]
    assert len(ids) == len(set(ids))
    picture = png(svg)
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">I", picture[16:20])[0] == 800


def test_what_cannot_be_drawn_says_so() -> None:
    """An error of the executor or of a layer is words in the panel."""
    error = PanelError("Lucene queries cannot be answered here")
    for answered in (error, answer(error)):
        assert "Lucene queries cannot be answered here" in chart_svg(LINE, answered, 900, 200, "e")
        assert 'role="alert"' in chart_html(LINE, answered, 900, 200, "e")
