"""ROOM spec: YAML trees -> as-code documents, or findings.

The schemas, the check made from them, the shorthands, the grid; touches nothing.
"""
