"""What the commands that go to Elasticsearch share: the option for its address, and the way there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.options import credentials
from kibana_builder.errors import UsageError

if TYPE_CHECKING:
    from kibana_builder.elastic.client import Elastic
    from kibana_builder.files.project import Project

__all__ = ["ElasticsearchOption", "reached"]

ElasticsearchOption = Annotated[
    str | None,
    typer.Option(
        "--elasticsearch",
        metavar="URL",
        help="The address of Elasticsearch; without it, that of the context.",
        show_default=False,
    ),
]


def reached(
    project: Project | None,
    context: str | None,
    address: str | None,
    timeout: float = 60.0,
    *,
    has_option: bool = True,
) -> Elastic:
    """Give the client of the Elasticsearch that is meant: at the address, else that of the context.

    Who we are comes from the variables that the context names for Kibana, since a key of the one is a key of the
    other, else from ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD. An address without
    `context` has nothing to do with any context: its login never goes there. Nothing is sent yet.
    `has_option` says whether the command has ElasticsearchOption, which its errors then speak of.

    Raises UsageError when there is no address, SpecError for one in kbuild.yaml that is none.
    """
    from kibana_builder.elastic.client import Elastic, elastic_ca_file, elastic_credentials

    ca_file = elastic_ca_file(os.environ)
    if address is not None and context is None:
        return Elastic(address, elastic_credentials(os.environ), ca_file=ca_file, timeout=timeout)
    if project is None:
        raise UsageError("say where Elasticsearch is: --elasticsearch URL")
    otherwise = ", or give --elasticsearch URL" if has_option else ""
    name = project.context_name(context)
    if name is None:
        raise UsageError(f"{project.file.name} names no context; add one to `contexts:`{otherwise}")
    chosen = project.contexts[name]
    address = address or project.elasticsearch(chosen, os.environ)
    if address is None:
        raise UsageError(f"the context '{name}' has no `elasticsearch:`; add it{otherwise}")
    own = chosen.api_key_env or chosen.username_env or chosen.password_env
    login = credentials(chosen, os.environ) if own else elastic_credentials(os.environ)
    return Elastic(address, login, ca_file=chosen.ca_file or ca_file, timeout=timeout)
