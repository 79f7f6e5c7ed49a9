"""Events over TCP."""

from __future__ import annotations

import socket
import threading

import pytest

from generator.batch import Batch
from generator.sinks.tcp import TcpSink
from kibana_builder.errors import KbuildError
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
        sink = TcpSink("127.0.0.1", server.port)
        sink.send(batch(0, 10))
        server.cut()
        report = sink.close()
    assert (report.sent, report.unsent) == (0, 10)


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
    assert (report.sent, report.unsent) == (0, 15)


def test_a_port_that_answers_is_not_that_of_logstash() -> None:
    """Elasticsearch's own port takes lines too, and says that they are no HTTP."""

    def refuse(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=refuse, args=(listening,))
        thread.start()
        sink = TcpSink("127.0.0.1", port)
        sink.send(batch(0, 1))
        with pytest.raises(KbuildError, match=r"answers 'HTTP/1\.1 400 Bad Request'.*Is this its port"):
            sink.close()
        thread.join()


def test_nobody_there() -> None:
    """At the beginning this is an error with the next step, not an endless wait."""
    with LineServer() as server:
        port = server.port
    with pytest.raises(KbuildError, match=r"Connection refused\. Is Logstash running"):
        TcpSink("127.0.0.1", port)
