"""A project of many dashboards for the benchmarks: one file each, five inline panels of the five chart types."""

from __future__ import annotations

from pathlib import Path

PROJECT = """\
project: bench
data_views:
  ml-metrics: {index_pattern: "ml-metrics-*", time_field: "@timestamp"}
contexts:
  local: {kibana: "http://localhost:5601"}
"""

DASHBOARD = """\
# Dashboard {number} of the benchmark
title: Service {number}
description: Confidence, latency and load of service {number}
time_range: now-24h
refresh_interval: 30s
tags: [bench]
query: "service: s{number}"
pinned_panels:
  - type: options_list_control
    config: {{title: Model, data_view_id: ml-metrics, field_name: model_name}}
panels:
  - type: vis
    grid: {{x: 0, y: 0, w: 24, h: 8}}
    config:
      type: gauge
      title: Model performance
      data_source: ml-metrics
      styling: {{shape: {{type: bullet, orientation: horizontal}}}}
      metric:
        operation: average
        field: prediction_confidence
        label: Average confidence
        min: 0
        max: 1
        ticks: {{mode: bands}}
        color:
          type: dynamic
          range: absolute
          steps:
            - {{gte: 0, lt: 0.7, color: "#BD271E"}}
            - {{gte: 0.7, lt: 0.85, color: "#FEC514"}}
            - {{gte: 0.85, lte: 1, color: "#209280"}}
  - type: vis
    grid: {{x: 24, y: 0, w: 24, h: 16}}
    config:
      type: xy
      title: Inference latency
      axis:
        y: {{title: {{text: Latency (ms)}}}}
      layers:
        - type: line
          data_source: ml-metrics
          x: {{operation: date_histogram, field: "@timestamp"}}
          y:
            - {{operation: average, field: inference_time_ms, label: Average}}
            - {{operation: percentile, field: inference_time_ms, percentile: 95, label: P95}}
  - type: vis
    grid: {{x: 0, y: 8, w: 24, h: 14}}
    config:
      type: pie
      title: Model distribution
      data_source: ml-metrics
      metrics:
        - {{operation: count}}
      group_by:
        - operation: terms
          fields: [model_name]
          limit: 10
          rank_by: {{type: metric, metric_index: 0, direction: desc}}
  - type: vis
    grid: {{x: 24, y: 16, w: 24, h: 6}}
    config:
      type: metric
      title: Resource utilization
      data_source: ml-metrics
      metrics:
        - type: primary
          operation: average
          field: cpu_usage
          label: CPU
          format: {{type: number, decimals: 1, suffix: "%"}}
        - {{type: secondary, operation: average, field: memory_usage_mb, label: Memory}}
  - type: vis
    grid: {{x: 0, y: 22, w: 48, h: 14}}
    config:
      type: data_table
      title: Performance table
      data_source: ml-metrics
      metrics:
        - {{operation: count, label: Count}}
        - {{operation: average, field: inference_time_ms, label: Avg latency, format: {{type: number, decimals: 1}}}}
        - {{operation: average, field: prediction_confidence, label: Avg confidence}}
      rows:
        - {{operation: terms, fields: [model_name], limit: 10, label: Model}}
        - {{operation: terms, fields: [environment], limit: 5, label: Environment}}
      styling:
        paging: 10
        sort_by: {{column_type: metric, index: 0, direction: desc}}
"""


def write_project(folder: Path, dashboards: int = 500) -> None:
    """Write kbuild.yaml and `dashboards` files under dashboards/ into the empty `folder`."""
    (folder / "kbuild.yaml").write_text(PROJECT)
    (folder / "dashboards").mkdir()
    for number in range(dashboards):
        (folder / "dashboards" / f"service-{number:03}.yaml").write_text(DASHBOARD.format(number=number))
