"""ROOM sandbox: an embedded server with Kibana's saved-objects API.

Touches its own port and folder.
"""
