"""The files of stack/ fit each other, the Compose specification, and what Elastic's images do with them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from kibana_builder.stack import preflight
from tests.shared_material import REPOSITORY, SHARED, needs_shared

STACK = REPOSITORY / "stack"
DEVELOPMENT, PRODUCTION = "docker-compose.yml", "docker-compose.production.yml"
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:-([^}]*))?[^}]*\}")


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((STACK / name).read_text("utf-8"))
    return found


COMPOSE = {name: read(name) for name in (DEVELOPMENT, PRODUCTION)}
SERVICES = [
    pytest.param(name, service, COMPOSE[name]["services"][service], id=f"{service}-{name.split('.')[1]}")
    for name in COMPOSE
    for service in COMPOSE[name]["services"]
]


def dotenv() -> dict[str, str]:
    lines = (STACK / ".env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@needs_shared
@pytest.mark.parametrize("name", COMPOSE)
def test_a_compose_file_is_valid_by_the_specification(name: str) -> None:
    """Each of the two, by itself."""
    schema = json.loads((SHARED / "schemas" / "compose-spec.json").read_text("utf-8"))
    jsonschema.Draft7Validator(schema).validate(COMPOSE[name])


@pytest.mark.parametrize("name", COMPOSE)
def test_each_variable_has_a_default(name: str) -> None:
    """So that `docker compose` alone works in a fresh clone; .env and the compose files say the same."""
    said = dotenv()
    found = VARIABLE.findall((STACK / name).read_text("utf-8"))
    assert found
    for variable, default, value in found:
        assert default, variable
        assert said.get(variable, value) == value


def test_env_says_only_what_is_used_and_no_secret() -> None:
    """A line without an effect would mislead; the file is under version control."""
    used = {found[0] for name in COMPOSE for found in VARIABLE.findall((STACK / name).read_text("utf-8"))}
    assert set(dotenv()) <= used
    assert not set(dotenv()) & set(preflight.SECRETS)


def test_all_images_are_of_one_version() -> None:
    """STACK_VERSION, whose default is a 9."""
    images = [said["image"] for name in COMPOSE for said in COMPOSE[name]["services"].values() if "image" in said]
    assert {image.rpartition(":${STACK_VERSION:-")[2] for image in images} == {dotenv()["STACK_VERSION"] + "}"}
    assert dotenv()["STACK_VERSION"].startswith("9.")


def test_ports_are_those_that_were_promised_and_on_loopback() -> None:
    """Each can be moved by a variable, and is opened to the network by another."""
    published = [port for said in COMPOSE[DEVELOPMENT]["services"].values() for port in said["ports"]]
    assert [re.sub(r"\$\{(\w+):-([^}]*)\}", r"\1=\2", port) for port in published] == [
        "BIND_ADDRESS=127.0.0.1:ELASTICSEARCH_PORT=9200:9200",
        "BIND_ADDRESS=127.0.0.1:KIBANA_PORT=5601:5601",
        "BIND_ADDRESS=127.0.0.1:LOGSTASH_TCP_PORT=5001:5001",
        "BIND_ADDRESS=127.0.0.1:LOGSTASH_UDP_PORT=5002:5002/udp",
        "BIND_ADDRESS=127.0.0.1:LOGSTASH_API_PORT=9600:9600",
    ]
    assert not any("ports" in said for said in COMPOSE[PRODUCTION]["services"].values())


@pytest.mark.parametrize(("name", "service", "said"), SERVICES)
def test_what_is_mounted_is_there(name: str, service: str, said: dict[str, Any]) -> None:
    """Files of the project read-only, and an error instead of an empty folder when one is missing; volumes declared."""
    volumes = {volume for one in COMPOSE.values() for volume in one["volumes"]}
    for mount in said.get("volumes", []):
        if isinstance(mount, str):
            assert mount.split(":")[0] in volumes
            continue
        assert (STACK / mount["source"]).exists()
        assert mount["read_only"] is True
        assert mount["bind"]["create_host_path"] is False


def test_the_pipeline_of_the_image_is_hidden() -> None:
    """The image has a pipeline of its own in that folder, which Logstash would put together with ours."""
    targets = [
        mount["target"] for mount in COMPOSE[DEVELOPMENT]["services"]["logstash"]["volumes"] if "target" in mount
    ]
    assert "/usr/share/logstash/pipeline" in targets
    assert [path.name for path in (STACK / "logstash" / "pipeline").iterdir()] == ["ml-pipeline.conf"]


@pytest.mark.parametrize(("name", "service", "said"), SERVICES)
def test_a_service_waits_for_services_that_exist(name: str, service: str, said: dict[str, Any]) -> None:
    """By their health, or by the end of a job."""
    everything = {**COMPOSE[DEVELOPMENT]["services"], **COMPOSE[PRODUCTION]["services"]}
    for other, how in said.get("depends_on", {}).items():
        job = everything[other].get("restart") == "no"
        assert how["condition"] == ("service_completed_successfully" if job else "service_healthy")


@pytest.mark.parametrize(("name", "service", "said"), SERVICES)
def test_a_service_that_stays_has_a_limit_a_health_check_and_small_logs(
    name: str, service: str, said: dict[str, Any]
) -> None:
    """In the file that gives it its image."""
    if "image" not in said:
        return
    assert said["logging"]["options"]["max-size"]
    if said["restart"] != "no":
        assert said["restart"] == "unless-stopped"
        assert "mem_limit" in said
        assert said["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize(
    ("heap", "limit"), [("ES_JAVA_OPTS", "ELASTICSEARCH_MEMORY"), ("LS_JAVA_OPTS", "LOGSTASH_MEMORY")]
)
def test_a_heap_is_half_of_the_memory_at_most(heap: str, limit: str) -> None:
    """The rest is for Lucene's files, and for what Java keeps outside."""
    unit = {"m": 1, "g": 1024}

    def megabytes(text: str) -> int:
        return int(text[:-1]) * unit[text[-1]]

    least, most = re.findall(r"-Xm[sx](\d+[mg])", dotenv()[heap])
    assert least == most
    assert 2 * megabytes(most) <= megabytes(dotenv()[limit])


