"""Whether the server reads: by its answers to pings."""

from lived.units import SECOND, Ns
from lived_workers.gateway.reading import LATE, MOST_PINGS, PING_EVERY, Reading

NOW = Ns(1_000 * SECOND)


class Server:
    """Answers so many pings."""

    def __init__(self) -> None:
        self.reading = Reading()
        self.answered = 0
        self._asked = 0

    def ask(self, behind: int, now: Ns) -> None:
        """A ping goes out."""
        self._asked += 1
        number = self._asked
        self.reading.asked(lambda: number <= self.answered, behind, now)


def test_what_was_sent_before_an_answered_ping_was_read() -> None:
    """The newest of those that were answered; said once."""
    server = Server()
    for behind in (10, 20, 30):
        server.ask(behind, NOW)
    assert server.reading.read() == 0
    server.answered = 2
    assert server.reading.read() == 20
    assert server.reading.read() == 0


def test_an_answer_that_does_not_come_is_late() -> None:
    """Counted from the oldest ping that was not answered; the answer sets it right."""
    server = Server()
    server.answered = 1
    server.ask(1, NOW)
    server.reading.read()
    assert not server.reading.late(Ns(NOW + 100 * SECOND))
    assert not server.reading.owed
    server.ask(2, NOW)
    server.ask(3, Ns(NOW + LATE))
    assert server.reading.owed
    assert not server.reading.late(Ns(NOW + LATE - 1))
    assert server.reading.late(Ns(NOW + LATE))
    server.answered = 3
    server.reading.read()
    assert not server.reading.late(Ns(NOW + 100 * SECOND))


def test_a_server_that_never_answered_pings_says_nothing_by_that() -> None:
    """On no connection; one that ever did is expected to on all."""
    server = Server()
    server.ask(1, NOW)
    assert not server.reading.late(Ns(NOW + 100 * SECOND))
    assert not server.reading.owed
    server.answered = 1
    server.reading.read()
    server.reading.closed()
    server.ask(2, NOW)
    assert server.reading.late(Ns(NOW + LATE))


def test_pings_have_a_rhythm_and_a_bound() -> None:
    """Two a second, and none any more to a server that answers none; each connection begins with one."""
    reading = Reading()
    assert reading.due(NOW)
    reading.asked(lambda: False, 1, NOW)
    assert not reading.due(Ns(NOW + PING_EVERY - 1))
    assert reading.due(Ns(NOW + PING_EVERY))
    for n in range(1, MOST_PINGS):
        reading.asked(lambda: False, 1, Ns(NOW + n * PING_EVERY))
    assert not reading.due(Ns(NOW + 1_000 * SECOND))
    reading.closed()
    assert reading.due(Ns(NOW + MOST_PINGS * PING_EVERY))
