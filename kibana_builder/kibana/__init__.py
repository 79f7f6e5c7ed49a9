"""ROOM kibana: request <-> answer.

The only room that touches Kibana over the network, and the only one that knows the HTTP library's errors.
"""
