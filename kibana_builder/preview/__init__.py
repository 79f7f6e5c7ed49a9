"""ROOM preview: as-code document -> query -> rows -> picture.

Gets documents and a place to ask (DuckDB, Elasticsearch), gives drawings as Vega-Lite, HTML, SVG and PNG.
"""
