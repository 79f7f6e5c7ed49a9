"""`kbuild stack` does with Docker what it says, and says what is missing and what to do."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path

import pytest

from kibana_builder.commands import run
from kibana_builder.errors import KbuildError
from kibana_builder.stack import health, preflight
from kibana_builder.stack.compose import find_stack
from kibana_builder.stack.docker import find_docker
from tests.shared_material import REPOSITORY
from tests.stack.fake_docker import GB, FakeDocker, container, published

SERVICES = ("elasticsearch", "kibana", "logstash")
HEALTHY = [container(name) for name in SERVICES]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    shutil.copytree(REPOSITORY / "stack", folder / "stack")
    (folder / "kbuild.yaml").write_text("project: shop\n", "utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(health, "INTERVAL", 0.0)
    monkeypatch.setattr(preflight, "DISK", 1)
    return folder


@pytest.fixture
def docker(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    return FakeDocker(tmp_path / "docker", monkeypatch)


def lines(text: str) -> list[str]:
    return text.splitlines()


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        number: int = tried.getsockname()[1]
        return number


# -- up


def test_up_starts_the_stack_and_waits_for_its_health(docker: FakeDocker, capfd: pytest.CaptureFixture[str]) -> None:
    """It says each change on stderr, and the addresses, as the result, on stdout."""
    port = free_port()
    docker.config({"elasticsearch": {"ports": [published(9200, port)]}, "kibana": {}, "logstash": {}})
    docker.containers([container("elasticsearch", health="starting")], nth=2)
    docker.containers([container("elasticsearch"), container("kibana", health="starting")], nth=3)
    docker.containers(HEALTHY)
    docker.containers([], nth=1)
    docker.answer("up", "compose says something\n")
    assert run(["stack", "up"]) == 0
    said = capfd.readouterr()
    assert lines(said.out) == [f"elasticsearch  http://localhost:{port}"]
    words = [line.rpartition(" (")[0] for line in lines(said.err) if line.endswith(" s)")]
    assert words == [
        "elasticsearch: starting",
        "kibana: not created yet",
        "logstash: not created yet",
        "elasticsearch: healthy",
        "kibana: starting",
        "kibana: healthy",
        "logstash: healthy",
    ]
    assert "compose says something" in said.err
    assert "compose -f docker-compose.yml up --detach --remove-orphans" in docker.asked


def test_up_for_production_takes_the_overlay(docker: FakeDocker, capfd: pytest.CaptureFixture[str]) -> None:
    """Both files, in their order; jobs that ended well are ready, and the addresses are those of TLS."""
    port = free_port()
    secrets = dict.fromkeys(preflight.SECRETS, "x")
    docker.config(
        {
            "certificates": {"restart": "no", "environment": secrets},
            "elasticsearch": {"ports": [published(9200, port, host="0.0.0.0")]},
        }
    )
    docker.containers([container("certificates", "exited"), container("elasticsearch")])
    assert run(["stack", "up", "--production"]) == 0
    said = capfd.readouterr()
    assert lines(said.out) == [f"elasticsearch  https://localhost:{port}"]
    assert "certificates: done (0 s)" in lines(said.err)
    up = "compose -f docker-compose.yml -f docker-compose.production.yml up --detach --remove-orphans"
    assert up in docker.asked


def test_up_for_production_names_the_secrets_that_are_not_set(
    docker: FakeDocker, capfd: pytest.CaptureFixture[str]
) -> None:
    """Before anything starts, and never what is in the others."""
    docker.config({"certificates": {"environment": {"ELASTIC_PASSWORD": "hidden", "LOGSTASH_PASSWORD": ""}}})
    assert run(["stack", "up", "--production"]) == 1
    said = capfd.readouterr()
    unset = "KIBANA_SYSTEM_PASSWORD, LOGSTASH_PASSWORD, MONITORING_PASSWORD, KIBANA_ENCRYPTION_KEY"
    assert lines(said.err)[0] == f"Missing: not set in the environment: {unset}"
    assert "hidden" not in said.err
    assert not any(" up " in line for line in docker.asked)


def test_up_refuses_a_machine_with_too_little_memory(docker: FakeDocker, capfd: pytest.CaptureFixture[str]) -> None:
    """It says how much there is, how much it takes and what to do, and starts nothing."""
    docker.info(memory=2 * GB)
    assert run(["stack", "up"]) == 1
    said = capfd.readouterr()
    assert lines(said.err)[0] == "Missing: memory: Docker's machine has 2.0 GB free, the stack takes 4.0 GB"
    assert "lower ES_JAVA_OPTS" in lines(said.err)[1]
    assert lines(said.err)[-1].startswith("Error: the machine is not ready for the stack")
    assert not any(" up " in line for line in docker.asked)


def test_up_with_force_starts_anyway(docker: FakeDocker, capfd: pytest.CaptureFixture[str]) -> None:
    """What is missing becomes a warning."""
    docker.info(memory=2 * GB)
    docker.containers(HEALTHY)
    docker.containers([], nth=1)
    assert run(["stack", "up", "--force"]) == 0
    assert lines(capfd.readouterr().err)[0].startswith("Warning: memory: ")


def test_up_refuses_a_full_disk(
    docker: FakeDocker, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The disk under Docker's folder, or where that is not on this machine, under the project's."""
    monkeypatch.setattr(preflight, "DISK", 10**18)
    assert run(["stack", "up"]) == 1
    assert lines(capfd.readouterr().err)[0].startswith("Missing: disk: ")


