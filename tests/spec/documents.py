"""Good documents as plain data: together they say every property of the language at least once.

`GOOD_VISUALIZATIONS` and `GOOD_DASHBOARDS` map a file stem to what the YAML file of that name says (a spec value:
mostly the official form, some shorthands). `GOOD_PROJECT` is a `kbuild.yaml`. The fields are those of the ML
monitoring example. tests/spec/test_schema.py demands that no property of the schemas is missing here.
"""

from __future__ import annotations

from kibana_builder.json_tree import Json, JsonObject

ML_METRICS: JsonObject = {"type": "data_view_reference", "ref_id": "ml-metrics"}
COUNT: JsonObject = {"operation": "count"}
OVER_TIME: JsonObject = {"operation": "date_histogram", "field": "@timestamp"}
MODELS: JsonObject = {"operation": "terms", "fields": ["model_name"], "data_type": "string"}
LATENCY_RANGES: JsonObject = {
    "operation": "range",
    "field": "inference_time_ms",
    "label": "Latency class",
    "format": {"type": "number", "decimals": 0},
    "ranges": [{"lte": 50, "label": "fast"}, {"gt": 50, "lte": 100, "label": "normal"}, {"gt": 100, "label": "slow"}],
}
LATENCY_HISTOGRAM: JsonObject = {
    "operation": "histogram",
    "field": "inference_time_ms",
    "label": "Latency",
    "format": {"type": "number", "decimals": 1},
    "granularity": 5,
    "include_empty_rows": False,
}
OUTCOMES: JsonObject = {
    "operation": "filters",
    "label": "Outcome",
    "filters": [
        {"filter": {"expression": "error: true", "language": "kql"}, "label": "failed"},
        {"filter": "error: false", "label": "fine"},
    ],
}
SETTINGS: JsonObject = {
    "label": "All settings",
    "format": {"type": "number", "decimals": 1, "suffix": " req", "compact": True},
    "filter": {"expression": "environment:production", "language": "lucene"},
    "reduced_time_range": "1h",
    "time_shift": "1d",
    "time_scale": "m",
}
"""The settings that every metric operation but a formula and a fixed number takes."""

EVERY_METRIC: list[JsonObject] = [
    {"operation": "count", "field": "user_id", "empty_as_null": True, **SETTINGS},
    {"operation": "unique_count", "field": "user_id", "empty_as_null": True, **SETTINGS},
    {"operation": "average", "field": "cpu_usage", **SETTINGS},
    {"operation": "min", "field": "cpu_usage", "data_type": "number", "format": {"type": "percent", "decimals": 0}},
    {"operation": "max", "field": "memory_usage_mb", "format": {"type": "bytes", "decimals": 1, "suffix": "/s"}},
    {"operation": "median", "field": "inference_time_ms", "format": {"type": "custom", "pattern": "0,0.[00]"}},
    {"operation": "standard_deviation", "field": "inference_time_ms", "format": {"type": "bits"}},
    {"operation": "sum", "field": "requests_total", "empty_as_null": True, **SETTINGS},
    {
        "operation": "last_value",
        "field": "prediction_confidence",
        "time_field": "@timestamp",
        "multi_value": True,
        "data_type": "number",
        **SETTINGS,
    },
    {"operation": "percentile", "field": "inference_time_ms", "percentile": 99, **SETTINGS},
    {"operation": "percentile_rank", "field": "inference_time_ms", "rank": 100, **SETTINGS},
    {
        "operation": "formula",
        "formula": "count(kql='error: true') / count()",
        "label": "Error rate",
        "format": {"type": "percent", "decimals": 2},
        "filter": "environment: production",
        "reduced_time_range": "1h",
        "time_scale": "h",
    },
]
"""One of each operation that stands on its own feet."""

EVERY_METRIC_OVER_BUCKETS: list[JsonObject] = [
    {"operation": "differences", "of": {"operation": "sum", "field": "requests_total"}, **SETTINGS},
    {
        "operation": "moving_average",
        "of": {"operation": "average", "field": "inference_time_ms"},
        "window": 7,
        **SETTINGS,
    },
    {"operation": "cumulative_sum", "field": "requests_total", "empty_as_null": True, **SETTINGS},
    {"operation": "counter_rate", "field": "requests_total", **SETTINGS},
]
"""One of each operation that computes over the buckets of another."""

EVERY_RANK: list[JsonObject] = [
    {"type": "alphabetical", "direction": "asc"},
    {"type": "rare", "max": 3},
    {"type": "significant"},
    {"type": "metric", "metric_index": 0, "direction": "asc"},
    {"type": "custom", "operation": "average", "field": "inference_time_ms", "direction": "desc"},
    {"type": "custom", "operation": "count", "direction": "desc"},
    {"type": "custom", "operation": "percentile", "field": "inference_time_ms", "percentile": 95, "direction": "desc"},
    {"type": "custom", "operation": "percentile_rank", "field": "inference_time_ms", "rank": 50, "direction": "asc"},
]
"""One of each way in which top values are ranked."""

BANDS: JsonObject = {
    "type": "dynamic",
    "range": "absolute",
    "steps": [
        {"gte": None, "lt": 0.7, "color": "#BD271E"},
        {"gte": 0.7, "lt": 0.85, "color": "#FEC514"},
        {"gte": 0.85, "lte": 1, "color": "#209280"},
    ],
}
LEGACY_BANDS: JsonObject = {
    "type": "legacy_dynamic",
    "palette": "status",
    "range": "percentage",
    "shift": False,
    "steps": [{"gte": 0, "lt": 50, "color": "#209280"}, {"gte": 50, "lte": 100, "color": "#BD271E"}],
}
CATEGORICAL: JsonObject = {
    "mode": "categorical",
    "palette": "default",
    "mapping": [
        {"values": ["bert-base", 7], "color": {"type": "color_code", "value": "#54B399"}},
        {"values": ["resnet-50"], "color": {"type": "from_palette", "index": 2, "palette": "default"}},
    ],
    "unassigned": {"type": "color_code", "value": "#98A2B3"},
}
CATEGORICAL_RANGES: JsonObject = {
    "mode": "categorical",
    "palette": "default",
    "mapping": [
        {
            "values": [
                {"type": "range_key", "from": 50, "to": 100, "ranges": [{"from": 50, "to": 100, "label": "normal"}]}
            ],
            "color": {"type": "from_palette", "index": 0},
        },
    ],
}
GRADIENT: JsonObject = {
    "mode": "gradient",
    "palette": "default",
    "sort": "desc",
    "mapping": [{"values": [{"type": "multi_field_key", "keys": ["bert-base", "production"]}]}],
    "gradient": [{"type": "color_code", "value": "#FFFFFF"}, {"type": "from_palette", "index": 1}],
    "unassigned": {"type": "from_palette", "index": 9},
}

