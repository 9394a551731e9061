"""Whether the server reads: by its answers to pings."""

from lived.units import SECOND, Ns
from lived_workers.gateway.pings import LATE, MOST_PINGS, PING_EVERY, Ping, Pings

NOW = Ns(1_000 * SECOND)


class Server:
    """Answers so many pings; its machine acknowledges everything."""

    def __init__(self) -> None:
        self.pings = Pings()
        self.answered = 0
        self._asked = 0

    def ask(self, behind: int, now: Ns = NOW, caught_up: bool = True) -> None:
        """A ping goes out."""
        self._asked += 1
        number = self._asked
        self.pings.asked(Ping(lambda: number <= self.answered, behind, behind, caught_up, now))

    def look(self, acknowledged: int = 10**6) -> int:
        """What was read."""
        return self.pings.read(acknowledged)

    def reopen(self) -> None:
        """Another connection to a server that is known to answer."""
        self.ask(1)
        self.answered = self._asked
        self.look()
        self.pings.closed()


def test_what_was_sent_before_an_answered_ping_was_read() -> None:
    """The newest of those that were answered; said once."""
    server = Server()
    for behind in (10, 20, 30):
        server.ask(behind)
    assert server.look() == 0
    server.answered = 2
    assert server.look() == 20
    assert server.look() == 0


def test_an_answer_that_does_not_come_is_late() -> None:
    """Counted from the oldest ping that was not answered; the answer sets it right."""
    server = Server()
    server.reopen()
    assert not server.pings.owed
    server.ask(2)
    server.ask(3, Ns(NOW + LATE))
    server.look()
    assert server.pings.owed
    assert not server.pings.late(Ns(NOW + LATE - 1))
    assert server.pings.late(Ns(NOW + LATE))
    server.answered += 2
    server.look()
    assert not server.pings.owed
    assert not server.pings.late(Ns(NOW + 100 * SECOND))


def test_a_ping_that_has_not_arrived_says_nothing() -> None:
    """The network is gone, not the program: TCP knows what has come through."""
    server = Server()
    server.reopen()
    server.ask(500)
    server.look(acknowledged=499)
    assert not server.pings.owed
    assert not server.pings.late(Ns(NOW + 100 * SECOND))
    server.look(acknowledged=500)
    assert server.pings.late(Ns(NOW + 100 * SECOND))


def test_a_server_that_never_answered_pings_says_nothing_by_that() -> None:
    """On no connection; one that ever did is expected to on all."""
    server = Server()
    server.ask(1)
    server.look()
    assert not server.pings.late(Ns(NOW + 100 * SECOND))
    assert not server.pings.unread(NOW)
    server.reopen()
    server.ask(2)
    server.look()
    assert server.pings.late(Ns(NOW + LATE))


def test_a_server_that_hangs_up_in_a_burst_has_not_read_it() -> None:
    """What was kept is sent at once: until it has answered behind that, and again each time that we fall behind."""
    server = Server()
    server.reopen()
    server.ask(1, caught_up=False)
    server.ask(9)
    server.answered += 1
    assert server.look() == 1
    assert server.pings.unread(NOW)
    server.answered += 1
    server.look()
    server.ask(10)
    server.look()
    assert not server.pings.unread(NOW), "a single answer under way is no burst"
    server.pings.fell_behind()
    assert server.pings.unread(NOW)


def test_pings_have_a_rhythm_and_a_bound() -> None:
    """Two a second, and none any more to a server that answers none; one at once behind what was kept."""
    server = Server()
    pings = server.pings
    assert pings.due(NOW, caught_up=False)
    server.ask(1, caught_up=False)
    assert not pings.due(NOW, caught_up=False)
    assert pings.due(NOW, caught_up=True)
    server.ask(2)
    assert not pings.due(Ns(NOW + PING_EVERY - 1), caught_up=True)
    assert pings.due(Ns(NOW + PING_EVERY), caught_up=True)
    for n in range(2, MOST_PINGS):
        server.ask(n, Ns(NOW + n * PING_EVERY))
    assert not pings.due(Ns(NOW + 1_000 * SECOND), caught_up=True)
    pings.closed()
    assert pings.due(Ns(NOW + MOST_PINGS * PING_EVERY), caught_up=True)
