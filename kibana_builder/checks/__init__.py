"""ROOM checks: as-code documents -> findings that no schema can make.

Touches nothing; index templates are handed in.
"""