DASHBOARD_DRILLDOWN: JsonObject = {
    "type": "dashboard_drilldown",
    "label": "Model detail",
    "trigger": "on_apply_filter",
    "dashboard_id": "ml-model-detail",
    "use_filters": False,
    "use_time_range": False,
    "open_in_new_tab": True,
}
URL_DRILLDOWN: JsonObject = {
    "type": "url_drilldown",
    "label": "Runbook",
    "trigger": "on_click_value",
    "url": "https://runbooks.example.com/{{event.value}}",
    "encode_url": False,
    "open_in_new_tab": False,
}
EVERY_FILTER: list[JsonObject] = [
    {
        "type": "condition",
        "label": "Production or staging",
        "data_view_id": "ml-metrics",
        "negate": True,
        "disabled": True,
        "is_multi_index": True,
        "controlled_by": "model-picker",
        "condition": {
            "field": "environment",
            "operator": "is_one_of",
            "value": ["production", "staging"],
            "negate": True,
        },
    },
    {"type": "condition", "condition": {"field": "error", "operator": "is", "value": True, "negate": False}},
    {
        "type": "condition",
        "data_view_id": "ml-metrics",
        "condition": {
            "field": "@timestamp",
            "operator": "range",
            "value": {"gte": "2026-01-01", "lt": "2026-02-01", "format": "yyyy-MM-dd"},
            "negate": True,
        },
    },
    {
        "type": "condition",
        "data_view_id": "ml-metrics",
        "condition": {"field": "cpu_usage", "operator": "range", "value": {"gt": 5, "lte": 95}},
    },
    {
        "type": "condition",
        "data_view_id": "ml-metrics",
        "condition": {"field": "error_message", "operator": "exists", "negate": True},
    },
    {
        "type": "group",
        "label": "Slow or unsure",
        "data_view_id": "ml-metrics",
        "negate": True,
        "disabled": True,
        "is_multi_index": True,
        "controlled_by": "model-picker",
        "group": {
            "operator": "or",
            "conditions": [
                {"field": "inference_time_ms", "operator": "range", "value": {"gte": 100}},
                {
                    "operator": "and",
                    "conditions": [
                        {"field": "prediction_confidence", "operator": "range", "value": {"lt": 0.5}},
                        {"field": "model_version", "operator": "is_one_of", "value": ["1", "2"]},
                    ],
                },
            ],
        },
    },
    {
        "type": "dsl",
        "label": "Has a user",
        "data_view_id": "ml-metrics",
        "negate": True,
        "disabled": True,
        "is_multi_index": True,
        "controlled_by": "model-picker",
        "dsl": {"exists": {"field": "user_id"}},
        "field": "user_id",
        "params": {"any": ["shape", 1]},
    },
]
"""One of each kind of filter and condition."""

PANEL_SETTINGS: JsonObject = {
    "time_range": {"from": "now-12h", "to": "now", "mode": "relative"},
    "hide_title": True,
    "hide_border": True,
    "drilldowns": [DASHBOARD_DRILLDOWN, URL_DRILLDOWN],
}
"""What a chart says for the panel that it becomes."""

CHART_SETTINGS: JsonObject = {
    "description": "Every setting that charts share",
    "query": {"expression": "type: model_inference", "language": "kql"},
    "filters": EVERY_FILTER,
    **PANEL_SETTINGS,
}
LAYER_SETTINGS: JsonObject = {"data_source": ML_METRICS, "sampling": 0.5, "ignore_global_filters": True}

GAUGES: dict[str, JsonObject] = {
    "gauge-bullet": {
        "type": "gauge",
        "id": "gauge-with-its-own-id",
        "tags": ["ml", "gauges"],
        "lock": True,
        "title": "Model performance",
        **CHART_SETTINGS,
        **LAYER_SETTINGS,
        "styling": {"shape": {"type": "bullet", "orientation": "vertical"}},
        "metric": {
            "operation": "average",
            "field": "prediction_confidence",
            "title": {"visible": True, "text": "Average confidence"},
            "subtitle": "Poor, Fair, Good",
            "min": 0,
            "max": {"operation": "static_value", "value": 1, "label": "Top", "format": {"type": "percent"}},
            "goal": {"operation": "percentile", "field": "prediction_confidence", "percentile": 90},
            "ticks": {"visible": True, "mode": "bands"},
            "color": BANDS,
        },
    },
    "gauge-arc": {
        "type": "gauge",
        "title": "Slow requests",
        "data_source": "ml-metrics",
        "styling": {"shape": {"type": "arc"}},
        "metric": {
            "operation": "formula",
            "formula": "count(kql='inference_time_ms > 100') / count()",
            "title": {"visible": False},
            "min": 0,
            "max": 1,
            "goal": 0.1,
            "ticks": {"visible": False},
            "color": LEGACY_BANDS,
        },
    },
    "gauge-circle": {
        "type": "gauge",
        "title": "CPU",
        "data_source": {
            "type": "data_view_spec",
            "index_pattern": "ml-metrics-*",
            "time_field": "@timestamp",
            "allow_no_index": True,
            "name": "Metrics",
            "field_settings": {
                "cpu_usage": {
                    "custom_label": "CPU",
                    "custom_description": "Of the whole machine",
                    "format": {"type": "percent", "params": {"pattern": "0%"}},
                },
                "seconds": {"type": "double", "script": "emit(doc['ms'].value / 1000.0)"},
                **{kind: {"type": kind} for kind in ("keyword", "long", "date", "ip", "boolean", "geo_point")},
            },
        },
        "styling": {"shape": {"type": "circle"}},
        "metric": {**EVERY_METRIC[9], "color": {"type": "none"}, "ticks": {"mode": "auto"}},
    },
    "gauge-semi-circle": {
        "type": "gauge",
        "title": "Requests",
        "data_source": "ml-metrics-*",
        "styling": {"shape": {"type": "semi_circle"}},
        "metric": {**EVERY_METRIC[0], "color": {"type": "auto"}},
    },
}

