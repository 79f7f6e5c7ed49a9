"""Spaces: Kibana accepts objects for a space that does not exist (recording `space_unknown_import`), so ask first."""

from __future__ import annotations

import difflib

from kibana_builder.errors import KibanaError, NotFound
from kibana_builder.kibana.http import Kibana
from kibana_builder.spaces import DEFAULT_SPACE

__all__ = ["require_space"]


def require_space(kibana: Kibana) -> None:
    """Raise NotFound, with the nearest name, when the client's space does not exist; the default one always does."""
    if kibana.space == DEFAULT_SPACE:
        return
    try:
        kibana.get(f"/api/spaces/space/{kibana.space}", in_space=False)
    except NotFound:
        raise NotFound(f"{kibana.address} has no space '{kibana.space}'{_others(kibana)}", 404) from None


def _others(kibana: Kibana) -> str:
    """Name the space that may be meant, or those there are; nothing when we may not see them."""
    try:
        answer = kibana.get("/api/spaces/space", in_space=False)
    except KibanaError:
        return ""
    spaces = [space for space in answer if isinstance(space, dict)] if isinstance(answer, list) else []
    ids = sorted(str(space["id"]) for space in spaces if "id" in space)
    # People know a space by the name they read in Kibana; the id is what stands in the URL.
    by_name = {str(space.get("name", "")).lower(): str(space["id"]) for space in spaces if "id" in space}
    near = difflib.get_close_matches(kibana.space, [*ids, *by_name], n=1)
    if near:
        return f" (did you mean '{kibana.words(by_name.get(near[0], near[0]))}'?)"
    return f" (there are: {kibana.words(', '.join(ids[:20]))})" if ids else ""
