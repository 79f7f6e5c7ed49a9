"""Events over TCP."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from generator.batch import Batch
from generator.sinks.tcp import TcpSink
from generator.sinks.wire import Wire
from kibana_builder.errors import KbuildError, UsageError
from tests.generator.lines import LineServer


def batch(first: int, count: int, size: int = 20) -> Batch:
    return Batch([f'{{"n":{number},"x":"{"x" * size}"}}' for number in range(first, first + count)], list, list)


def numbers(server: LineServer) -> set[int]:
    return {
        int(line[5 : line.index(b",")]) for line in server.lines() if line.endswith(b"}") and line.startswith(b'{"n"')
    }


def test_every_event_arrives_in_a_line() -> None:
    """And the report counts them."""
    with LineServer() as server:
        sink = TcpSink("127.0.0.1", server.port)
        sink.send(batch(0, 500))
        sink.send(batch(500, 500))
        report = sink.close()
        assert server.lines() == [*batch(0, 500).text().splitlines(), *batch(500, 500).text().splitlines()]
    assert (report.sent, report.resent, report.unsent) == (1000, 0, 0)


@pytest.mark.parametrize("size", [20, 20_000])
def test_after_a_break_the_last_window_comes_again(size: int) -> None:
    """Nothing is missing, also of what was on its way when the connection broke."""
    words: list[str] = []
    with LineServer() as server:
        tries = 0

        def sleep(_: float) -> None:
            nonlocal tries
            tries += 1
            if tries == 3:
                server.back()

        sink = TcpSink("127.0.0.1", server.port, told=words.append, sleep=sleep)
        sink.send(batch(0, 100, size))
        server.cut()
        sink.send(batch(100, 100, size))
        report = sink.close()
        for thread in server.threads[1:]:
            thread.join(0.2)
        assert numbers(server) == set(range(200))
    assert report.sent == 200
    assert report.resent == 100
    assert tries == 3
    assert [word.split("; ")[0] for word in words] == [
        f"tcp://127.0.0.1:{server.port} went away",
        f"tcp://127.0.0.1:{server.port} is back",
    ]


def test_what_cannot_be_sent_at_the_end_is_counted() -> None:
    """When the other side is gone for good."""
    with LineServer() as server:
        sink = TcpSink("127.0.0.1", server.port, sleep=lambda _: None)
        sink.send(batch(0, 10))
        server.cut()
        report = sink.close()
    assert (report.sent, report.unsent, report.unsure) == (0, 0, 10)


def test_ctrl_c_while_the_other_side_is_away() -> None:
    """What nobody took is counted, the batch that was not begun included."""

    def sleep(_: float) -> None:
        raise KeyboardInterrupt

    with LineServer() as server:
        sink = TcpSink("127.0.0.1", server.port, sleep=sleep)
        sink.send(batch(0, 10))
        server.cut()
        with pytest.raises(KeyboardInterrupt):
            sink.send(batch(10, 5))
        report = sink.close()
    assert (report.sent, report.unsent, report.unsure) == (0, 5, 10)


def test_a_port_that_answers_is_not_that_of_logstash() -> None:
    """Elasticsearch's own port takes lines too, and says that they are no HTTP."""
    sent = threading.Event()

    def refuse(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            sent.wait(10)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=refuse, args=(listening,))
        thread.start()
        sink = TcpSink("127.0.0.1", port)
        sink.send(batch(0, 1))
        sent.set()
        report = sink.close()
        thread.join()
    assert (report.sent, report.unsure) == (0, 1)
    assert "answers 'HTTP/1.1 400 Bad Request'" in str(report.failure)


def test_a_side_that_hung_up_is_noticed_before_anything_is_sent() -> None:
    """It closed its end only, as a load balancer does; the kernel would take what is sent without a word."""
    words: list[str] = []
    with LineServer() as server:
        sink = TcpSink("127.0.0.1", server.port, told=words.append, sleep=lambda _: None)
        sink.send(batch(0, 10))
        while not server.connections or not server.received[0]:
            time.sleep(0.01)
        server.connections[0].shutdown(socket.SHUT_WR)
        time.sleep(0.05)
        sink.send(batch(10, 10))
        report = sink.close()
        assert numbers(server) == set(range(20))
        assert len(server.received) == 2
        assert set(batch(10, 10).text().splitlines()).isdisjoint(bytes(server.received[0]).splitlines())
    assert (report.sent, report.resent) == (20, 10)


