"""Markdown: the gold shapes."""

from __future__ import annotations

import json

from kibana_builder.saved.markdown import from_saved_vis, to_saved_vis
from tests.saved.real_objects import opened
from tests.shared_material import GOLD, needs_shared


@needs_shared
def test_the_gold_text() -> None:
    """The panel of the gold dashboard, and the same text as a visualization of the library."""
    config = json.loads((GOLD / "as_code" / "shape-markdown.json").read_text("utf-8"))["config"]
    dashboard = json.loads((GOLD / "authored" / "dashboard.ml-features.json").read_text("utf-8"))
    panels = opened(dashboard["attributes"])["panelsJSON"]
    gold = next(panel for panel in panels if panel["type"] == "visualization")
    assert to_saved_vis(config) == gold["embeddableConfig"]["savedVis"]
    library = json.loads((GOLD / "authored" / "visualization.shape-markdown.json").read_text("utf-8"))
    assert from_saved_vis(json.loads(library["attributes"]["visState"])) == {"content": config["content"]}
