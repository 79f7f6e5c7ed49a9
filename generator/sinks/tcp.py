"""Events over TCP, one JSON object a line: to the TCP input of Logstash.

TCP says of nothing that it arrived. So what was sent last is remembered, and after a break it is sent again; the ids of
the documents make the second time harmless. A line that was cut by the break may end among the dead letters.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from itertools import islice

from generator.batch import Batch
from generator.sinks import Report
from generator.sinks.patience import Patience, pauses
from generator.sinks.wire import Wire, address_of
from kibana_builder.errors import KbuildError, UsageError

__all__ = ["TcpSink"]

WINDOW_BYTES = 8 * 1024 * 1024
"""So much of what was sent last may be lost in a break: what lies in the buffers of both sides (ours: BUFFER_BYTES; the
other's: 6 MB at most, Linux's tcp_rmem), and the few hundred events that Logstash has read and not passed on. In bytes
and not in seconds: a Logstash that is held up leaves them in the buffers for as long as it likes."""
CONNECT_SECONDS = 5.0
STALL_SECONDS = 120.0
"""A Logstash that is held up by Elasticsearch takes nothing for a while, which is no break; so long is one."""
LONGEST_PAUSE = 15.0
AWAY_SECONDS = 120.0
"""In a batch, and at the end of a run, the other side may be away for so long: Logstash takes a minute to start."""
GOODBYE_SECONDS, GOODBYES = 3.0, 4


class TcpSink:
    """Sends events to a host's TCP port; while the other side is away it waits and tries again.

    `seconds` is how long the run is meant to last, None without an end. Raises UsageError for a name that no host can
    have, KbuildError where the first connection fails: an address is more likely wrong than its server away. `sleep`
    and `told` are for the wait between tries, and for the words about it.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        seconds: float | None = None,
        told: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.host, self.port, self.told, self.sleep = host, port, told, sleep
        self.address = address_of(host, port)
        self.patience = Patience(seconds, AWAY_SECONDS)
        self.report = Report()
        self.window: deque[tuple[bytes, int]] = deque()
        """What was sent last: the bytes, how many events."""
        self.window_bytes = 0
        self.text, self.count = b"", 0
        """What is being sent: the bytes, how many events."""
        try:
            self.wire: Wire | None = self._connected(CONNECT_SECONDS)
            """The connection; none while the other side is away."""
        except UnicodeError:
            raise UsageError(f"{self.address} is no address: no host has this name") from None
        except OSError as error:
            raise KbuildError(
                f"Nobody takes events at {self.address}: {error.strerror or error}. Is Logstash running, and is "
                "this the port of its TCP input? (`kbuild stack up` starts one.)"
            ) from None

    def send(self, batch: Batch) -> None:
        """Send some events, however long that takes. Raises KbuildError when the other side stays away."""
        text = batch.text()
        try:
            if self.wire is None:
                raise ConnectionResetError
            self.wire.rest = memoryview(text)  # first: a Ctrl-C in between must not count what is not even begun
            self.text, self.count = text, len(batch)
            self.wire.flush(STALL_SECONDS)
        except OSError:
            self.text, self.count = text, len(batch)
            self._hang_up()
            self._wait_for_it()
        self._is_sent()

    def close(self) -> Report:
        """Say goodbye: the other side has everything once it closes its end too.

        Where it went away before that, it gets the last window once more if it is back in a few seconds. Ctrl-C ends
        the waiting. What is on its way to somebody who is there and takes his time counts as sent.
        """
        try:
            tries = 1 if self.wire is None else GOODBYES
            for pause in islice(pauses(GOODBYE_SECONDS), tries):
                if self._is_goodbye_said():
                    break
                self.sleep(pause)
        except KeyboardInterrupt:
            pass
        except KbuildError as error:
            self.report.failure = error
            self._hang_up()
        if self.wire is None:
            self.report.unsure = sum(count for _, count in self.window)
            self.report.sent -= self.report.unsure
        self.report.unsent = self.count
        self._hang_up()
        return self.report

    def _connected(self, seconds: float) -> Wire:
        return Wire(self.host, self.port, seconds, stall=STALL_SECONDS, told=self.told)

    def _hang_up(self) -> None:
        if self.wire is not None:
            self.wire.close()
        self.wire = None

    def _is_sent(self) -> None:
        """Take note that what is being sent is sent, and forget what is older than the window."""
        self.report.sent += self.count
        self.window.append((self.text, self.count))
        self.window_bytes += len(self.text)
        self.text, self.count = b"", 0
        while self.window_bytes > WINDOW_BYTES and len(self.window) > 1:
            self.window_bytes -= len(self.window.popleft()[0])

    def _wait_for_it(self) -> None:
        """Connect again, however long that takes, and send the window and what is being sent."""
        since = time.monotonic()
        self.told(f"{self.address} went away; waiting for it")
        for pause in pauses(LONGEST_PAUSE):
            self.sleep(pause)
            try:
                self._send_again(CONNECT_SECONDS)
            except OSError:
                if self.patience.is_over(since):
                    raise KbuildError(
                        f"{self.address} went away and did not come back for {AWAY_SECONDS:.0f} s"
                    ) from None
            else:
                self.told(f"{self.address} is back")
                return

    def _send_again(self, seconds: float) -> Wire:
        """Connect and send the window and what is being sent. Raises OSError."""
        wire = self._connected(seconds)
        try:
            for text, _ in self.window:
                wire.write(text)
            wire.write(self.text)
        except BaseException:  # Ctrl-C too: what is half sent is not sent
            wire.close()
            raise
        self.wire = wire
        self.report.resent += sum(count for _, count in self.window)
        return wire

    def _is_goodbye_said(self) -> bool:
        """Send what is left and close our end; false when the other side was gone before."""
        try:
            wire = self.wire or self._send_again(GOODBYE_SECONDS)
            wire.flush(GOODBYE_SECONDS)
            if self.count:
                self._is_sent()
            wire.goodbye(GOODBYE_SECONDS)
        except TimeoutError:
            return True  # it is there and takes nothing; the kernel goes on trying
        except OSError:
            self._hang_up()
            return False
        return True
