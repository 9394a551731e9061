"""Trust is won by echo that goes away, and lost by echo that stays; silence and headphones prove nothing bad."""

import numpy as np

from lived_workers.frontend.judge import DOUBTED, LEARNED, REMEMBERED, WINDOW, Judge

rng = np.random.default_rng(3)


def noise(level: float) -> bytes:
    """10 ms."""
    return np.rint(rng.normal(0, level, 160)).astype(np.int16).tobytes()


def listen(judge: Judge, windows: int, near: float, far: float, left: float) -> None:
    """So many windows of noise at these levels."""
    for _ in range(windows * WINDOW):
        judge.take(noise(near), noise(far), noise(left))


def test_nothing_is_known_at_first() -> None:
    """Neither trusted nor poor; nor after silence."""
    judge = Judge()
    listen(judge, 10, 20, 0, 20)
    assert (judge.trusted, judge.poor, judge.erle_db) == (False, False, 0.0)


def test_trust_is_won_and_lost() -> None:
    """20 dB for five seconds; then echo that passes for ten seconds; then it works again."""
    judge = Judge()
    listen(judge, LEARNED - 1, 3000, 3000, 300)
    assert not judge.trusted
    listen(judge, 1, 3000, 3000, 300)
    assert judge.trusted
    assert 19 < judge.erle_db < 21
    listen(judge, 2, 3000, 3000, 2500)
    assert judge.trusted, "a user who talks over it looks the same"
    listen(judge, REMEMBERED, 3000, 3000, 2500)
    assert (judge.trusted, judge.poor, judge.diverged_percent) == (False, True, 100)
    listen(judge, REMEMBERED, 3000, 3000, 300)
    assert (judge.trusted, judge.poor) == (True, False)


def test_headphones_are_no_reason_for_distrust() -> None:
    """Nothing of what is played is heard: what is left is the room, as before."""
    judge = Judge()
    listen(judge, 20, 30, 3000, 30)
    assert judge.trusted


def test_a_user_who_talks_over_a_quiet_echo_is_no_reason_for_distrust() -> None:
    """Eight seconds of a user 6 dB louder than the echo: the canceller cannot lose them, and is not to blame."""
    judge = Judge()
    listen(judge, LEARNED, 1500, 3000, 100)
    listen(judge, 16, 3400, 3000, 3000)
    assert (judge.trusted, judge.poor) == (True, False)


def test_an_echo_that_has_become_louder_and_stays_is_found_out() -> None:
    """Twice as loud and no longer cancelled: for ten seconds it may be a user, then it is none."""
    judge = Judge()
    listen(judge, LEARNED, 1500, 3000, 100)
    listen(judge, DOUBTED + REMEMBERED, 3400, 3000, 3300)
    assert (judge.trusted, judge.poor) == (False, True)


def test_the_rooms_noise_is_known_through_a_reply() -> None:
    """What is heard between words, whatever is played and taken out; to 2 dB."""
    judge = Judge()
    for _ in range(10):
        listen(judge, 1, 3000, 3000, 10)
        for _ in range(20):
            judge.take(noise(100), noise(0), noise(100))
    assert 38 < judge.noise_db < 42


def test_what_is_distrusted_is_judged_anew() -> None:
    """Neither trusted nor any better than it was: one that is poor stays so until it is fine."""
    judge = Judge()
    listen(judge, LEARNED, 3000, 3000, 300)
    judge.distrust()
    assert (judge.trusted, judge.poor, judge.erle_db) == (False, False, 0.0)
    listen(judge, LEARNED, 3000, 3000, 300)
    assert judge.trusted
    listen(judge, 2 * REMEMBERED, 3000, 3000, 2500)
    judge.distrust()
    assert (judge.trusted, judge.poor) == (False, True)
