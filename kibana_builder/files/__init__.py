"""ROOM files: disk <-> trees, and the files of a project -> its documents.

YAML with places, NDJSON, the project file, the source; touches the disk only.
"""
