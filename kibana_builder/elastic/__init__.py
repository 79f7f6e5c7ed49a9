"""ROOM elastic: requests to Elasticsearch, and the templates, pipelines and policies that it should have.

Gets an address and files; gives what Elasticsearch answered, in plain JSON, and what differs there. Only `client.py`
knows the client library and its errors.
"""
