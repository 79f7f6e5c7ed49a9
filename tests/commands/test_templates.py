"""`kbuild templates` against a server that keeps what it is sent; tests/elastic has the real ones."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.commands.small_project import Said, Shop, make_shop
from tests.elastic.pretended import Pretended, pretended
from tests.shared_material import REPOSITORY

POLICY = "/_ilm/policy/ml-retention"
PIPELINE = "/_ingest/pipeline/ml-enrichment"
METRICS = "/_index_template/ml-metrics-template"
VARIABLES = ("API_KEY", "USERNAME", "PASSWORD", "CA_FILE")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shop:
    """Make a project with the example's templates."""
    for name in VARIABLES:
        monkeypatch.delenv(f"ELASTICSEARCH_{name}", raising=False)
    shutil.copytree(REPOSITORY / "index_templates", tmp_path / "index_templates")
    return make_shop(tmp_path, "http://127.0.0.1:1", monkeypatch, capsys)


def templates(shop: Shop, cluster: Pretended, *args: str) -> Said:
    return shop.run("templates", *args, "--elasticsearch", cluster.url)


def states(said: Said) -> dict[str, str]:
    return {resource["name"]: resource["state"] for resource in said.json["resources"]}


def settings(cluster: Pretended, path: str = METRICS) -> dict[str, Any]:
    found: dict[str, Any] = cluster.has[path]["template"]["settings"]
    return found


def test_a_cluster_that_can_do_everything_gets_everything(shop: Shop) -> None:
    """Policy and pipeline first, since the templates name them; no warning; a second time there is nothing to do."""
    with pretended() as cluster:
        said = templates(shop, cluster, "apply")
        assert said.code == 0
        assert cluster.sent("PUT")[:2] == [POLICY, PIPELINE]
        assert len(cluster.sent("PUT")) == 6
        assert settings(cluster)["index.default_pipeline"] == "ml-enrichment"
        assert settings(cluster)["index.lifecycle.name"] == "ml-retention"
        assert "index.lifecycle.name" not in settings(cluster, "/_index_template/ml-dead-letter-template")
        assert said.out.count("created") == 6
        assert said.err == f"{cluster.url}: 6 created.\n"
        again = templates(shop, cluster, "apply")
        assert len(cluster.sent("PUT")) == 6
        assert again.out.count("unchanged") == 6
        assert again.err == f"{cluster.url}: everything was there already.\n"
        verified = templates(shop, cluster, "verify")
        assert (verified.code, verified.out) == (0, "")


def test_what_is_sent_is_what_the_file_says(shop: Shop) -> None:
    """Beside the two settings, the body is the file's; policy and pipeline are the files themselves."""
    with pretended() as cluster:
        templates(shop, cluster, "apply")
    folder = REPOSITORY / "index_templates"
    assert cluster.has[POLICY] == json.loads((folder / "ilm/ml-retention.json").read_bytes())
    assert cluster.has[PIPELINE] == json.loads((folder / "pipelines/ml-enrichment.json").read_bytes())
    sent, file = cluster.has[METRICS], json.loads((folder / "ml-metrics.json").read_bytes())
    del sent["template"]["settings"]["index.default_pipeline"], sent["template"]["settings"]["index.lifecycle.name"]
    assert sent == file


@pytest.mark.parametrize("status", [400, 405, 410])
def test_without_lifecycle_management_the_rest_is_applied_with_one_warning(shop: Shop, status: int) -> None:
    """The templates do not name the policy, and verify does not ask for it."""
    with pretended(lifecycle=status) as cluster:
        said = templates(shop, cluster, "apply")
        assert said.code == 0
        assert said.err.count("Warning: ") == 1
        assert "no index lifecycle management, so ml-retention is left out" in said.err
        assert settings(cluster)["index.default_pipeline"] == "ml-enrichment"
        assert "index.lifecycle.name" not in settings(cluster)
        assert POLICY not in cluster.has
        assert templates(shop, cluster, "verify").code == 0


