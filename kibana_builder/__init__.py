"""kbuild: Kibana dashboards as code.

The front door for programs. Each name is imported when it is first used, so that `import kibana_builder` stays quick:

>>> import kibana_builder
>>> from pathlib import Path
>>> project = kibana_builder.load_project(Path("kbuild.yaml"))  # doctest: +SKIP
>>> source = kibana_builder.load_source(project)  # doctest: +SKIP
>>> kibana_builder.all_problems(source)  # doctest: +SKIP
[]
>>> text = kibana_builder.write_ndjson([built.object for built in kibana_builder.build(source)])  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kibana_builder.errors import (
    CannotConnect,
    ElasticError,
    ElasticNotAllowed,
    ElasticNotFound,
    ElasticRefused,
    ElasticUnreachable,
    KbuildError,
    KibanaError,
    NotAllowed,
    NotFound,
    Refused,
    SpecError,
    TooLarge,
    UsageError,
)

if TYPE_CHECKING:
    from kibana_builder.checks import all_problems
    from kibana_builder.elastic.client import Elastic
    from kibana_builder.files.ndjson import write_ndjson
    from kibana_builder.files.project import load_project
    from kibana_builder.files.source import load_source
    from kibana_builder.kibana.http import Kibana
    from kibana_builder.saved.build import build
    from kibana_builder.saved.normal_form import same_object
    from kibana_builder.sync.apply import apply
    from kibana_builder.sync.plan import plan_apply

__version__ = "0.1.0"

__all__ = [
    "CannotConnect",
    "Elastic",
    "ElasticError",
    "ElasticNotAllowed",
    "ElasticNotFound",
    "ElasticRefused",
    "ElasticUnreachable",
    "KbuildError",
    "Kibana",
    "KibanaError",
    "NotAllowed",
    "NotFound",
    "Refused",
    "SpecError",
    "TooLarge",
    "UsageError",
    "all_problems",
    "apply",
    "build",
    "load_project",
    "load_source",
    "plan_apply",
    "same_object",
    "write_ndjson",
]

_HOMES = {
    "Elastic": "elastic.client",
    "Kibana": "kibana.http",
    "all_problems": "checks",
    "apply": "sync.apply",
    "build": "saved.build",
    "load_project": "files.project",
    "load_source": "files.source",
    "plan_apply": "sync.plan",
    "same_object": "saved.normal_form",
    "write_ndjson": "files.ndjson",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
