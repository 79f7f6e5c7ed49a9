"""ROOM monitor: the stream of events in figures, as it goes by.

Gets an Elasticsearch, or lines of NDJSON; gives the figures of the last minute or so, and what a terminal shows of
them.
"""
