"""A door without a daemon behind it: real sockets, canned answers."""

import threading
from pathlib import Path
from typing import Any, Self

import zmq

from lived.bus import DoorServer, Endpoints, Poller
from lived.wire import Failure, Reply, decode_request
from lived.wire.door import FailureCode

STATUS: dict[str, Any] = {
    "version": "0.1.0",
    "protocol": 1,
    "pid": 801,
    "uptime_s": 3_793.2,
    "runtime_dir": "/run/lived",
    "state": "ready",
    "text": "listening",
    "conversing": True,
    "muted": False,
    "volume": 100,
    "floor": "nobody",
    "turn": 41,
    "session": {"state": "open", "text": "", "connection": 1, "resumed": False},
    "workers": [
        {
            "name": "capture",
            "state": "running",
            "ready": True,
            "text": "USB Audio at 48000 Hz, 2 channels",
            "pid": 812,
            "restarts": 0,
            "since_s": 93.0,
            "counters": {"overflows": 0},
        },
        {
            "name": "gateway",
            "state": "running",
            "ready": True,
            "text": "",
            "pid": 813,
            "restarts": 2,
            "since_s": 12.0,
            "counters": {},
        },
    ],
    "lost_frames": 0,
}
"""The answer to ``status`` in docs/protocol.md, with one more worker."""


class FakeDoor:
    """Answers ``answers[op]``; unknown requests are refused as the daemon does. ``asked``: (op, args) so far.

    A list of answers is given out one by one, its last one for ever.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.answers: dict[str, dict[str, Any] | list[dict[str, Any]] | Failure] = {"status": STATUS}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.silent = False
        self._ending = threading.Event()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="fake door", daemon=True)

    def __enter__(self) -> Self:
        Endpoints(self.directory).make()
        self._thread.start()
        assert self._up.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nobody is at the door any more."""
        self._ending.set()
        self._thread.join(5)

    def refuse(self, op: str, code: FailureCode, text: str) -> None:
        """Say no to ``op``."""
        self.answers[op] = Failure(code=code, text=text)

    def _serve(self) -> None:
        context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        door = DoorServer(context, Endpoints(self.directory).door)
        poller = Poller()
        poller.add(door, lambda: self._answer(door))
        self._up.set()
        while not self._ending.is_set():
            poller.wait(5)
        context.destroy(linger=0)

    def _answer(self, door: DoorServer) -> None:
        got = door.receive()
        if got is None or self.silent:
            return
        request = decode_request(got[1])
        self.asked.append((request.op, request.args))
        answer = self.answers.get(request.op, Failure(code="unknown_op", text=f"There is no request '{request.op}'."))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Failure):
            door.reply(got[0], Reply(ok=False, error=answer))
        else:
            door.reply(got[0], Reply(ok=True, result=answer))