def test_up_names_a_port_that_is_taken_who_has_it_and_the_variable(
    docker: FakeDocker, capfd: pytest.CaptureFixture[str]
) -> None:
    """TCP and UDP ports are each tried on the address where they will be published."""
    docker.answer("ps", "shop-db-1\n")
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        udp.bind(("127.0.0.1", 0))
        numbers = tcp.getsockname()[1], udp.getsockname()[1]
        docker.containers([], nth=1)
        ports = [published(5001, numbers[0]), published(5002, numbers[1], protocol="udp")]
        docker.config({"logstash": {"ports": ports}})
        assert run(["stack", "up"]) == 1
    said = lines(capfd.readouterr().err)
    assert said[0] == f"Missing: port {numbers[0]} (tcp, logstash) is taken by the container shop-db-1"
    assert said[1] == "  stop that program, or take another port: LOGSTASH_TCP_PORT=…"
    assert said[2].startswith(f"Missing: port {numbers[1]} (udp, logstash) is taken")
    assert said[3].endswith("LOGSTASH_UDP_PORT=…")


def test_up_knows_an_address_that_this_machine_does_not_have(
    docker: FakeDocker, capfd: pytest.CaptureFixture[str]
) -> None:
    """BIND_ADDRESS is what to change."""
    docker.config({"kibana": {"ports": [published(5601, 5601, host="192.0.2.1")]}})
    assert run(["stack", "up"]) == 1
    said = lines(capfd.readouterr().err)
    assert said[0] == "Missing: 192.0.2.1, where port 5601 is to be published, is no address of this machine"
    assert "BIND_ADDRESS" in said[1]


def test_a_second_up_does_not_take_the_stack_for_a_stranger(docker: FakeDocker) -> None:
    """Its own ports are taken by itself, and its own memory is used by itself."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        docker.info(memory=1 * GB)
        docker.config({"elasticsearch": {"ports": [published(9200, port)]}})
        docker.containers([container("elasticsearch", port=port)])
        assert run(["stack", "up"]) == 0


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (container("logstash", health="unhealthy"), "logstash does not become healthy"),
        (
            container("logstash", "exited", code=137),
            "logstash ended with exit code 137: killed, most likely because",
        ),
        (container("logstash", "exited", code=0), "logstash stopped"),
        (container("logstash", "restarting", code=1), "logstash ends again and again"),
    ],
)
def test_up_says_which_service_fails_and_where_to_look(
    ends: dict[str, object], words: str, docker: FakeDocker, capfd: pytest.CaptureFixture[str]
) -> None:
    """At once, not after the time is over."""
    docker.containers([*HEALTHY[:2], ends])
    docker.containers([], nth=1)
    assert run(["stack", "up"]) == 1
    last = lines(capfd.readouterr().err)[-1]
    assert last.startswith(f"Error: {words}")
    assert last.endswith("`kbuild stack logs logstash --tail 50` shows what it wrote")


def test_waiting_ends_when_the_time_is_over(docker: FakeDocker, project: Path) -> None:
    """It names who is not ready, and leaves the containers as they are."""
    docker.containers([*HEALTHY[:2], container("logstash", health="starting")])
    stack = find_stack(find_docker(), project, production=False)
    with pytest.raises(KbuildError, match="after 0 s not ready: logstash; it may still come: `kbuild stack status`"):
        health.wait_until_ready(stack, SERVICES, 0, lambda _: None)
    assert not any(" down" in line for line in docker.asked)


def test_up_that_compose_gives_up_says_who_is_in_the_way(docker: FakeDocker, capfd: pytest.CaptureFixture[str]) -> None:
    """Compose's own words are on stderr before."""
    docker.answer("up", err="dependency failed to start: container kbuild-elasticsearch-1 is unhealthy\n", code=1)
    docker.containers([container("elasticsearch", health="unhealthy")])
    assert run(["stack", "up"]) == 1
    said = lines(capfd.readouterr().err)
    assert "dependency failed to start: container kbuild-elasticsearch-1 is unhealthy" in said
    assert "elasticsearch: unhealthy; `kbuild stack logs elasticsearch`" in said
    assert said[-1] == "Error: `docker compose up` ended with exit code 1"