def test_without_the_processors_the_rest_is_applied_with_one_warning(shop: Shop) -> None:
    """Both are missing: still one warning, which names both."""
    with pretended(lifecycle=405, processors=("redact",)) as cluster:
        said = templates(shop, cluster, "apply", "--format", "json")
        assert said.code == 0
        assert said.err.count("Warning: ") == 1
        assert "no ingest processor script, so ml-enrichment is left out" in said.json["warning"]
        assert "lifecycle management" in said.json["warning"]
        assert "index.default_pipeline" not in settings(cluster)
        assert states(said) == {
            "ml-retention": "impossible",
            "ml-enrichment": "impossible",
            "data-quality-template": "created",
            "ml-dead-letter-template": "created",
            "ml-metrics-template": "created",
            "ml-training-template": "created",
        }
        assert templates(shop, cluster, "verify").code == 0


def test_who_may_not_ask_for_the_processors_tries(shop: Shop) -> None:
    """Without the right to see the nodes the pipeline is sent, and Elasticsearch would say no itself."""
    with pretended(processors=None) as cluster:
        said = templates(shop, cluster, "apply")
        assert (said.code, "Warning" in said.err) == (0, False)
        assert PIPELINE in cluster.has


def test_an_old_version_gets_a_template_that_it_understands(shop: Shop) -> None:
    """A setting of 8.13 is taken out for 8.12, and the warning says so."""
    newer = "index.mapping.total_fields.ignore_dynamic_beyond_limit"
    with pretended(version="8.12.2") as cluster:
        said = templates(shop, cluster, "apply")
        assert newer not in settings(cluster)
        assert f"version 8.12 does not know {newer}" in said.err
        assert templates(shop, cluster, "verify").code == 0
    with pretended(version="8.11.0", flavor="serverless") as cluster:
        templates(shop, cluster, "apply")
        assert newer in settings(cluster), "the number of a serverless project says nothing"


def test_a_dry_run_changes_nothing(shop: Shop) -> None:
    """It says what would be."""
    with pretended() as cluster:
        said = templates(shop, cluster, "apply", "--dry-run")
        assert said.code == 0
        assert said.out.count("would be created") == 6
        assert cluster.sent("PUT") == []
        assert templates(shop, cluster, "verify", "--dry-run").code == 2


def test_verify_names_what_differs_by_name_and_path(shop: Shop) -> None:
    """A value that is another, one that is gone, one too many; a resource that is not there. Apply sets it right."""
    with pretended() as cluster:
        templates(shop, cluster, "apply")
        changed = cluster.has[METRICS]["template"]
        changed["settings"]["index.refresh_interval"] = "1s"
        del changed["mappings"]["properties"]["cpu_usage"]
        changed["mappings"]["properties"]["error"]["type"] = "keyword"
        cluster.has[METRICS]["priority"] = 201
        cluster.has[POLICY]["policy"]["phases"]["delete"]["min_age"] = "90d"
        cluster.has[PIPELINE]["processors"][0]["script"]["tag"] = "mine"
        cluster.has[PIPELINE]["processors"][1]["script"]["on_failure"] = []
        del cluster.has["/_index_template/ml-dead-letter-template"]
        said = templates(shop, cluster, "verify")
        assert said.code == 1
        lines = said.out.splitlines()
        assert lines[0].split() == ["differs", "lifecycle", "policy", "ml-retention"]
        for line in (
            '    phases.delete.min_age: the file says "30d", the cluster has "90d"',
            '    processors[0].script.tag: the file says "identity", the cluster has "mine"',
            "    processors[1].script.on_failure: the cluster has [], the file nothing",
            "    priority: the file says 200, the cluster has 201",
            '    template.settings.index.refresh_interval: the file says "5s", the cluster has "1s"',
            '    template.mappings.properties.cpu_usage: the file says {"type": "double"}, the cluster has nothing',
            '    template.mappings.properties.error.type: the file says "boolean", the cluster has "keyword"',
        ):
            assert line in lines
        assert "not there         index template ml-dead-letter-template" in lines
        assert len(lines) == 11
        assert said.err == (f"{cluster.url}: 4 of 6 are not as in the files; `kbuild templates apply` sets it right.\n")
        as_json = templates(shop, cluster, "verify", "--format", "json")
        (policy,) = [one for one in as_json.json["resources"] if one["name"] == "ml-retention"]
        assert policy["kind"] == "lifecycle_policy"
        assert policy["differences"] == [{"path": "phases.delete.min_age", "file": "30d", "cluster": "90d"}]
        applied = templates(shop, cluster, "apply")
        assert f"{cluster.url}: 1 created, 3 changed." in applied.err
        assert templates(shop, cluster, "verify").code == 0


