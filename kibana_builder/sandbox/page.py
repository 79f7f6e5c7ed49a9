"""The page of the sandbox: a list of its objects, without a script and without a word that is not escaped."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from kibana_builder.sandbox.answers import Answer
from kibana_builder.sandbox.calls import Call
from kibana_builder.sandbox.object_types import KIBANA_VERSION, TYPES
from kibana_builder.sandbox.store import SavedObject

MOST_ROWS = 2_000
STYLE = (
    "body{font:15px/1.5 sans-serif;margin:2rem;color:#343741}"
    "td,th{text-align:left;vertical-align:top;padding:.2rem 1.5rem .2rem 0}"
    "tr:target{background:#fff3cd}"
)
POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>kbuild sandbox</title><style>{style}</style></head>
<body>
<h1>kbuild sandbox</h1>
<p>This is kbuild's sandbox, not Kibana; the page that draws dashboards is not built yet.
It answers the saved-objects API as Kibana {version} does.</p>
<p>{count}</p>
<table>
<tr><th>Title</th><th>Type</th><th>Id</th><th>Space</th></tr>
{rows}
</table>
</body>
</html>
"""


def page(call: Call) -> Answer:
    objects = sorted(call.store.all_of(None, list(TYPES)), key=lambda each: (each.space, each.type, _title(each)))
    count = f"{len(objects)} saved objects" if len(objects) != 1 else "1 saved object"
    if len(objects) > MOST_ROWS:
        count += f"; the first {MOST_ROWS} are shown"
    rows = "\n".join(map(_row, objects[:MOST_ROWS]))
    html = PAGE.format(style=STYLE, version=KIBANA_VERSION, count=count, rows=rows)
    headers = {"content-security-policy": POLICY}
    return Answer(html.encode(errors="replace"), media_type="text/html; charset=utf-8", headers=headers)


def _title(each: SavedObject) -> str:
    return str(TYPES[each.type].title_of(each.attributes) or "")


def _row(each: SavedObject) -> str:
    # The anchor is what follows the # in Kibana's own address of a dashboard, so such an address finds its row.
    anchor = f' id="/view/{escape(each.id)}"' if each.type == "dashboard" else ""
    cells = "".join(f"<td>{escape(text)}</td>" for text in (_title(each), each.type, each.id, each.space))
    return f"<tr{anchor}>{cells}</tr>"
