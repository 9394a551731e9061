"""A key, or tokens that come and go."""

import asyncio

import pytest

from lived_workers.gateway.closing import Cause, LinkLostError
from lived_workers.gateway.tokens import MARGIN_S, Credentials, Token


class Service:
    """Gives numbered tokens, or refuses; and a clock."""

    def __init__(self, lifetime: float = 0.0) -> None:
        self.given, self.now, self.lifetime, self.works = 0, 1_000_000.0, lifetime, True

    async def source(self) -> Token:
        """Another one."""
        if not self.works:
            raise LinkLostError(Cause.TOKEN, 503, "no")
        self.given += 1
        return Token(f"auth_tokens/{self.given}", self.now + self.lifetime if self.lifetime else 0.0)

    def credentials(self) -> Credentials:
        """What is under test."""
        return Credentials("", self.source, lambda: self.now)


def shown(credentials: Credentials, fresh: bool) -> int:
    """The number of the token that a connection shows."""
    return int(asyncio.run(credentials.key(fresh)).rpartition("/")[2])


def test_a_key_is_always_the_same() -> None:
    """Nothing is minted, nothing expires."""
    credentials = Credentials("the-key")
    credentials.spent()
    assert asyncio.run(credentials.key(fresh=True)) == "the-key"
    assert not credentials.mints
    assert not credentials.due()


def test_neither_key_nor_tokens() -> None:
    """Said as such."""
    with pytest.raises(LinkLostError) as lost:
        asyncio.run(Credentials("").key(fresh=True))
    assert lost.value.cause is Cause.NO_KEY


def test_one_token_for_each_session() -> None:
    """A fresh session gets its own; resuming, however often, needs none."""
    credentials = Service().credentials()
    assert [shown(credentials, fresh) for fresh in (True, False, False, True, False)] == [1, 1, 1, 2, 2]


def test_a_spent_token_is_replaced_before_resuming() -> None:
    """The handle is as good as before, the token is not."""
    credentials = Service().credentials()
    assert shown(credentials, True) == 1
    credentials.spent()
    assert [shown(credentials, False), shown(credentials, False)] == [2, 2]


def test_a_token_is_replaced_before_it_expires() -> None:
    """A minute before; nothing is due when nobody said how long it lasts."""
    service = Service(lifetime=600)
    credentials = service.credentials()
    assert shown(credentials, True) == 1
    service.now += 600 - MARGIN_S - 1
    assert not credentials.due()
    assert shown(credentials, False) == 1
    service.now += 1
    assert credentials.due()
    assert shown(credentials, False) == 2
    assert not credentials.due()
    eternal = Service().credentials()
    assert shown(eternal, True) == 1
    assert not eternal.due()


def test_short_lived_tokens_do_not_chase_each_other() -> None:
    """Where the next one would expire as soon, there is nothing to gain."""
    service = Service(lifetime=MARGIN_S / 2)
    credentials = service.credentials()
    assert shown(credentials, True) == 1
    service.now += MARGIN_S / 2 - 1
    assert not credentials.due()


def test_a_service_that_is_down() -> None:
    """The session goes on with the old token as long as that is good; a fresh one cannot begin."""
    service = Service(lifetime=600)
    credentials = service.credentials()
    assert shown(credentials, True) == 1
    service.works, service.now = False, service.now + 595
    assert shown(credentials, False) == 1
    for fresh in (True, False):
        with pytest.raises(LinkLostError) as lost:
            if not fresh:
                credentials.spent()
            asyncio.run(credentials.key(fresh))
        assert lost.value.cause is Cause.TOKEN
    service.works = True
    assert shown(credentials, False) == 2


def test_a_token_is_in_no_repr() -> None:
    """It is a secret."""
    assert "abc" not in repr(Token("auth_tokens/abc"))