def test_long_texts_are_shown_where_they_differ(shop: Shop) -> None:
    """A script of a thousand characters is cut around the place; its ends are whole."""
    with pretended() as cluster:
        templates(shop, cluster, "apply")
        script = cluster.has[PIPELINE]["processors"][2]["script"]
        script["source"] = script["source"].replace("confidence >= 0.85", "confidence >= 0.95")
        said = templates(shop, cluster, "verify")
    line = next(line for line in said.out.splitlines() if "processors[2]" in line)
    assert "the file says …" in line
    assert "0.85 ? 'high'" in line
    assert "0.95 ? 'high'" in line
    assert len(line) < 220


def test_a_template_comes_with_what_it_goes_with(shop: Shop) -> None:
    """By its file's name, by its own or by its path; the others are left alone."""
    with pretended() as cluster:
        for name in ("ml-metrics", "ml-metrics-template", "index_templates/ml-metrics.json"):
            cluster.has.clear()
            assert templates(shop, cluster, "apply", name).code == 0
            assert list(cluster.has) == [POLICY, PIPELINE, METRICS]
        cluster.has.clear()
        templates(shop, cluster, "apply", "ml-enrichment")
        assert list(cluster.has) == [PIPELINE]


def test_an_unknown_name_is_wrong_usage(shop: Shop) -> None:
    """It says what was meant."""
    with pretended() as cluster:
        said = templates(shop, cluster, "apply", "ml-metric-template")
        assert said.code == 2
        assert "did you mean 'ml-metrics-template'?" in said.err
        assert cluster.server.requests == []


def test_own_templates_and_components(shop: Shop) -> None:
    """A file without index_patterns is a component template under its own name, sent before who is composed of it."""
    shop.write("index_templates/shop-fields.json", '{"template": {"mappings": {"properties": {}}}}')
    orders = {"index_patterns": "orders-*", "composed_of": ["shop-fields"], "template": {}}
    shop.write("index_templates/orders.json", json.dumps(orders))
    with pretended() as cluster:
        said = templates(shop, cluster, "apply", "orders", "--format", "json")
        assert states(said) == {"shop-fields": "created", "orders-template": "created"}
        assert cluster.has["/_index_template/orders-template"]["template"] == {}
        assert templates(shop, cluster, "verify", "orders").code == 0


def test_list_shows_all_with_their_state(shop: Shop) -> None:
    """Kind, name, file, patterns, state."""
    with pretended(lifecycle=405) as cluster:
        templates(shop, cluster, "apply", "ml-metrics")
        said = templates(shop, cluster, "list")
        assert said.code == 0
        rows = {(row := re.split(r" {2,}", line))[1]: row for line in said.out.splitlines()}
        assert rows["ml-retention"][-1] == "left out"
        assert rows["ml-training-template"][-1] == "not there"
        assert rows["ml-metrics-template"] == [
            "index template",
            "ml-metrics-template",
            "index_templates/ml-metrics.json",
            "ml-metrics-*",
            "as it should be",
        ]
        as_json = templates(shop, cluster, "list", "--format", "json")
        assert states(as_json)["ml-enrichment"] == "same"


def test_list_needs_no_server(shop: Shop) -> None:
    """What the files say can be shown without one, and that it is not there is said."""
    said = shop.run("templates", "list", "--elasticsearch", "http://127.0.0.1:1")
    assert said.code == 0
    assert len(said.out.splitlines()) == 6
    assert said.err.startswith("Note: http://127.0.0.1:1: the connection is refused.")


def test_a_refusal_names_the_file_and_keeps_what_was_done(shop: Shop) -> None:
    """Elasticsearch's reason, and whose it is."""
    words = {"error": {"type": "illegal_argument_exception", "reason": "No handler for type [dobule]"}, "status": 400}
    with pretended() as cluster:
        templates(shop, cluster, "apply")
        del cluster.has[METRICS]
        cluster.answers[METRICS] = (400, words)
        said = templates(shop, cluster, "apply")
        assert said.code == 1
        assert said.err == (
            "Error: index template ml-metrics-template (index_templates/ml-metrics.json): "
            f"{cluster.url} answered 400: No handler for type [dobule]\n"
        )
        assert "unchanged" in said.out


