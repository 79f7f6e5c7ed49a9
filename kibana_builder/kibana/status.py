"""Which Kibana answers: its version, and whether kbuild can work with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kibana_builder.errors import NotFound, Refused
from kibana_builder.kibana.http import Kibana

__all__ = ["OLDEST", "Status", "get_status", "require_supported"]

OLDEST = (8, 12)
"""The oldest Kibana whose saved objects kbuild writes; no version before it was measured."""


@dataclass(frozen=True, slots=True)
class Status:
    """What `/api/status` says. `number` is empty where Kibana tells it only to those who log in.

    `flavor` is "serverless" in Elastic's serverless projects and "traditional", or empty, elsewhere. `level` is how
    Kibana says it is ("available", "degraded", "critical", "unavailable"), `summary` its words for that.
    """

    name: str
    number: str
    flavor: str = ""
    level: str = ""
    summary: str = ""

    @property
    def version(self) -> tuple[int, ...] | None:
        """The version as numbers, or None when it is not told."""
        match = re.match(r"(\d+)\.(\d+)\.(\d+)", self.number)
        return tuple(map(int, match.groups())) if match else None

    @property
    def is_too_old(self) -> bool:
        """Whether kbuild cannot work with it; one that does not tell its version may be new enough."""
        return self.version is not None and self.version[:2] < OLDEST

    @property
    def notes(self) -> list[str]:
        """What a person should know before relying on this Kibana."""
        if self.flavor == "serverless":
            return ["this is a serverless project: kbuild has not been measured there"]
        if self.version is None:
            return ["Kibana does not tell its version to us: kbuild needs 8.12 or later"]
        if self.version >= (9,):
            return [f"Kibana {self.number}: kbuild has been measured on 8.12 only"]
        return []


def get_status(kibana: Kibana) -> Status:
    """Ask who answers. Raises NotFound or Refused when it is no Kibana."""
    try:
        answer = kibana.send("GET", "/api/status", in_space=False)
    except NotFound as error:  # what every Kibana has is not there
        raise NotFound(f"{error}. Is the base path right?", error.status) from None
    if "x-elastic-product" in answer.headers and "kbn-name" not in answer.headers:
        raise Refused(f"{kibana.address} is Elasticsearch. kbuild needs the address of Kibana, often port 5601")
    body = answer.json()
    if not isinstance(body, dict) or not isinstance(body.get("status"), dict):
        raise Refused(f"{kibana.address} answers, but not like a Kibana. Is this Kibana's address and base path?")
    version = body.get("version")
    version = version if isinstance(version, dict) else {}
    overall = body["status"].get("overall")
    overall = overall if isinstance(overall, dict) else {}
    return Status(
        name=str(body.get("name") or ""),
        number=str(version.get("number") or ""),
        flavor=str(version.get("build_flavor") or ""),
        level=str(overall.get("level") or ""),
        summary=str(overall.get("summary") or ""),
    )


def require_supported(kibana: Kibana) -> Status:
    """Give the status. Raises Refused for a Kibana older than 8.12."""
    status = get_status(kibana)
    if status.is_too_old:
        raise Refused(f"{kibana.address} is Kibana {status.number}; kbuild needs 8.12 or later")
    return status