def test_what_people_add_comes_last(docker: FakeDocker, project: Path) -> None:
    """A docker-compose.override.yml is taken as Compose takes it, on top of the overlay too."""
    (project / "stack" / "docker-compose.override.yml").write_text("services: {}\n", "utf-8")
    docker.config({"elasticsearch": {}, "certificates": {"environment": dict.fromkeys(preflight.SECRETS, "x")}})
    docker.containers([container("elasticsearch"), container("certificates")])
    assert run(["stack", "up", "--production"]) == 0
    files = "-f docker-compose.yml -f docker-compose.production.yml -f docker-compose.override.yml"
    assert f"compose {files} up --detach --remove-orphans" in docker.asked


# -- down, restart, logs


def test_down_keeps_the_data(docker: FakeDocker) -> None:
    """No volume is removed."""
    assert run(["stack", "down"]) == 0
    assert docker.asked[-1] == "compose -f docker-compose.yml down --remove-orphans"


def test_what_was_started_for_production_is_stopped_as_such(docker: FakeDocker, project: Path) -> None:
    """Compose remembers the files of a running stack, so nobody has to."""
    files = f"{project}/stack/docker-compose.yml,{project}/stack/docker-compose.production.yml"
    docker.answer("ls", json.dumps([{"Name": "kbuild", "Status": "running(6)", "ConfigFiles": files}]))
    assert run(["stack", "down"]) == 0
    assert docker.asked[-1].startswith("compose -f docker-compose.yml -f docker-compose.production.yml down")


def test_restart_takes_names_and_waits_for_them(docker: FakeDocker, capfd: pytest.CaptureFixture[str]) -> None:
    """The others need not be ready."""
    docker.containers([container("logstash"), container("kibana", health="starting")])
    assert run(["stack", "restart", "logstash"]) == 0
    assert "compose -f docker-compose.yml restart logstash" in docker.asked
    assert lines(capfd.readouterr().err) == ["logstash: healthy (0 s)"]


def test_restart_of_what_does_not_run_says_how_to_start_it(
    docker: FakeDocker, capfd: pytest.CaptureFixture[str]
) -> None:
    """Compose itself would do nothing and be content."""
    assert run(["stack", "restart"]) == 1
    assert capfd.readouterr().err == "Error: the stack is not running; `kbuild stack up` starts it\n"


def test_logs_are_the_result(docker: FakeDocker, capfd: pytest.CaptureFixture[str]) -> None:
    """On stdout, with the options of Compose."""
    docker.answer("logs", "logstash-1  | hello\n")
    assert run(["stack", "logs", "-f", "--tail", "5", "logstash"]) == 0
    assert capfd.readouterr().out == "logstash-1  | hello\n"
    assert docker.asked[-1] == "compose -f docker-compose.yml logs --follow --tail 5 logstash"


# -- status


