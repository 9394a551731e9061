"""The rooms. Those of TUNING were looked at while the front end was changed; those of HELD_OUT were not: another voice
of the device, other words of the user, another room."""

from typing import NamedTuple


class Room(NamedTuple):
    """What differs between rooms."""

    name: str
    echo_db: float = 0.0
    """How much louder the echo is than the user, at the microphone, both while they speak."""
    rt60_s: float = 0.3
    delay_ms: float = 60
    """Of the echo, beyond what the cards' times tell."""
    drift_ppm: float = 0.0
    """How much faster the microphone's clock is."""
    snr_db: float = 40.0
    """The user over pink noise in the room."""
    driven: bool = False
    """A loudspeaker that distorts."""
    jump_ms: float = 0.0
    """In the middle of the reply the echo comes so much later, and no time tells."""
    lost_ms: int = 0
    """In the middle of the reply the microphone loses so much; its positions tell."""
    wander_ms: float = 0.0
    """By so much are the loudspeaker's times wrong, now more and now less: a sound server's."""
    held_out: bool = False


TUNING = (
    Room("equal"),
    Room("echo -6 dB", echo_db=-6),
    Room("echo +6 dB", echo_db=6),
    Room("echo +12 dB", echo_db=12),
    Room("drift +200 ppm", drift_ppm=200, echo_db=3),
    Room("drift -100 ppm", drift_ppm=-100, echo_db=3),
    Room("noise 20 dB", snr_db=20),
    Room("noise 10 dB", snr_db=10),
    Room("noise 5 dB", snr_db=5),
    Room("RT60 0.6 s", rt60_s=0.6, echo_db=3),
    Room("distorts", driven=True, echo_db=6),
    Room("delay 20 ms", delay_ms=20),
    Room("delay 300 ms", delay_ms=300),
    Room("jump +40 ms", jump_ms=40, echo_db=3),
    Room("jump -40 ms", delay_ms=100, jump_ms=-40, echo_db=3),
    Room("lost 130 ms", lost_ms=130, echo_db=3),
    Room("times wander", wander_ms=8, echo_db=3),
)
HELD_OUT = (
    Room("equal, RT60 0.4 s", rt60_s=0.4, delay_ms=130, held_out=True),
    Room("+6 dB, 50 ppm", echo_db=6, rt60_s=0.4, delay_ms=130, drift_ppm=50, held_out=True),
    Room("+12 dB, -150 ppm", echo_db=12, rt60_s=0.2, delay_ms=45, drift_ppm=-150, held_out=True),
    Room("+6 dB, jump", echo_db=6, rt60_s=0.5, delay_ms=160, jump_ms=-60, held_out=True),
    Room("distorts, noise", echo_db=3, rt60_s=0.5, delay_ms=90, driven=True, snr_db=15, held_out=True),
)
QUICK = (TUNING[0], TUNING[3], TUNING[4], HELD_OUT[1])