XY_CHARTS: dict[str, JsonObject] = {
    "xy-lines": {
        "type": "xy",
        "title": "Inference latency",
        **CHART_SETTINGS,
        "legend": {
            "visibility": "visible",
            "placement": "outside",
            "position": "right",
            "size": "l",
            "statistics": ["min", "max", "avg", "last_value"],
            "series_header": {"visible": True, "text": "Model"},
            "layout": {"type": "grid", "truncate": {"enabled": True, "max_lines": 2}},
        },
        "axis": {
            "x": {
                "title": {"text": "Time", "visible": True},
                "ticks": {"visible": True},
                "grid": {"visible": False},
                "labels": {"orientation": "angled"},
                "scale": "temporal",
                "domain": {"type": "fit", "rounding": True},
            },
            "y": {
                "title": {"text": "Latency (ms)", "visible": True},
                "ticks": {"visible": False},
                "grid": {"visible": True},
                "labels": {"orientation": "vertical"},
                "scale": "log",
                "domain": {"type": "custom", "min": 1, "max": 1000, "rounding": False},
            },
            "y2": {
                "title": {"text": "CPU (%)", "visible": False},
                "ticks": {"visible": True},
                "grid": {"visible": False},
                "labels": {"orientation": "horizontal"},
                "scale": "linear",
                "domain": {"type": "full", "rounding": True},
            },
        },
        "styling": {
            "fitting": {"type": "linear", "emphasize": True, "extend": "nearest"},
            "interpolation": "smooth",
            "points": {"visibility": "visible"},
            "overlays": {"partial_buckets": {"visible": True}, "current_time_marker": {"visible": True}},
        },
        "layers": [
            {
                "type": "line",
                **LAYER_SETTINGS,
                "x": {
                    **OVER_TIME,
                    "label": "Time",
                    "suggested_interval": "1h",
                    "use_original_time_range": True,
                    "include_empty_rows": False,
                    "drop_partial_intervals": True,
                },
                "breakdown_by": {**MODELS, "color": CATEGORICAL, "aggregate_first": True},
                "y": [
                    {**EVERY_METRIC[9], "axis": "y", "color": {"type": "static", "color": "#E7664C"}},
                    {"operation": "average", "field": "cpu_usage", "axis": "y2", "color": {"type": "auto"}},
                ],
            },
            {
                "type": "reference_lines",
                **LAYER_SETTINGS,
                "thresholds": [
                    {
                        "operation": "static_value",
                        "value": 100,
                        "label": "Service level: 100 ms",
                        "format": {"type": "number", "decimals": 0},
                        "axis": "y",
                        "fill": "above",
                        "color": {"type": "static", "color": "#BD271E"},
                        "icon": "alert",
                        "position": "left",
                        "stroke_dash": "dashed",
                        "stroke_width": 2,
                        "text": {"visible": True},
                    },
                    {
                        "operation": "median",
                        "field": "inference_time_ms",
                        "color": {"type": "auto"},
                        "fill": "below",
                        "position": "auto",
                        "stroke_dash": "dotted",
                    },
                    {"operation": "formula", "formula": "average(inference_time_ms) * 2", "axis": "y2"},
                ],
            },
        ],
    },
    "xy-every-metric": {
        "type": "xy",
        "title": "Every metric",
        "layers": [
            {"type": "line", "data_source": "ml-metrics", "x": OVER_TIME, "y": EVERY_METRIC},
            {"type": "area", "data_source": "ml-metrics", "x": OVER_TIME, "y": EVERY_METRIC_OVER_BUCKETS},
        ],
    },
    "xy-bars": {
        "type": "xy",
        "title": "Requests by environment",
        "legend": {
            "visibility": "auto",
            "placement": "inside",
            "position": "top_left",
            "columns": 2,
            "statistics": ["total"],
            "series_header": {"visible": False},
            "layout": {"type": "grid", "truncate": {"enabled": False}},
        },
        "styling": {"bars": {"minimum_height": 2, "data_labels": {"visible": True}}},
        "layers": [
            {
                "type": "bar_stacked",
                "data_source": "ml-metrics",
                "x": {**MODELS, "limit": 10, "rank_by": EVERY_RANK[3]},
                "breakdown_by": {"operation": "terms", "fields": ["environment"], "collapse_by": "sum"},
                "y": [COUNT],
            },
            {"type": "bar", "data_source": "ml-metrics", "x": LATENCY_HISTOGRAM, "y": [COUNT]},
            {"type": "bar_percentage", "data_source": "ml-metrics", "x": LATENCY_RANGES, "y": [COUNT]},
        ],
    },
    "xy-horizontal-bars": {
        "type": "xy",
        "title": "Outcomes",
        "legend": {"visibility": "hidden", "placement": "outside", "position": "bottom", "layout": {"type": "list"}},
        "layers": [
            {
                "type": "bar_horizontal",
                "data_source": "ml-metrics",
                "x": OUTCOMES,
                "breakdown_by": {**OVER_TIME, "suggested_interval": "1d", "color": GRADIENT, "collapse_by": "max"},
                "y": [COUNT],
            },
            {
                "type": "bar_horizontal_stacked",
                "data_source": "ml-metrics",
                "x": MODELS,
                "breakdown_by": {**LATENCY_RANGES, "color": CATEGORICAL_RANGES, "aggregate_first": False},
                "y": [COUNT],
            },
            {
                "type": "bar_horizontal_percentage",
                "data_source": "ml-metrics",
                "x": MODELS,
                "breakdown_by": {**LATENCY_HISTOGRAM, "aggregate_first": True},
                "y": [COUNT],
            },
        ],
    },
    "xy-areas": {
        "type": "xy",
        "title": "Outcomes over time",
        "legend": {"position": "top", "layout": {"type": "grid"}},
        "axis": {"y": {"domain": {"type": "fit"}}},
        "styling": {"areas": {"fill_opacity": 0.7}, "interpolation": "stepped", "fitting": {"type": "zero"}},
        "layers": [
            {
                "type": "area_stacked",
                "data_source": "ml-metrics",
                "x": OVER_TIME,
                "breakdown_by": {**OUTCOMES, "aggregate_first": False},
                "y": [COUNT],
            },
            {"type": "area_percentage", "data_source": "ml-metrics", "x": OVER_TIME, "y": [COUNT]},
        ],
    },
    "xy-annotations": {
        "type": "xy",
        "title": "What happened",
        "layers": [
            {"type": "line", "data_source": "ml-metrics", "x": OVER_TIME, "y": [COUNT]},
            {
                "type": "annotations",
                "data_source": "ml-metrics",
                "ignore_global_filters": True,
                "events": [
                    {
                        "type": "query",
                        "label": "Out of memory",
                        "query": "error_message : memory",
                        "time_field": "@timestamp",
                        "icon": "alert",
                        "color": {"type": "static", "color": "#BD271E"},
                        "line": {"stroke_width": 2, "stroke_dash": "dashed"},
                        "text": {"visible": True, "field": "error_message"},
                        "extra_fields": ["model_name"],
                    },
                    {
                        "type": "point",
                        "label": "Release",
                        "timestamp": "2026-11-22T10:00:00.000Z",
                        "visible": False,
                        "text": {"visible": True},
                        "color": {"type": "auto"},
                    },
                    {"type": "point", "timestamp": 1795341600000},
                    {
                        "type": "range",
                        "label": "Maintenance",
                        "interval": {"from": "2026-11-22T10:00:00.000Z", "to": "2026-11-22T12:00:00.000Z"},
                        "fill": "outside",
                    },
                ],
            },
        ],
    },
    "xy-reference-lines": {
        "type": "xy",
        "title": "Every reference line",
        "layers": [
            {"type": "line", "data_source": "ml-metrics", "x": OVER_TIME, "y": [COUNT]},
            {
                "type": "reference_lines",
                "data_source": "ml-metrics",
                "thresholds": [{**metric, "stroke_width": 1, "axis": "y"} for metric in EVERY_METRIC],
            },
        ],
    },
}

