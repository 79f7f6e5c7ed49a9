"""ROOM saved: as-code documents <-> saved objects.

Panels, controls, filters, references, ids, the normal form; touches nothing.
"""
