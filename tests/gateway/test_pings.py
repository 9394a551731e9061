"""Whether the server reads: by its answers to pings."""

from lived.units import SECOND, Ns
from lived_workers.gateway.pings import LATE, MOST_PINGS, PING_EVERY, Pings

NOW = Ns(1_000 * SECOND)


class Server:
    """Answers so many pings."""

    def __init__(self) -> None:
        self.pings = Pings()
        self.answered = 0
        self._asked = 0

    def ask(self, behind: int, now: Ns) -> None:
        """A ping goes out."""
        self._asked += 1
        number = self._asked
        self.pings.asked(lambda: number <= self.answered, behind, now)


def test_what_was_sent_before_an_answered_ping_was_read() -> None:
    """The newest of those that were answered; said once."""
    server = Server()
    for behind in (10, 20, 30):
        server.ask(behind, NOW)
    assert server.pings.read() == 0
    server.answered = 2
    assert server.pings.read() == 20
    assert server.pings.read() == 0


def test_an_answer_that_does_not_come_is_late() -> None:
    """Counted from the oldest ping that was not answered; the answer sets it right."""
    server = Server()
    server.answered = 1
    server.ask(1, NOW)
    server.pings.read()
    assert not server.pings.late(Ns(NOW + 100 * SECOND))
    assert not server.pings.owed
    server.ask(2, NOW)
    server.ask(3, Ns(NOW + LATE))
    assert server.pings.owed
    assert not server.pings.late(Ns(NOW + LATE - 1))
    assert server.pings.late(Ns(NOW + LATE))
    server.answered = 3
    server.pings.read()
    assert not server.pings.late(Ns(NOW + 100 * SECOND))


def test_a_server_that_never_answered_pings_says_nothing_by_that() -> None:
    """On no connection; one that ever did is expected to on all."""
    server = Server()
    server.ask(1, NOW)
    assert not server.pings.late(Ns(NOW + 100 * SECOND))
    assert not server.pings.owed
    server.answered = 1
    server.pings.read()
    server.pings.closed()
    server.ask(2, NOW)
    assert server.pings.late(Ns(NOW + LATE))


def test_pings_have_a_rhythm_and_a_bound() -> None:
    """Two a second, and none any more to a server that answers none; each connection begins with one."""
    pings = Pings()
    assert pings.due(NOW)
    pings.asked(lambda: False, 1, NOW)
    assert not pings.due(Ns(NOW + PING_EVERY - 1))
    assert pings.due(Ns(NOW + PING_EVERY))
    for n in range(1, MOST_PINGS):
        pings.asked(lambda: False, 1, Ns(NOW + n * PING_EVERY))
    assert not pings.due(Ns(NOW + 1_000 * SECOND))
    pings.closed()
    assert pings.due(Ns(NOW + MOST_PINGS * PING_EVERY))