PIES: dict[str, JsonObject] = {
    "pie-donut": {
        "type": "pie",
        "title": "Requests by model",
        **CHART_SETTINGS,
        **LAYER_SETTINGS,
        "legend": {"visibility": "visible", "nested": True, "size": "m", "truncate_after_lines": 3},
        "styling": {
            "donut_hole": "m",
            "labels": {"visible": True, "position": "outside"},
            "values": {"visible": True, "mode": "percentage", "percent_decimals": 1},
        },
        "metrics": [{"operation": "count", "color": {"type": "static", "color": "#54B399"}}],
        "group_by": [
            {**MODELS, "color": CATEGORICAL, "other_bucket": {"include_documents_without_field": True}},
            {"operation": "terms", "fields": ["environment"], "collapse_by": "avg"},
        ],
    },
    "pie-of-ranges": {
        "type": "pie",
        "title": "Requests by speed",
        "data_source": "ml-metrics",
        "metrics": [COUNT],
        "group_by": [{**LATENCY_RANGES, "color": CATEGORICAL_RANGES}],
    },
    "pie-every-bucket": {
        "type": "pie",
        "title": "Every bucket",
        "data_source": "ml-metrics",
        "metrics": [COUNT],
        "group_by": [
            {**OUTCOMES, "color": GRADIENT},
            {**OVER_TIME, "suggested_interval": "1d"},
            {**LATENCY_HISTOGRAM, "collapse_by": "min"},
        ],
    },
    "pie-every-metric": {
        "type": "pie",
        "title": "Every metric",
        "data_source": "ml-metrics",
        "metrics": [{**metric, "color": {"type": "auto"}} for metric in EVERY_METRIC],
    },
    "pie-over-buckets": {
        "type": "pie",
        "title": "Every metric over buckets",
        "data_source": "ml-metrics",
        "metrics": EVERY_METRIC_OVER_BUCKETS,
        "group_by": [OVER_TIME],
    },
}

