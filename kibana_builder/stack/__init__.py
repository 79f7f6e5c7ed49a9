"""ROOM stack: the project's Elasticsearch, Kibana and Logstash in Docker.

Gets the folder with the compose files; gives what Docker says of the containers, and what the machine lacks for them.
Touches Docker through its command line, and looks at the machine's memory, disk and ports.
"""