# -- The services' own configuration

KNOWN = {
    "elasticsearch/elasticsearch.yml": {
        "cluster.name": "ml-monitoring",
        "node.name": "elasticsearch",
        "network.host": "0.0.0.0",
        "discovery.type": "single-node",
        "xpack.security.enabled": False,
        "ingest.geoip.downloader.enabled": False,
    },
    "kibana/kibana.yml": {
        "server.name": "kibana",
        "server.host": "0.0.0.0",
        "elasticsearch.hosts": ["http://elasticsearch:9200"],
        "xpack.encryptedSavedObjects.encryptionKey": "${KIBANA_ENCRYPTION_KEY}",
        "monitoring.ui.container.elasticsearch.enabled": True,
    },
    "logstash/logstash.yml": {
        "api.http.host": "0.0.0.0",
        "api.http.port": 9600,
        "pipeline.ecs_compatibility": "disabled",
        "queue.type": "persisted",
        "queue.max_bytes": "1gb",
        "dead_letter_queue.enable": True,
        "dead_letter_queue.max_bytes": "512mb",
    },
}
"""The whole of each file: settings that 8.12 and 9 both have, and whoever adds one looks it up first.

An unknown setting keeps Elasticsearch and Kibana from starting.
"""

SECURED = {
    "elasticsearch/elasticsearch.production.yml": {
        "bootstrap.memory_lock",
        "cluster.name",
        "discovery.type",
        "ingest.geoip.downloader.enabled",
        "network.host",
        "node.name",
        "path.repo",
        "xpack.security.enabled",
        "xpack.security.http.ssl.certificate",
        "xpack.security.http.ssl.certificate_authorities",
        "xpack.security.http.ssl.enabled",
        "xpack.security.http.ssl.key",
        "xpack.security.transport.ssl.certificate",
        "xpack.security.transport.ssl.certificate_authorities",
        "xpack.security.transport.ssl.enabled",
        "xpack.security.transport.ssl.key",
        "xpack.security.transport.ssl.verification_mode",
    },
    "kibana/kibana.production.yml": {
        "elasticsearch.hosts",
        "elasticsearch.password",
        "elasticsearch.ssl.certificateAuthorities",
        "elasticsearch.username",
        "monitoring.ui.container.elasticsearch.enabled",
        "server.host",
        "server.name",
        "server.publicBaseUrl",
        "server.ssl.certificate",
        "server.ssl.enabled",
        "server.ssl.key",
        "xpack.encryptedSavedObjects.encryptionKey",
        "xpack.reporting.encryptionKey",
        "xpack.security.encryptionKey",
    },
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_configuration_for_development(name: str) -> None:
    """Own files replace the images' defaults, so each listens on all addresses of its container."""
    assert read(name) == KNOWN[name]


@pytest.mark.parametrize("name", SECURED)
def test_a_configuration_for_production(name: str) -> None:
    """Its settings are known; security is on, and it listens as the one for development does."""
    said = read(name)
    assert set(said) == SECURED[name]
    assert said.get("network.host", said.get("server.host")) == "0.0.0.0"
    assert all(said[setting] is True for setting in said if setting.endswith((".ssl.enabled", "security.enabled")))
    assert all(address.startswith("https://") for address in said.get("elasticsearch.hosts", []))


def test_variables_in_a_configuration_are_given_by_the_compose_file() -> None:
    """Kibana and Metricbeat fill in `${NAME}` themselves, and do not start without."""
    for service in ("kibana", "metricbeat"):
        for path in sorted((STACK / service).glob("*.yml")):
            names = PRODUCTION if "production" in path.name or service == "metricbeat" else DEVELOPMENT
            given = COMPOSE[names]["services"][service]["environment"]
            assert set(re.findall(r"\$\{(\w+)\}", path.read_text("utf-8"))) <= set(given)


def test_metricbeat_watches_all_three() -> None:
    """Stack Monitoring wants the xpack form of each module."""
    said = read("metricbeat/metricbeat.yml")
    assert [(module["module"], module["xpack.enabled"]) for module in said["metricbeat.modules"]] == [
        ("elasticsearch", True),
        ("kibana", True),
        ("logstash", True),
    ]


SETTINGS_OF_LOGSTASH = """
api.enabled api.environment api.http.host api.http.port cloud.auth cloud.id config.debug config.reload.automatic
config.reload.interval config.string config.support_escapes config.test_and_exit dead_letter_queue.enable
dead_letter_queue.flush_interval dead_letter_queue.max_bytes http.enabled http.environment http.host http.port
log.format log.level modules monitoring.cluster_uuid node.name path.config path.data path.dead_letter_queue path.logs
path.plugins path.queue pipeline.batch.delay pipeline.batch.size pipeline.ecs_compatibility pipeline.id
pipeline.ordered pipeline.output.workers pipeline.plugin_classloaders pipeline.separate_logs pipeline.unsafe_shutdown
pipeline.workers queue.checkpoint.acks queue.checkpoint.interval queue.checkpoint.writes queue.drain queue.max_bytes
queue.max_events queue.page_capacity queue.type
"""
"""What the image's env2yaml takes from the environment, whatever the case, the dots and the underscores."""


@pytest.mark.parametrize("name", COMPOSE)
def test_no_variable_of_logstash_is_one_that_the_image_writes_into_its_file(name: str) -> None:
    """The file is mounted read-only: the container would end at once."""

    def squashed(setting: str) -> str:
        return re.sub("[._]", "", setting.lower())

    taken = set(map(squashed, SETTINGS_OF_LOGSTASH.split()))
    for variable in COMPOSE[name]["services"]["logstash"]["environment"]:
        assert squashed(variable) not in taken
        assert not squashed(variable).startswith(("xpackmonitoring", "xpackmanagement"))


# -- The jobs


def test_the_overlay_takes_the_secrets_that_kbuild_asks_for() -> None:
    """The job that refuses without them has them all."""
    assert set(COMPOSE[PRODUCTION]["services"]["certificates"]["environment"]) == {
        *preflight.SECRETS,
        "CERTIFICATE_NAMES",
    }


@pytest.mark.parametrize("script", ["certificates.sh", "users.sh"])
def test_a_script_is_bash(script: str) -> None:
    """It parses, and ends at the first error."""
    path = STACK / "setup" / script
    assert subprocess.run(["bash", "-n", path], check=False, capture_output=True).stderr == b""
    assert "\nset -euo pipefail\n" in path.read_text("utf-8")


def secrets(**other: str) -> dict[str, str]:
    return {**dict.fromkeys(preflight.SECRETS, "x" * 32), "CERTIFICATE_NAMES": "", "PATH": "/usr/bin:/bin", **other}


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        (
            {"ELASTIC_PASSWORD": "", "LOGSTASH_PASSWORD": ""},
            ["ELASTIC_PASSWORD is not", "LOGSTASH_PASSWORD is not"],
        ),
        ({"MONITORING_PASSWORD": "12345"}, ["MONITORING_PASSWORD is too short"]),
        ({"KIBANA_ENCRYPTION_KEY": "1" * 31}, ["KIBANA_ENCRYPTION_KEY is too short"]),
    ],
)
def test_the_job_of_certificates_refuses_missing_secrets(environment: dict[str, str], words: list[str]) -> None:
    """All at once, by name, and without showing what they are."""
    script = STACK / "setup" / "certificates.sh"
    done = subprocess.run(["bash", script], check=False, env=secrets(**environment), capture_output=True, text=True)
    assert done.returncode == 1
    assert all(word in done.stderr for word in words)
    assert len(done.stderr.splitlines()) == len(words)