OTHER_PARTS: dict[str, JsonObject] = {
    "treemap": {
        "type": "treemap",
        "title": "Requests by model and environment",
        "data_source": "ml-metrics",
        "legend": {"visibility": "visible", "nested": True, "position": "bottom", "truncate": False},
        "styling": {"labels": {"visible": False}, "values": {"mode": "absolute"}},
        "metrics": [COUNT],
        "group_by": [
            {**MODELS, "color": {**CATEGORICAL, "palette": "default_since_9"}},
            {"operation": "terms", "fields": ["environment"]},
        ],
    },
    "mosaic": {
        "type": "mosaic",
        "title": "Environments by model",
        "data_source": "ml-metrics",
        "legend": {"size": "l"},
        "styling": {"values": {"visible": False}},
        "metric": {"operation": "sum", "field": "requests_total"},
        "group_by": [{**MODELS, "color": GRADIENT}],
        "group_breakdown_by": [
            {"operation": "terms", "fields": ["environment"], "limit": 3},
            {**OUTCOMES, "collapse_by": "sum"},
        ],
    },
    "mosaic-every-bucket": {
        "type": "mosaic",
        "title": "Every bucket",
        "data_source": "ml-metrics",
        "metric": COUNT,
        "group_by": [OVER_TIME],
        "group_breakdown_by": [OVER_TIME, LATENCY_RANGES, LATENCY_HISTOGRAM],
    },
    **{
        f"mosaic-{metric['operation'].replace('_', '-')}": {
            "type": "mosaic",
            "title": f"Mosaic: {metric['operation']}",
            "data_source": "ml-metrics",
            "metric": metric,
            "group_by": [OVER_TIME],
        }
        for metric in [*EVERY_METRIC, *EVERY_METRIC_OVER_BUCKETS]
    },
    "waffle": {
        "type": "waffle",
        "title": "Requests by region",
        "data_source": "ml-metrics",
        "legend": {"visibility": "auto", "values": ["absolute"], "truncate_after_lines": 2},
        "styling": {"values": {"percent_decimals": 0}},
        "metrics": [{"operation": "unique_count", "field": "user_id"}],
        "group_by": [{"operation": "terms", "fields": ["region"], "color": CATEGORICAL}],
    },
    "waffle-of-outcomes": {
        "type": "waffle",
        "title": "Outcomes",
        "data_source": "ml-metrics",
        "metrics": [COUNT],
        "group_by": [OUTCOMES],
    },
}

LEGACY_METRICS: dict[str, JsonObject] = {
    "legacy-metric": {
        "type": "legacy_metric",
        "title": "Confidence",
        "data_source": "ml-metrics",
        "metric": {
            "operation": "average",
            "field": "prediction_confidence",
            "size": "xxl",
            "labels": {"alignment": "bottom"},
            "values": {"alignment": "center"},
            "apply_color_to": "background",
            "color": BANDS,
        },
    },
    "legacy-metric-of-a-named-palette": {
        "type": "legacy_metric",
        "title": "Errors",
        "data_source": "ml-metrics",
        "metric": {**COUNT, "apply_color_to": "value", "color": {**LEGACY_BANDS, "range": "absolute"}},
    },
    **{
        f"legacy-metric-{metric['operation'].replace('_', '-')}": {
            "type": "legacy_metric",
            "title": f"Metric: {metric['operation']}",
            "data_source": "ml-metrics",
            "metric": {**metric, "color": {"type": "auto"}},
        }
        for metric in EVERY_METRIC
    },
}

HEATMAPS: dict[str, JsonObject] = {
    "heatmap": {
        "type": "heatmap",
        "title": "Errors by model and hour",
        "data_source": "ml-metrics",
        "legend": {"visibility": "hidden", "size": "s", "position": "left", "truncate_after_lines": 2},
        "axis": {
            "x": {
                "title": {"text": "Hour", "visible": True},
                "labels": {"visible": True, "orientation": "vertical"},
                "sort": "asc",
                "scale": "temporal",
            },
            "y": {"title": {"visible": False}, "labels": {"visible": False}, "sort": "desc"},
        },
        "styling": {"cells": {"labels": {"visible": True}}},
        "metric": {**COUNT, "color": BANDS},
        "x": {**OVER_TIME, "suggested_interval": "1h"},
        "y": MODELS,
    },
    "heatmap-of-a-named-palette": {
        "type": "heatmap",
        "title": "Errors by region",
        "data_source": "ml-metrics",
        "metric": {**COUNT, "color": LEGACY_BANDS},
        "x": MODELS,
        "y": {**OUTCOMES, "outermost": True},
    },
    "heatmap-by-ranges": {
        "type": "heatmap",
        "title": "By ranges",
        "data_source": "ml-metrics",
        "axis": {"x": {"labels": {"orientation": "angled"}}},
        "metric": {**COUNT, "color": {"type": "auto"}},
        "x": LATENCY_HISTOGRAM,
        "y": LATENCY_RANGES,
    },
    **{
        f"heatmap-{metric['operation'].replace('_', '-')}": {
            "type": "heatmap",
            "title": f"Heatmap: {metric['operation']}",
            "data_source": "ml-metrics",
            "metric": metric,
            "x": OVER_TIME,
        }
        for metric in [*EVERY_METRIC, *EVERY_METRIC_OVER_BUCKETS]
    },
}

TAG_CLOUDS: dict[str, JsonObject] = {
    "tag-cloud": {
        "type": "tag_cloud",
        "title": "Models",
        "data_source": "ml-metrics",
        "styling": {"orientation": "angled", "font_size": {"min": 12, "max": 60}, "caption": {"visible": False}},
        "metric": COUNT,
        "tag_by": {**MODELS, "limit": 50, "color": CATEGORICAL},
    },
    **{
        f"tag-cloud-{bucket['operation'].replace('_', '-')}": {
            "type": "tag_cloud",
            "title": f"Tag cloud: {bucket['operation']}",
            "data_source": "ml-metrics",
            "metric": {"operation": "average", "field": "cpu_usage"},
            "tag_by": bucket,
        }
        for bucket in (OVER_TIME, OUTCOMES, LATENCY_RANGES, LATENCY_HISTOGRAM)
    },
}

