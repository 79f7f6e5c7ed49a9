"""What Kibana calls the space that every Kibana begins with; its API leaves that one out of its addresses."""

from __future__ import annotations

__all__ = ["DEFAULT_SPACE"]

DEFAULT_SPACE = "default"
