"""The real servers of the integration tests, and the example's templates under names of this test's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kibana_builder.elastic.client import Elastic, path_of
from kibana_builder.elastic.resources import FOLDER, Kind, Resource, read_resources
from kibana_builder.errors import ElasticError
from tests.shared_material import REPOSITORY

URL = os.environ.get("ELASTICSEARCH_URL", "")
URL_8 = os.environ.get("ELASTICSEARCH_URL_8", "")

needs_elasticsearch = pytest.mark.skipif(not URL, reason="ELASTICSEARCH_URL names no Elasticsearch")
needs_elasticsearch_8 = pytest.mark.skipif(not URL_8, reason="ELASTICSEARCH_URL_8 names no Elasticsearch 8")


def renamed(text: str, prefix: str) -> str:
    """Give every name of an index, a template, a pipeline and a policy a prefix; types of events keep theirs."""
    return text.replace("ml-", f"{prefix}-ml-").replace("data-quality", f"{prefix}-data-quality")


def write_project(root: Path, prefix: str) -> None:
    """Write a project whose templates get in nobody's way on a server that others use at the same time."""
    (root / "kbuild.yaml").write_text("project: templates\n", "utf-8")
    shutil.copytree(REPOSITORY / FOLDER, root / FOLDER)
    for path in sorted((root / FOLDER).rglob("*.json")):
        text = path.read_text("utf-8")
        path.unlink()
        (path.parent / renamed(path.name, prefix)).write_text(renamed(text, prefix), "utf-8")


@contextmanager
def clean_server(url: str, root: Path, prefix: str) -> Iterator[Elastic]:
    """Go to a server that has nothing of the prefix, and leave it so."""
    with Elastic(url) as elastic:
        resources = read_resources(root)
        _clear(elastic, resources, prefix)
        try:
            yield elastic
        finally:
            _clear(elastic, resources, prefix)


def _clear(elastic: Elastic, resources: list[Resource], prefix: str) -> None:
    paths = [path_of("_index_template", one.name) for one in resources if one.kind is Kind.template]
    paths += [path_of("_ingest", "pipeline", one.name) for one in resources if one.kind is Kind.pipeline]
    indices = elastic.request("GET", path_of("_cat", "indices", f"{prefix}-*"), params={"format": "json", "h": "index"})
    paths += [path_of(row["index"]) for row in indices]
    for path in paths:
        try:
            elastic.request("DELETE", path)
        except ElasticError as error:
            if error.status not in (400, 404, 405):  # not there, or a server without it
                raise
