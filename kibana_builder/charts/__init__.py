"""ROOM charts: a chart in the as-code vocabulary <-> Lens state.

Gets and gives plain JSON; touches nothing.
"""
