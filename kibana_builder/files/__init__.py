"""ROOM files: disk <-> trees.

YAML with places, NDJSON, the project file; touches the disk only.
"""