METRICS: dict[str, JsonObject] = {
    "metric-bar": {
        "type": "metric",
        "title": "CPU by model",
        **CHART_SETTINGS,
        **LAYER_SETTINGS,
        "styling": {
            "icon": {"name": "bolt", "alignment": "left"},
            "primary": {
                "position": "top",
                "labels": {"alignment": "center"},
                "value": {"alignment": "right", "sizing": "fill"},
            },
            "secondary": {
                "label": {"text": "beside", "visible": True, "placement": "before"},
                "value": {"alignment": "left"},
            },
        },
        "metrics": [
            {
                "type": "primary",
                "operation": "average",
                "field": "cpu_usage",
                "label": "CPU",
                "subtitle": "average",
                "color": BANDS,
                "apply_color_to": "value",
                "background_chart": {"type": "bar", "orientation": "vertical", "max_value": 100},
            },
            {
                "type": "secondary",
                "operation": "average",
                "field": "memory_usage_mb",
                "label": "Memory",
                "color": {"type": "static", "color": "#6092C0"},
            },
        ],
        "breakdown_by": {**MODELS, "columns": 4, "collapse_by": "avg"},
    },
    "metric-trend": {
        "type": "metric",
        "title": "Requests",
        "data_source": "ml-metrics",
        "metrics": [
            {"type": "primary", **COUNT, "background_chart": {"type": "trend"}},
            {
                "type": "secondary",
                "operation": "count",
                "time_shift": "1d",
                "compare": {"to": "primary", "palette": "compare_to", "icon": True, "value": False},
            },
        ],
    },
    "metric-baseline": {
        "type": "metric",
        "title": "Against the goal",
        "data_source": "ml-metrics",
        "metrics": [
            {"type": "primary", **EVERY_METRIC[11], "color": {"type": "static", "color": "#FFFFFF"}},
            {
                "type": "secondary",
                "operation": "average",
                "field": "prediction_confidence",
                "compare": {"to": "baseline", "baseline": 0.8, "palette": "compare_to", "icon": False, "value": True},
                "color": {"type": "none"},
            },
        ],
    },
    "metric-computed-maximum": {
        "type": "metric",
        "title": "Memory",
        "data_source": "ml-metrics",
        "metrics": [
            {
                "type": "primary",
                **EVERY_METRIC[2],
                "color": {"type": "auto"},
                "apply_color_to": "background",
                "background_chart": {
                    "type": "bar",
                    "max_value": {"operation": "max", "field": "cpu_usage", "time_shift": "1d"},
                },
            }
        ],
        "breakdown_by": {**OUTCOMES, "columns": 2},
    },
    **{
        f"metric-{metric['operation'].replace('_', '-')}": {
            "type": "metric",
            "title": f"Metric: {metric['operation']}",
            "data_source": "ml-metrics",
            "metrics": [{"type": "primary", **metric}, {"type": "secondary", **metric}],
            "breakdown_by": {**OVER_TIME, "suggested_interval": "12h"},
        }
        for metric in EVERY_METRIC_OVER_BUCKETS
    },
    "metric-by-range": {
        "type": "metric",
        "title": "By range",
        "data_source": "ml-metrics",
        "metrics": [{"type": "primary", **COUNT, "color": LEGACY_BANDS}],
        "breakdown_by": {**LATENCY_RANGES, "columns": 3},
    },
    "metric-by-histogram": {
        "type": "metric",
        "title": "By histogram",
        "data_source": "ml-metrics",
        "metrics": [{"type": "primary", **COUNT}],
        "breakdown_by": {**LATENCY_HISTOGRAM, "collapse_by": "sum"},
    },
}

TABLE_COLUMN: JsonObject = {"visible": True, "width": 200, "alignment": "center", "apply_color_to": "background"}
DATA_TABLES: dict[str, JsonObject] = {
    "table-models": {
        "type": "data_table",
        "title": "Performance by model",
        **CHART_SETTINGS,
        **LAYER_SETTINGS,
        "styling": {
            "density": {
                "mode": "compact",
                "height": {
                    "header": {"type": "custom", "max_lines": 2},
                    "value": {"type": "custom", "lines": 3},
                },
            },
            "paging": 20,
            "sort_by": {"column_type": "metric", "index": 0, "direction": "desc"},
            "row_numbers": {"visible": True},
        },
        "rows": [
            {
                **MODELS,
                "label": "Model",
                "format": {"type": "duration", "from": "ms", "to": "s", "decimals": 1, "compact": True, "suffix": " s"},
                "limit": 20,
                "increase_accuracy": True,
                "includes": {"values": ["bert.*"], "as_regex": True},
                "excludes": {"values": ["test"], "as_regex": False},
                "other_bucket": {"include_documents_without_field": False},
                "rank_by": EVERY_RANK[3],
                **TABLE_COLUMN,
                "color": CATEGORICAL,
                "click_filter": True,
            },
        ],
        "metrics": [
            {**COUNT, **TABLE_COLUMN, "color": BANDS, "summary": {"type": "sum", "label": "Total"}},
            {**EVERY_METRIC[2], "apply_color_to": "badge", "color": {"type": "auto"}, "visible": False},
            {"operation": "last_value", "field": "environment", "time_field": "@timestamp", "color": CATEGORICAL},
            {**EVERY_METRIC[9], "apply_color_to": "value", "color": LEGACY_BANDS, "summary": {"type": "avg"}},
        ],
    },
    "table-pivoted": {
        "type": "data_table",
        "title": "By environment and outcome",
        "data_source": "ml-metrics",
        "styling": {
            "density": {"mode": "expanded", "height": {"header": {"type": "auto"}, "value": {"type": "auto"}}},
            "sort_by": {"column_type": "pivoted_metric", "index": 0, "values": ["production"], "direction": "asc"},
        },
        "rows": [{**MODELS, "collapse_by": "sum"}, {**OVER_TIME, "visible": True, "width": 100}],
        "split_metrics_by": [{"operation": "terms", "fields": ["environment"], "limit": 3, "outermost": True}],
        "metrics": [COUNT, {"operation": "average", "field": "inference_time_ms"}],
    },
    "table-every-bucket": {
        "type": "data_table",
        "title": "Every bucket",
        "data_source": "ml-metrics",
        "styling": {"sort_by": {"column_type": "row", "index": 1, "direction": "asc"}},
        "rows": [
            OUTCOMES,
            {**OVER_TIME, "alignment": "left", "click_filter": True},
            {**LATENCY_RANGES, "apply_color_to": "badge", "color": CATEGORICAL_RANGES},
            {**LATENCY_HISTOGRAM, "alignment": "right", "color": {"type": "auto"}},
        ],
        "split_metrics_by": [{**OVER_TIME, "suggested_interval": "1d"}, OUTCOMES, LATENCY_RANGES, LATENCY_HISTOGRAM],
        "metrics": [COUNT],
    },
    "table-every-rank": {
        "type": "data_table",
        "title": "Every rank",
        "data_source": "ml-metrics",
        "rows": [
            *({**MODELS, "rank_by": rank} for rank in EVERY_RANK),
            {
                "operation": "terms",
                "fields": ["model_name", "environment"],
                "apply_color_to": "value",
                "color": GRADIENT,
            },
        ],
        "metrics": [COUNT],
    },
    "table-every-metric": {
        "type": "data_table",
        "title": "Every metric",
        "data_source": "ml-metrics",
        "rows": [OVER_TIME],
        "metrics": [{**metric, "alignment": "right"} for metric in [*EVERY_METRIC, *EVERY_METRIC_OVER_BUCKETS]],
    },
}

