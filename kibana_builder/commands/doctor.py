"""`kbuild doctor`: how the services, the data and the dashboards are."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.in_elasticsearch import ElasticsearchOption, reached
from kibana_builder.commands.in_kibana import Form, FormOption, emit_json
from kibana_builder.commands.options import ContextOption, credentials, open_project, seconds
from kibana_builder.commands.output import Colour, paint, safe, tell, write
from kibana_builder.doctor.result import Result, Service, looked
from kibana_builder.errors import ElasticError, ElasticNotAllowed, UsageError

if TYPE_CHECKING:
    from kibana_builder.elastic.client import Elastic
    from kibana_builder.files.project import Project
    from kibana_builder.files.source import Source
    from kibana_builder.kibana.http import Kibana

_NEED_ELASTICSEARCH = frozenset({Service.elasticsearch, Service.pipeline, Service.dashboards})
_NEED_SOURCE = frozenset({Service.kibana, Service.dashboards})
_SECONDS = 15.0
"""For one request: a service that takes longer is not well."""
_COLOURS = {"ok": Colour.green, "warning": Colour.yellow, "problem": Colour.red, "skipped": None}
_TITLES = {
    Service.elasticsearch: "Elasticsearch",
    Service.logstash: "Logstash",
    Service.kibana: "Kibana",
    Service.pipeline: "From Logstash into Elasticsearch",
    Service.dashboards: "Dashboards",
}


@dataclass(frozen=True)
class Round:
    """What is looked at, and the way to each of it; nothing has been sent yet."""

    services: Collection[Service]
    project: Project | None
    source: Source | None
    elastic: Elastic | None
    kibana: Kibana | None
    logstash: tuple[str, int]
    logstash_api: str
    timeout: float


def doctor(
    services: Annotated[
        list[Service] | None,
        typer.Argument(
            metavar="[SERVICES]...",
            help="elasticsearch, logstash, kibana, pipeline, dashboards; without any, all.",
            show_default=False,
        ),
    ] = None,
    *,
    elasticsearch: ElasticsearchOption = None,
    context: ContextOption = None,
    logstash: Annotated[
        str | None,
        typer.Option(
            "--logstash",
            metavar="HOST:PORT",
            help="pipeline: the TCP input of Logstash (localhost:5001).",
            show_default=False,
        ),
    ] = None,
    logstash_api: Annotated[
        str | None,
        typer.Option(
            "--logstash-api",
            metavar="URL",
            help="logstash: its monitoring API (http://localhost:9600).",
            show_default=False,
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout",
            metavar="SECONDS",
            min=1,
            callback=seconds,
            help="pipeline: how long to wait (60).",
            show_default=False,
        ),
    ] = None,
    format: FormOption = Form.text,
) -> int:
    """Look at services, data and dashboards, and say what to do.

    Exits with 1 when there is a problem, with 0 when there are only warnings. All of it only looks, but `pipeline`: it
    sends three marked events of 1 January 2000 through Logstash, waits until Elasticsearch finds them enriched, and
    deletes them and their index again.
    """
    from kibana_builder.spec.words import listed

    chosen = list(dict.fromkeys(services or Service))
    for option, said, needed in (
        ("--elasticsearch", elasticsearch, _NEED_ELASTICSEARCH),
        ("--context", context, _NEED_ELASTICSEARCH | _NEED_SOURCE),
        ("--logstash", logstash, {Service.pipeline}),
        ("--timeout", timeout, {Service.pipeline}),
        ("--logstash-api", logstash_api, {Service.logstash}),
    ):
        if said is not None and not needed.intersection(chosen):
            raise UsageError(f"{option} has no meaning here; it goes with {listed(sorted(needed), 'or')}")
    around = _round(chosen, elasticsearch, context, logstash, logstash_api, timeout)
    results: list[Result] = []
    try:
        for result in _results(around):
            if format is Form.text:
                _print(result, around, [one for one in results if one.service is result.service])
            results.append(result)
    finally:
        for client in (around.elastic, around.kibana):
            if client is not None:
                client.close()
    counts = {state: sum(one.state == state for one in results) for state in _COLOURS}
    if format is Form.json:
        emit_json({"well": not counts["problem"], "counts": counts, "results": [_as_json(one) for one in results]})
    plural = {"warning": "warnings", "problem": "problems"}
    tell(", ".join(f"{n} {plural[state] if n > 1 and state in plural else state}" for state, n in counts.items() if n))
    return 1 if counts["problem"] else 0


def _round(
    chosen: list[Service],
    address: str | None,
    context: str | None,
    logstash: str | None,
    logstash_api: str | None,
    timeout: float | None,
) -> Round:
    """Find the way to each service. Raises UsageError and SpecError for what is not said, or said wrongly."""
    from kibana_builder.doctor.logstash import API
    from kibana_builder.doctor.pipeline import LOGSTASH, TIMEOUT, address_of
    from kibana_builder.kibana.addresses import checked_address

    api = checked_address(logstash_api or API, "Logstash", API)
    project = _project(chosen, address, context)
    source = None
    if project is not None and _NEED_SOURCE.intersection(chosen):
        from kibana_builder.files.source import load_source

        source = load_source(project, (), context)
    return Round(
        services=chosen,
        project=project,
        source=source,
        elastic=reached(project, context, address, _SECONDS) if _NEED_ELASTICSEARCH.intersection(chosen) else None,
        kibana=_kibana(project, context) if project is not None and Service.kibana in chosen else None,
        logstash=address_of(logstash or LOGSTASH),
        logstash_api=api,
        timeout=TIMEOUT if timeout is None else timeout,
    )


def _project(chosen: list[Service], address: str | None, context: str | None) -> Project | None:
    """Read the project; Logstash needs none, and what is sent through it only the address of Elasticsearch."""
    alone = {Service.logstash} if address is None else {Service.logstash, Service.pipeline}
    return None if context is None and alone.issuperset(chosen) else open_project()


def _kibana(project: Project, name: str | None) -> Kibana:
    from kibana_builder.kibana.http import Kibana, Patience

    context = project.context(name, os.environ)
    login = credentials(context, os.environ)
    once = Patience(attempts=1)
    return Kibana(
        context.kibana, login, space=context.space, ca_file=context.ca_file, read_timeout=_SECONDS, patience=once
    )


def _results(around: Round) -> Iterator[Result]:
    """Look at one after the other; what needs Elasticsearch is skipped where that does not answer."""
    why_not = ""
    if around.elastic is not None:
        result, why_not = _answers(around.elastic)
        if result.state != "ok" or Service.elasticsearch in around.services:
            yield result
    for service in around.services:
        if why_not and service is Service.elasticsearch:
            continue
        if why_not and service in _NEED_ELASTICSEARCH:
            yield Result(service, "elasticsearch", "skipped", why_not)
        else:
            yield from looked(service, "answers", partial(_of, service, around))


def _answers(elastic: Elastic) -> tuple[Result, str]:
    """Look whether Elasticsearch answers, and say why nothing else can be asked of it, if so."""
    from kibana_builder.doctor.elasticsearch import reachable

    try:
        return reachable(elastic), ""
    except ElasticNotAllowed as error:
        if error.status == 403:  # who may not ask what it is may be allowed all the rest
            words = f"what it is could not be looked at: {error.words}"
            return Result(Service.elasticsearch, "answers", "warning", words, error.cure), ""
        words = "Elasticsearch does not let us in"
        return Result(Service.elasticsearch, "answers", "problem", error.words, error.cure), words
    except ElasticError as error:
        cure = "`kbuild stack up` starts one; --elasticsearch says where another is"
        result = Result(Service.elasticsearch, "answers", "problem", str(error), cure)
        return result, "Elasticsearch does not answer"


def _of(service: Service, around: Round) -> Iterator[Result]:
    """Look at one service, to which there is a way."""
    if service is Service.logstash:
        from kibana_builder.doctor.logstash import check_logstash

        yield from check_logstash(around.logstash_api)
    if service is Service.kibana and around.kibana is not None and around.source is not None:
        from kibana_builder.doctor.kibana import check_kibana

        yield from check_kibana(around.kibana, around.source)
    if around.elastic is None:
        return
    if service is Service.elasticsearch:
        from kibana_builder.doctor.elasticsearch import Pattern, check_elasticsearch

        views = around.project.data_views.values() if around.project is not None else ()
        patterns = list(dict.fromkeys(Pattern(view.index_pattern, view.time_field) for view in views))
        root: Path | None = around.project.root if around.project is not None else None
        yield from check_elasticsearch(around.elastic, root, patterns, time.time() * 1000)
    if service is Service.pipeline:
        from kibana_builder.doctor.pipeline import check_pipeline

        yield from check_pipeline(around.elastic, around.logstash, around.timeout)
    if service is Service.dashboards and around.source is not None:
        from kibana_builder.doctor.dashboards import check_dashboards

        yield from _broken_files(around.source)
        yield from check_dashboards(around.elastic, around.source)


def _broken_files(source: Source) -> Iterator[Result]:
    from kibana_builder.spec.words import counted

    errors = sum(problem.severity == "error" for problem in source.problems)
    if errors:
        words = f"{counted(errors, 'error')} in the files; what they say is left out"
        yield Result(Service.dashboards, "files", "problem", words, "`kbuild validate` shows them")


def _print(result: Result, around: Round, before: Sequence[Result]) -> None:
    """Print a result, below the others of its service; a cure that was just said is not said again."""
    if not before:
        places = {
            Service.elasticsearch: around.elastic and around.elastic.address,
            Service.logstash: around.logstash_api,
            Service.kibana: around.kibana and around.kibana.address,
        }
        place = places.get(result.service)
        write(safe(f"{_TITLES[result.service]}{f', {place}' if place else ''}"))
    state = paint(result.state.ljust(8), _COLOURS[result.state])
    write(f"  {state} {safe(f'{result.check}: {result.words}')}")
    for detail in result.details:
        write(f"           - {safe(detail)}")
    if result.cure and not (before and before[-1].cure == result.cure):
        write(f"           → {safe(result.cure)}")


def _as_json(result: Result) -> dict[str, str | list[str]]:
    return {
        "service": result.service.value,
        "check": result.check,
        "state": result.state,
        "message": result.words,
        "cure": result.cure,
        "details": list(result.details),
    }
