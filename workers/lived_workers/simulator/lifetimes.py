"""The end of a connection and of a session, planned when they begin. Pure; `limits` are the numbers."""

from collections.abc import Iterator

from lived_workers.simulator import frames
from lived_workers.simulator.alarms import Alarm, FallSilent
from lived_workers.simulator.closes import DEADLINE
from lived_workers.simulator.effects import CloseSocket, Effect, Send
from lived_workers.simulator.frames import encode
from lived_workers.simulator.limits import Limits


def until_cap(limits: Limits, time_scale: float) -> Iterator[tuple[float, Effect | Alarm]]:
    """What a connection does before its time is over, each with its seconds after setupComplete."""
    if not limits.connection_s:
        return
    leads = sorted((lead for lead in limits.go_away_s if lead <= limits.connection_s), reverse=True)
    for lead in leads:
        # the time left is said in true seconds, whatever the scale: a client sets its timer by it
        frame = encode(frames.go_away(lead / time_scale))
        yield (limits.connection_s - lead) / time_scale, Send(frame, "goAway")
    if leads and limits.silence:
        yield (limits.connection_s - leads[-1]) / time_scale, FallSilent()
    yield limits.connection_s / time_scale, CloseSocket(DEADLINE.code, DEADLINE.reason)


def session_ends(limits: Limits, time_scale: float, begun: float, video: bool) -> float | None:
    """When a session without compression is over, on the clock of `begun`; None: never."""
    seconds = limits.video_session_s if video else limits.session_s
    return begun + seconds / time_scale if seconds else None
