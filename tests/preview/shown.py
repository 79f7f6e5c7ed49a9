"""A small project on the page, over events whose numbers a person can count: for the tests of page and browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kibana_builder.commands.demo import fill
from kibana_builder.files.project import load_project
from kibana_builder.files.source import load_source
from kibana_builder.preview.duckdb import DuckExecutor
from kibana_builder.sandbox.events import Events
from kibana_builder.sandbox.server import RunningSandbox
from kibana_builder.sandbox.show import pages_of
from tests.project_folder import write_files

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
MODELS = {"alpha": 6, "beta": 3, HOSTILE: 1}
"""How many events each model has."""

FILES = {
    "kbuild.yaml": """
project: shown
data_views:
  events: {index_pattern: "events-*", time_field: "@timestamp"}
""",
    "visualizations/by-model.yaml": """
type: pie
title: By model
data_source: events
metrics: [{operation: count}]
group_by: [{operation: terms, fields: [model], limit: 5}]
""",
    "visualizations/over-time.yaml": """
type: xy
title: Over time
layers:
  - type: line
    data_source: events
    x: {operation: date_histogram, field: "@timestamp"}
    y: [{operation: average, field: latency, label: Latency}]
""",
    "visualizations/models.yaml": """
type: data_table
title: Models
data_source: events
rows: [{operation: terms, fields: [model], limit: 5, label: Model}]
metrics: [{operation: count, label: Count}, {operation: average, field: latency, label: Latency}]
""",
    "visualizations/total.yaml": """
type: metric
title: Total
data_source: events
metrics: [{type: primary, operation: count, label: Events}]
""",
    "visualizations/lucene.yaml": """
type: metric
title: In Lucene
data_source: events
query: {expression: "model:alpha", language: lucene}
metrics: [{type: primary, operation: count}]
""",
    "dashboards/main.yaml": f"""
title: Main board
description: {json.dumps(HOSTILE)}
time_range: {{from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z"}}
pinned_panels:
  - {{type: options_list_control, config: {{title: Model, data_view_id: events, field_name: model}}}}
  - {{type: range_slider_control, config: {{title: Latency, data_view_id: events, field_name: latency}}}}
panels:
  - {{visualization: total}}
  - visualization: by-model
    config:
      drilldowns: [{{type: dashboard_drilldown, label: One model, trigger: on_apply_filter, dashboard_id: detail}}]
  - {{visualization: over-time}}
  - {{visualization: models}}
  - {{visualization: lucene}}
  - type: markdown
    config:
      title: {json.dumps(HOSTILE)}
      content: {json.dumps("# Words " + HOSTILE + " [link](javascript:alert(1))")}
""",
    "dashboards/detail.yaml": """
title: Detail board
time_range: {from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z"}
panels: [{visualization: total}]
""",
    "dashboards/charts.yaml": """
title: Charts board
time_range: {from: "2026-01-01T00:00:00Z", to: "2026-01-01T12:00:00Z"}
panels:
  - visualization: total
  - type: vis
    config:
      type: treemap
      title: Treemap
      data_source: events
      metrics: [{operation: count}]
      group_by: [{operation: terms, fields: [model], limit: 5}]
      legend: {visibility: visible}
  - type: vis
    config:
      type: mosaic
      title: Mosaic
      data_source: events
      metric: {operation: count}
      group_by: [{operation: terms, fields: [model], limit: 5}]
      group_breakdown_by:
        - operation: filters
          filters: [{filter: "latency < 40", label: quick}, {filter: "latency >= 40", label: slow}]
  - type: vis
    config:
      type: waffle
      title: Waffle
      data_source: events
      metrics: [{operation: count}]
      group_by: [{operation: terms, fields: [model], limit: 5}]
  - type: vis
    config:
      type: heatmap
      title: Heatmap
      data_source: events
      x: {operation: date_histogram, field: "@timestamp", suggested_interval: 3h}
      y: {operation: terms, fields: [model], limit: 5}
      metric: {operation: average, field: latency, label: Latency}
  - type: vis
    config:
      type: tag_cloud
      title: Tags
      data_source: events
      metric: {operation: count}
      tag_by: {operation: terms, fields: [model], limit: 5}
  - type: vis
    config:
      type: legacy_metric
      title: Legacy
      data_source: events
      metric: {operation: max, field: latency, label: Slowest}
  - type: vis
    config:
      type: treemap
      title: Negative
      data_source: events
      metrics: [{operation: formula, formula: "0 - count()"}]
      group_by: [{operation: terms, fields: [model], limit: 5, rank_by: {type: alphabetical, direction: asc}}]
""",
    "dashboards/acts.yaml": """
title: Acting board
time_range: {from: "2026-01-01T00:00:00Z", to: "2026-01-01T10:00:00Z"}
filters: [{type: condition, data_view_id: events, condition: {field: model, operator: exists}}]
pinned_panels:
  - id: times
    type: time_slider_control
    config: {start_percentage_of_time_range: 0, end_percentage_of_time_range: 0.5}
  - id: model
    type: options_list_control
    width: small
    config:
      title: Model
      data_view_id: events
      field_name: model
      single_select: true
      sort: {by: _key, direction: asc}
      search_technique: prefix
      display_settings: {placeholder: Pick one, hide_exists: true}
  - {id: latency, type: range_slider_control, config: {data_view_id: events, field_name: latency, step: 10}}
panels:
  - visualization: total
    grid: {x: 24, y: 0, w: 24, h: 8}
    config: {title: Own times, time_range: {from: "2026-01-01T00:00:00Z", to: "2026-01-01T01:00:00Z"}}
  - visualization: total
    grid: {x: 0, y: 0, w: 24, h: 8}
    config:
      drilldowns:
        - {type: url_drilldown, label: Runbook, trigger: on_open_panel_menu, url: "/kbuild/{{context.panel.title}}"}
  - visualization: models
    grid: {x: 0, y: 8, w: 48, h: 12}
    config:
      drilldowns:
        - type: url_drilldown
          label: Look up
          trigger: on_click_value
          open_in_new_tab: false
          url: "#/view/shown-detail?_g=(time:(from:'2026-01-01T00:00:00Z',to:'2026-01-01T02:30:00Z'))&x={{event.value}}"
        - {type: url_drilldown, label: "Wrong", trigger: on_click_value, url: "{{date event.value}}"}
""",
}


def lines() -> list[bytes]:
    """Give the events: one an hour, the first at midnight, of the models in turn; latency counts them."""
    names = [name for name, count in MODELS.items() for _ in range(count)]
    return [
        json.dumps({"@timestamp": f"2026-01-01T{hour:02}:00:00Z", "model": name, "latency": hour * 10}).encode()
        for hour, name in enumerate(names)
    ]


@contextmanager
def shown(folder: Path) -> Iterator[str]:
    """Apply the project to a sandbox with the events, and give its address."""
    write_files(folder, FILES)
    with (
        Events() as events,
        RunningSandbox(pages=lambda store: pages_of(store, DuckExecutor(events), "Of the test")) as sandbox,
    ):
        events.append("events-1", lines())
        source = load_source(load_project(folder / "kbuild.yaml"))
        assert source.problems == []
        fill(source, sandbox.url)
        yield sandbox.url