CURL = """#!/bin/bash
# Writes down the method, the path and the body; answers as Elasticsearch does.
while [ $# -gt 0 ]; do
  case $1 in
    -X) method=$2; shift ;;
    -d) body=$2; shift ;;
    -K) login=$(cat "$2"); shift ;;
    https://*) path=$1 ;;
  esac
  shift
done
printf '%s\\0%s\\0%s\\0%s\\0' "$method" "$path" "$body" "$login" >> "$ASKED"
printf '%s\\n%s' "$ANSWER" "$STATUS"
"""


def run_users(folder: Path, status: str = "200", **environment: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    (folder / "curl").write_text(CURL, "utf-8")
    (folder / "curl").chmod(0o755)
    own = {
        "PATH": f"{folder}:/usr/bin:/bin",
        "ASKED": str(folder / "asked"),
        "STATUS": status,
        "ANSWER": '{"error":"no"}',
    }
    script = STACK / "setup" / "users.sh"
    done = subprocess.run(
        ["bash", script], check=False, env=secrets(**own, **environment), capture_output=True, text=True
    )
    return done, folder / "asked"


def test_the_job_of_users_sets_each_password_whatever_is_in_it(tmp_path: Path) -> None:
    """Quotes and backslashes survive JSON and curl's configuration; Logstash's user can write its indices only."""
    word = 'a"b\\c d$e'
    done, asked = run_users(
        tmp_path, KIBANA_SYSTEM_PASSWORD=word, LOGSTASH_PASSWORD=word, ELASTIC_PASSWORD=word, MONITORING_PASSWORD=word
    )
    assert (done.returncode, done.stderr) == (0, "")
    pieces = asked.read_text("utf-8").split("\0")[:-1]
    requests = [pieces[at : at + 4] for at in range(0, len(pieces), 4)]
    assert [f"{method} {path.removeprefix('https://elasticsearch:9200')}" for method, path, *_ in requests] == [
        "POST /_security/user/kibana_system/_password",
        "POST /_security/user/remote_monitoring_user/_password",
        "PUT /_security/role/logstash_writer",
        "PUT /_security/user/logstash_writer",
    ]
    bodies = [json.loads(body) for _, _, body, _ in requests]
    assert bodies[0] == bodies[1] == {"password": word}
    assert bodies[3] == {"password": word, "roles": ["logstash_writer"]}
    indices = bodies[2]["indices"][0]["names"]
    assert indices == ["ml-metrics-*", "ml-training-*", "data-quality-*", "ml-dead-letter"]
    assert {login for *_, login in requests} == {'user = "elastic:a\\"b\\\\c d$e"'}


def test_the_job_of_users_ends_when_elasticsearch_refuses(tmp_path: Path) -> None:
    """With Elasticsearch's words, so that Kibana does not start with a wrong password."""
    done, _ = run_users(tmp_path, status="401")
    assert done.returncode == 1
    assert 'was refused: {"error":"no"}' in done.stderr