def test_what_was_not_acknowledged_is_not_done(shop: Shop) -> None:
    """A cluster without a quorum answers, and has nothing."""
    with pretended(acknowledges=False) as cluster:
        said = templates(shop, cluster, "apply")
        assert said.code == 1
        assert "acknowledged it in time" in said.err


def test_broken_files_have_their_place(shop: Shop) -> None:
    """All of them at once, before anything is sent."""
    shop.write("index_templates/ml-metrics.json", '{\n  "index_patterns": ["ml-metrics-*"],\n  "priority" 200\n}\n')
    shop.write("index_templates/ilm/ml-retention.json", "[]\n")
    with pretended() as cluster:
        said = templates(shop, cluster, "apply")
        assert said.code == 1
        assert "index_templates/ml-metrics.json:3:14: error: expecting ':' delimiter [json-syntax]" in said.err
        assert "index_templates/ilm/ml-retention.json:1:1: error: this should be a JSON object" in said.err
        assert cluster.server.requests == []


def test_a_template_that_names_what_no_file_holds(shop: Shop) -> None:
    """A pipeline that is spelled wrong would make every index refuse its events."""
    text = (shop.root / "index_templates/ml-metrics.json").read_text("utf-8")
    shop.write("index_templates/ml-metrics.json", text.replace('"ml-enrichment"', '"ml-enrichmnt"'))
    said = shop.run("templates", "list", "--elasticsearch", "http://127.0.0.1:1")
    assert said.code == 1
    assert "there is no index_templates/pipelines/ml-enrichmnt.json (did you mean 'ml-enrichment'?)" in said.err


def test_a_project_without_templates(shop: Shop) -> None:
    """Says where they would be."""
    shutil.rmtree(shop.root / "index_templates")
    said = shop.run("templates", "verify", "--elasticsearch", "http://127.0.0.1:1")
    assert said.code == 2
    assert "there is no folder index_templates" in said.err


def with_contexts(shop: Shop, url: str) -> None:
    """Give the project contexts with an Elasticsearch, one of which has a key of its own."""
    shop.write(
        "kbuild.yaml",
        "project: shop\n"
        "contexts:\n"
        f'  local: {{kibana: "http://127.0.0.1:1", elasticsearch: "{url}"}}\n'
        f'  own: {{kibana: "${{NOT_SET}}", elasticsearch: "{url}", api_key_env: OWN_KEY}}\n'
        '  bare: {kibana: "http://127.0.0.1:1"}\n',
    )


def test_the_address_and_the_login_of_a_context(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default's, a named one's with its own key; an address given alone never gets a context's key."""
    monkeypatch.setenv("ELASTICSEARCH_API_KEY", "of-all")
    monkeypatch.setenv("OWN_KEY", "of-own")
    with pretended() as cluster:
        with_contexts(shop, cluster.url)
        for args, key in (
            ((), "of-all"),
            (("--context", "own"), "of-own"),
            (("--elasticsearch", cluster.url), "of-all"),
            (("--elasticsearch", cluster.url, "--context", "own"), "of-own"),
        ):
            assert shop.run("templates", "list", *args).code == 0
            assert cluster.server.requests[-1].headers["authorization"] == f"ApiKey {key}"


def test_a_context_without_elasticsearch(shop: Shop) -> None:
    """Says what to add, and the other way."""
    with_contexts(shop, "http://127.0.0.1:1")
    said = shop.run("templates", "verify", "--context", "bare")
    assert said.code == 2
    assert "the context 'bare' has no `elasticsearch:`; add it, or give --elasticsearch URL" in said.err


def test_nobody_there(shop: Shop) -> None:
    """One line, no traceback, nothing of the client's own log."""
    said = shop.run("templates", "apply", "--elasticsearch", "http://127.0.0.1:1")
    assert said.code == 1
    words = "the connection is refused. Is Elasticsearch running, and is this its address and port?"
    assert said.err == f"Error: http://127.0.0.1:1: {words}\n"