def test_status_shows_each_service(docker: FakeDocker, capfd: pytest.CaptureFixture[str]) -> None:
    """One that has no container is not running; then the exit code is 1."""
    docker.containers([container("elasticsearch", port=9200), container("kibana", health="starting")])
    assert run(["stack", "status"]) == 1
    assert lines(capfd.readouterr().out) == [
        "elasticsearch  healthy       9200/tcp",
        "kibana         starting",
        "logstash       not running",
    ]


def test_status_as_json(docker: FakeDocker, capfd: pytest.CaptureFixture[str]) -> None:
    """Everything that the text says, and 0 when all are ready."""
    docker.containers([container("elasticsearch", port=9200), *HEALTHY[1:]])
    assert run(["stack", "status", "--format", "json"]) == 0
    said = json.loads(capfd.readouterr().out)
    assert (said["production"], said["ready"]) == (False, True)
    assert said["services"][0] == {
        "service": "elasticsearch",
        "state": "running",
        "health": "healthy",
        "ready": True,
        "exit_code": None,
        "ports": [{"port": 9200, "protocol": "tcp"}],
    }


def test_status_reads_the_list_that_older_compose_prints(docker: FakeDocker, capfd: pytest.CaptureFixture[str]) -> None:
    """Before 2.21 it was one JSON list."""
    docker.answer("ps", json.dumps(HEALTHY))
    assert run(["stack", "status"]) == 0
    assert capfd.readouterr().out.count("healthy") == 3


# -- what is not there


def test_without_docker_it_says_where_docker_is_to_be_had(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """No traceback, no other check."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["stack", "up"]) == 1
    assert "there is no `docker` on the PATH; install it: https://docs.docker.com/" in capfd.readouterr().err


def test_without_the_plugin_it_says_which_one(docker: FakeDocker, capfd: pytest.CaptureFixture[str]) -> None:
    """Docker alone is there on many servers."""
    docker.answer("version", err="docker: unknown command: docker compose\n", code=1)
    assert run(["stack", "status"]) == 1
    assert "docker-compose-plugin" in capfd.readouterr().err


@pytest.mark.parametrize("in_answer", [True, False])
def test_without_a_daemon_it_says_how_to_start_it(
    in_answer: bool, docker: FakeDocker, capfd: pytest.CaptureFixture[str]
) -> None:
    """Older versions of docker say it inside their answer and end with 0."""
    words = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
    if in_answer:
        docker.answer("info", json.dumps({"ServerErrors": [words]}))
    else:
        docker.answer("info", err=words, code=1)
    assert run(["stack", "up"]) == 1
    said = capfd.readouterr().err
    assert words in said
    assert "systemctl start docker" in said


def test_a_refusal_of_compose_is_passed_on(docker: FakeDocker, capfd: pytest.CaptureFixture[str]) -> None:
    """What it says of a compose file that somebody has changed."""
    docker.answer("config", err="services.kibana.port must be a mapping\n", code=15)
    assert run(["stack", "status"]) == 1
    assert "services.kibana.port must be a mapping" in capfd.readouterr().err


@pytest.mark.parametrize("word", ["config", "ps", "info"])
def test_an_answer_that_is_no_json_is_an_error_for_people(
    word: str, docker: FakeDocker, capfd: pytest.CaptureFixture[str]
) -> None:
    """Some wrapper called docker, or a version that prints something else."""
    docker.answer(word, "NAME   STATE\n")
    assert run(["stack", "status"]) == 1
    said = capfd.readouterr().err
    assert "NAME   STATE" in said
    assert "Traceback" not in said


def test_a_project_without_a_stack_says_how_to_get_one(
    docker: FakeDocker, project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """An older project, or one that was made without."""
    shutil.rmtree(project / "stack")
    assert run(["stack", "up"]) == 2
    assert "`kbuild init --with-stack`" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["up", "kibana"], "up is for the whole stack"),
        (["status", "--tail", "5"], "--tail has no meaning with status; it goes with logs"),
        (["down", "--production"], "--production has no meaning with down; it goes with up"),
        (["logs", "kibanna"], "the stack has no service 'kibanna' (did you mean 'kibana'?)"),
        (["stop"], "'stop' is not one of"),
    ],
)
def test_wrong_usage(arguments: list[str], words: str, docker: FakeDocker, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and what is meant."""
    assert run(["stack", *arguments]) == 2
    assert words in capfd.readouterr().err