BY_MODEL: JsonObject = {"type": "esql", "query": "FROM ml-metrics | STATS c = COUNT(*), m = AVG(ms) BY model, env"}
ESQL_CHARTS: dict[str, JsonObject] = {
    "xy-esql": {
        "type": "xy",
        "title": "Requests over time, by model",
        "layers": [
            {
                "type": "line",
                "data_source": {
                    "type": "esql",
                    "query": "FROM ml-metrics | STATS c = COUNT(*) BY t = BUCKET(@timestamp, 1h), model",
                    "time_field": "@timestamp",
                },
                "ignore_global_filters": True,
                "x": {"column": "t", "data_type": "date", "label": "Hour"},
                "breakdown_by": {"column": "model", "color": CATEGORICAL, "collapse_by": "sum"},
                "y": [{"column": "c", "label": "Requests", "format": {"type": "number"}, "axis": "y2"}],
            }
        ],
    },
    "gauge-esql": {
        "type": "gauge",
        "title": "Requests",
        "data_source": BY_MODEL,
        "metric": {
            "column": "c",
            "data_type": "unknown",
            "min": {"column": "least", "label": "Fewest"},
            "max": {"column": "most"},
            "goal": {"column": "wanted"},
            "color": BANDS,
        },
    },
    "metric-esql": {
        "type": "metric",
        "title": "Requests",
        "data_source": BY_MODEL,
        "metrics": [
            {
                "type": "primary",
                "column": "c",
                "background_chart": {"type": "bar", "max_value": {"column": "most"}},
            },
            {"type": "secondary", "column": "m", "format": {"type": "duration", "from": "ms", "to": "s"}},
        ],
        "breakdown_by": {"column": "model", "columns": 2},
    },
    "pie-esql": {
        "type": "pie",
        "title": "Requests by model",
        "data_source": BY_MODEL,
        "metrics": [{"column": "c"}],
        "group_by": [{"column": "model", "color": CATEGORICAL}],
    },
    "treemap-esql": {
        "type": "treemap",
        "title": "Requests by model",
        "data_source": BY_MODEL,
        "metrics": [{"column": "c", "color": {"type": "static", "color": "#54B399"}}],
        "group_by": [{"column": "model"}, {"column": "env"}],
    },
    "mosaic-esql": {
        "type": "mosaic",
        "title": "Requests by model and environment",
        "data_source": BY_MODEL,
        "metric": {"column": "c"},
        "group_by": [{"column": "model"}],
        "group_breakdown_by": [{"column": "env"}],
    },
    "table-esql": {
        "type": "data_table",
        "title": "Requests by model",
        "data_source": BY_MODEL,
        "rows": [{"column": "model", "label": "Model", "width": 100}],
        "metrics": [{"column": "c", "summary": {"type": "sum"}}, {"column": "newest", "data_type": "date"}],
    },
    "table-esql-rows": {
        "type": "data_table",
        "title": "Models",
        "data_source": {"type": "esql", "query": "FROM ml-metrics | STATS BY model"},
        "rows": [{"column": "model"}],
    },
    "heatmap-esql": {
        "type": "heatmap",
        "title": "Requests by model and environment",
        "data_source": BY_MODEL,
        "axis": {"x": {"labels": {"orientation": "angled"}}},
        "metric": {"column": "c"},
        "x": {"column": "model"},
        "y": {"column": "env"},
    },
    "tag-cloud-esql": {
        "type": "tag_cloud",
        "title": "Models",
        "data_source": BY_MODEL,
        "metric": {"column": "c"},
        "tag_by": {"column": "model"},
    },
}

GOOD_VISUALIZATIONS: dict[str, JsonObject] = {
    **GAUGES,
    **XY_CHARTS,
    **PIES,
    **OTHER_PARTS,
    **METRICS,
    **LEGACY_METRICS,
    **DATA_TABLES,
    **HEATMAPS,
    **TAG_CLOUDS,
    **ESQL_CHARTS,
}

OPTIONS_LIST: JsonObject = {
    "type": "options_list_control",
    "id": "model-picker",
    "width": "small",
    "grow": True,
    "config": {
        "title": "Model",
        "data_view_id": "ml-metrics",
        "field_name": "model_name",
        "use_global_filters": False,
        "ignore_validations": True,
        "exclude": True,
        "exists_selected": False,
        "run_past_timeout": True,
        "search_technique": "prefix",
        "selected_options": ["bert-base", 7],
        "single_select": True,
        "sort": {"by": "_key", "direction": "asc"},
        "display_settings": {
            "placeholder": "Any model",
            "hide_action_bar": True,
            "hide_exclude": True,
            "hide_exists": True,
            "hide_sort": True,
        },
    },
}
RANGE_SLIDER: JsonObject = {
    "type": "range_slider_control",
    "id": "confidence",
    "width": "large",
    "grow": True,
    "config": {
        "title": "Confidence",
        "data_view_id": "ml-metrics",
        "field_name": "prediction_confidence",
        "use_global_filters": False,
        "ignore_validations": True,
        "value": ["0.5", "1"],
        "step": 0.1,
    },
}
TIME_SLIDER: JsonObject = {
    "type": "time_slider_control",
    "id": "time",
    "width": "medium",
    "grow": True,
    "config": {
        "start_percentage_of_time_range": 0.25,
        "end_percentage_of_time_range": 0.75,
        "is_anchored": True,
    },
}
MARKDOWN: JsonObject = {
    "type": "markdown",
    "id": "intro",
    "grid": {"x": 0, "y": 0, "w": 48, "h": 4},
    "config": {
        "content": "# Models\n\nSee the [runbook](https://runbooks.example.com).",
        "settings": {"open_links_in_new_tab": False, "font_size": 10},
        "title": "Read me",
        "description": "What this dashboard is for",
        "hide_title": True,
        "hide_border": True,
    },
}
CONFIDENCE: JsonObject = {
    "type": "metric",
    "title": "Confidence",
    "data_source": "ml-metrics",
    "metrics": [{"type": "primary", "operation": "average", "field": "prediction_confidence"}],
}

