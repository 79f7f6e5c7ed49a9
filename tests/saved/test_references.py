"""The names of references: under a panel and back."""

from __future__ import annotations

from kibana_builder.saved.references import as_references, of_panel, reference, under_panel


def test_a_panels_references_stand_under_its_name() -> None:
    """And are found again by it, whatever is in the names."""
    own = [reference("lens", "a", "panel_x"), reference("dashboard", "b", "drilldown:D:1:dashboardId")]
    on_dashboard = under_panel("x", own)
    assert [entry["name"] for entry in on_dashboard] == ["x:panel_x", "x:drilldown:D:1:dashboardId"]
    other = under_panel("x2", [reference("lens", "c", "panel_x2")])
    assert of_panel("x", [*on_dashboard, *other]) == own


def test_what_is_no_reference_is_passed_over() -> None:
    """A file may hold anything in their place."""
    good = reference("lens", "a", "n")
    assert as_references([good, 5, {}, {**good, "id": 5}, {"type": "lens"}]) == [good]
    assert as_references({"type": "lens"}) == []