def test_the_window_is_as_large_as_what_may_be_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last bytes are remembered, whole batches of them, however long ago they were sent."""
    size = len(batch(100, 10).text())
    monkeypatch.setattr("generator.sinks.tcp.WINDOW_BYTES", 3 * size)
    with LineServer() as server:
        sink = TcpSink("127.0.0.1", server.port, sleep=lambda _: server.back())
        for first in range(100, 200, 10):
            sink.send(batch(first, 10))
        server.cut()
        sink.send(batch(200, 10))
        assert sink.close().resent == 30
        assert set(server.lines()) >= set(batch(170, 40).text().splitlines())


def test_a_side_that_takes_nothing_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logstash stops reading while Elasticsearch is away; that is no break, and nothing is sent twice."""
    monkeypatch.setattr("generator.sinks.wire.NOTICE_SECONDS", 0.0)
    words: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        found = bytearray()

        def slow() -> None:
            connection, _ = listening.accept()
            with connection:
                while not words:
                    time.sleep(0.01)
                while part := connection.recv(1 << 20):
                    found.extend(part)

        thread = threading.Thread(target=slow)
        thread.start()
        sink = TcpSink("127.0.0.1", port, told=words.append)
        sent = [batch(first, 100, 20_000) for first in range(0, 1000, 100)]
        for part in sent:
            sink.send(part)
        report = sink.close()
        thread.join()
    assert bytes(found) == b"".join(part.text() for part in sent)
    assert (report.sent, report.resent) == (1000, 0)
    assert set(words) == {f"tcp://127.0.0.1:{port} takes nothing at the moment; waiting for it"}


@pytest.mark.parametrize(("seconds", "ends"), [(0.0, True), (3600.0, False), (None, False)])
def test_a_run_with_an_end_does_not_wait_for_ever(
    seconds: float | None, ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch gives up on a side that stays away, with what could not be sent; a stream goes on trying."""
    monkeypatch.setattr("generator.sinks.tcp.AWAY_SECONDS", 0.0)
    tries = 0

    def sleep(_: float) -> None:
        nonlocal tries
        tries += 1
        if tries == 20:
            raise KeyboardInterrupt

    with LineServer() as server:
        sink = TcpSink("127.0.0.1", server.port, seconds=seconds, sleep=sleep)
        sink.send(batch(0, 10))
        server.cut()
        with pytest.raises(KbuildError if ends else KeyboardInterrupt):
            sink.send(batch(10, 5))
        assert tries == (1 if ends else 20)
        report = sink.close()
    assert (report.sent, report.unsent, report.unsure) == (0, 5, 10)


def test_ctrl_c_in_the_middle_of_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was begun is sent whole; nobody gets half a line."""
    with LineServer() as server:
        sink = TcpSink("127.0.0.1", server.port)

        def interrupted(wire: Wire, stall: float) -> None:
            wire.rest = wire.rest[wire.socket.send(wire.rest[:15]) :]
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(Wire, "flush", interrupted)
            with pytest.raises(KeyboardInterrupt):
                sink.send(batch(0, 3))
        report = sink.close()
        assert bytes(server.received[0]) == batch(0, 3).text()
    assert (report.sent, report.unsent) == (3, 0)


def test_a_name_that_no_host_can_have() -> None:
    """It is wrong usage, like any address that is none."""
    with pytest.raises(UsageError, match="no host has this name"):
        TcpSink("a..b", 5001)


def test_nobody_there() -> None:
    """At the beginning this is an error with the next step, not an endless wait."""
    with LineServer() as server:
        port = server.port
    with pytest.raises(KbuildError, match=r"Connection refused\. Is Logstash running"):
        TcpSink("127.0.0.1", port)