GOOD_DASHBOARDS: dict[str, JsonObject] = {
    "minimal": {"title": "Nothing yet", "panels": []},
    "everything": {
        "title": "Everything",
        "id": "everything-by-its-own-id",
        "description": "Every property of a dashboard",
        "lock": True,
        "tags": ["ml", "team: search"],
        "time_range": {"from": "2026-11-22T00:00:00Z", "to": "2026-11-23T00:00:00Z", "mode": "absolute"},
        "refresh_interval": {"pause": True, "value": 60000},
        "query": {"expression": "type:model_inference", "language": "lucene"},
        "filters": EVERY_FILTER,
        "options": {
            "auto_apply_filters": False,
            "hide_panel_titles": True,
            "hide_panel_borders": True,
            "use_margins": False,
            "sync_colors": True,
            "sync_tooltips": True,
            "sync_cursor": False,
        },
        "pinned_panels": [OPTIONS_LIST, RANGE_SLIDER, TIME_SLIDER],
        "controls": {"labels": "above", "chaining": False, "ignore": ["time_range"]},
        "panels": [
            MARKDOWN,
            {
                "type": "vis",
                "id": "in-the-library",
                "grid": {"x": 0, "y": 4, "w": 24, "h": 8},
                "config": {
                    "ref_id": "gauge-arc",
                    "title": "By reference",
                    "description": "A visualization of the library",
                    **PANEL_SETTINGS,
                },
            },
            {
                "type": "vis",
                "id": "in-the-dashboard",
                "grid": {"x": 24, "y": 4, "w": 24, "h": 8},
                "config": {**CONFIDENCE, "description": "In this dashboard alone", **PANEL_SETTINGS},
            },
        ],
    },
    "shorthands": {
        "title": "Shorthands",
        "time_range": "now-24h",
        "refresh_interval": "30s",
        "query": "error: true",
        "pinned_panels": [
            {"type": "options_list_control", "config": {"data_view_id": "ml-metrics", "field_name": "model_name"}},
            {"type": "range_slider_control", "config": {"data_view_id": "ml-metrics", "field_name": "cpu_usage"}},
            {"type": "time_slider_control", "config": {}},
        ],
        "panels": [
            {"type": "markdown", "config": {"content": "Placed one after the other."}},
            {"visualization": "gauge-arc"},
            {"visualization": "xy-bars", "id": "bars", "grid": {"w": 48, "h": 20}},
            {
                "visualization": "pie-donut",
                "inline": True,
                "grid": {"h": 10},
                "config": {
                    "title": "A copy",
                    "description": "with its own words",
                    "time_range": "now-7d",
                    "hide_title": False,
                    "hide_border": False,
                    "drilldowns": [URL_DRILLDOWN],
                },
            },
            {"type": "vis", "config": {"ref_id": "table-models", "time_range": "now-1h"}},
            {"type": "vis", "config": {**CONFIDENCE, "query": "error: false", "time_range": "now-1h"}},
        ],
    },
    "sections": {
        "title": "Sections",
        "panels": [
            {"visualization": "gauge-arc"},
            {
                "title": "Latency",
                "id": "latency",
                "collapsed": True,
                "grid": {"y": 20},
                "panels": [{"visualization": "xy-lines"}, {"type": "vis", "config": CONFIDENCE}, MARKDOWN],
            },
            {"title": "Empty", "panels": []},
        ],
    },
    "every-chart": {
        "title": "Every chart inline",
        "panels": [
            {"type": "vis", "id": name, "config": {k: v for k, v in chart.items() if k not in ("id", "tags", "lock")}}
            for name, chart in GOOD_VISUALIZATIONS.items()
        ],
    },
}

GOOD_PROJECT: JsonObject = {
    "project": "ml-monitoring",
    "paths": ["dashboards", "visualizations"],
    "default_context": "local",
    "data_views": {
        "ml-metrics": {
            "index_pattern": "ml-metrics-*",
            "time_field": "@timestamp",
            "title": "ML metrics",
            "template": "index_templates/ml-metrics.json",
        },
        "ml-training": {
            "index_pattern": "ml-training-*,ml-experiments-*",
            "id": {"local": "ml-training", "production": "9a1c2f60-5b1e-4f53-8b0e-0d2f0a3e7c11"},
        },
        "data-quality": {"index_pattern": "data-quality-*", "id": "data-quality"},
    },
    "contexts": {
        "local": {"kibana": "http://localhost:5601", "elasticsearch": "http://localhost:9200"},
        "production": {
            "kibana": "${PROD_KIBANA_URL}",
            "space": "ml",
            "ca_file": "certs/ca.pem",
            "api_key_env": "PROD_API_KEY",
        },
        "staging": {
            "kibana": "https://kibana.staging.example.com",
            "username_env": "STAGING_USER",
            "password_env": "STAGING_PASSWORD",
        },
    },
}
GOOD_PROJECTS: dict[str, Json] = {"everything": GOOD_PROJECT, "minimal": {"project": "ml"}}
