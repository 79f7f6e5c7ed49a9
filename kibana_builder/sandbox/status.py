"""`GET /api/status`: says what answers here, in the form that Kibana's clients read."""

from __future__ import annotations

from kibana_builder import __version__
from kibana_builder.sandbox.answers import Answer
from kibana_builder.sandbox.calls import Call
from kibana_builder.sandbox.object_types import KIBANA_VERSION

NAME = "kbuild-sandbox"
SUMMARY = f"kbuild sandbox {__version__}, not Kibana: it imitates the saved-objects API of Kibana {KIBANA_VERSION}"


def status(_call: Call) -> Answer:
    available = {"level": "available", "summary": SUMMARY}
    return Answer(
        {
            "name": NAME,
            "uuid": "00000000-0000-4000-8000-000000000000",
            # Clients choose what they send by the number; the build is that of no Kibana.
            "version": {
                "number": KIBANA_VERSION,
                "build_hash": "",
                "build_number": 0,
                "build_snapshot": False,
                "build_date": "1970-01-01T00:00:00.000Z",
            },
            "status": {
                "overall": available,
                "core": {"elasticsearch": available, "savedObjects": available},
                "plugins": {},
            },
            "sandbox": {"kbuild": __version__, "imitates": KIBANA_VERSION},
        }
    )
