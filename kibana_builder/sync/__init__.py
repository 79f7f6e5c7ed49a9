"""ROOM sync: what the source says and what is live -> changes -> report.

Uses files and kibana; prints nothing.
"""
