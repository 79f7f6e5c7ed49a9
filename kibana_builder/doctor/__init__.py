"""ROOM doctor: whether the services, the data and the dashboards are well, and what to do where they are not.

Gets clients, addresses and a project's source; gives results, one for each thing that was looked at. It changes
nothing, except `pipeline.py`, which sends three marked events and takes them away again.
"""
