"""The room as a process of its own, between the virtual sound card's loudspeaker and its microphone.

    python -m bench.room.live_room DIRECTORY FILE ROOM SEED    # the card's directory; a room as JSON

parec ──► Air ──► pacat. Both servers keep the same time, so as many frames come as go. A line of standard input is an
order (``say N``, ``jump``), answered by the frame from which on it can be heard. What the microphone is given is
written to FILE too: what differs there from what was captured was lost, or came too late.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from bench.listening_scenes import BLOCK, Samples
from bench.room.air import Air, sayings
from bench.room.rooms import Room
from fakes.soundcard import VirtualSoundcard

ELSEWHERE_MS = 35.0
"""From parec's fragment to pacat's buffer, by the cards' times; what was really found is printed for each room."""
FRAGMENT_MS, BUFFER_MS = 10, 40
"""Asked of the servers. A shorter buffer runs dry on a busy machine."""
BEFORE_OTHERS = -10
"""Nice: the air of a real room is never late."""
START_S = 20.0
"""The walls of the most reverberant room take some seconds to compute."""
_FORMAT = ("--format=s16le", "--rate=16000", "--channels=1", "--raw")
_BYTES = 2 * BLOCK
_PATH = os.pathsep.join(str(Path(__file__).parents[2] / folder) for folder in (".", "tests"))


class RoomError(Exception):
    """The room ended, or did not begin."""


class LiveRoom:
    """Context manager: inside, the microphone hears the room."""

    def __init__(self, card: VirtualSoundcard, room: Room, seed: int, folder: Path) -> None:
        self._file, self._log = folder / "heard.pcm", folder / "room.log"
        command = [sys.executable, "-m", "bench.room.live_room", str(card.directory), str(self._file)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, json.dumps(room._asdict()), str(seed)],
                env=os.environ
                | card.environ
                | {"PYTHONPATH": _PATH, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def __enter__(self) -> Self:
        try:
            self._answer()  # the first block was heard
        except RoomError:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def say(self, number: int) -> int:
        """The user speaks: that one of ``spoken(room)``. The frame with which it begins."""
        return self._ask(f"say {number}")

    def jump(self) -> int:
        """The echo's delay changes from this frame on."""
        return self._ask("jump")

    def heard(self) -> Samples:
        """All that was handed to the microphone so far. Some of it is yet to come."""
        return np.frombuffer(self._file.read_bytes(), np.int16)

    def _ask(self, order: str) -> int:
        assert self._process.stdin
        self._process.stdin.write(f"{order}\n".encode())
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> int:
        """Raises RoomError where none comes."""
        assert self._process.stdout
        guard = threading.Timer(START_S, self._process.kill)
        guard.start()
        line = self._process.stdout.readline()
        guard.cancel()
        if not line:
            raise RoomError(f"The simulated room has ended: {self._log.read_text()[-500:]}")
        return int(line)


def serve(directory: Path, file: Path, room: Room, seed: int) -> None:
    """Until standard input ends. Raises EOFError and BrokenPipeError when a sound server has gone."""
    single, whole, alone = sayings(room)
    spoken, air = [*single, whole, alone], Air(room, seed, ELSEWHERE_MS)
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()  # a handful in a whole run
    threading.Thread(target=_read, args=(orders,), daemon=True).start()
    with _ears(directory) as ears, _mouth(directory) as mouth, file.open("wb", buffering=0) as copy:
        assert ears.stdout and mouth.stdin
        try:
            while True:
                if air.frames == BLOCK:
                    _tell(0)
                if not _obey(orders, air, [saying.sound for saying in spoken]):
                    return
                heard = air.block(np.frombuffer(_whole(ears.stdout), np.int16)).tobytes()
                mouth.stdin.write(heard)
                copy.write(heard)
        finally:
            ears.kill()
            mouth.kill()


def _obey(
    orders: "queue.SimpleQueue[str]", air: Air, spoken: "list[np.ndarray[tuple[int], np.dtype[np.float64]]]"
) -> bool:
    """False: there is nobody any more who could order anything."""
    with contextlib.suppress(queue.Empty):
        match orders.get_nowait().split():
            case ["say", number]:
                air.say(spoken[int(number)])
            case ["jump"]:
                air.jump()
            case _:
                return False
        _tell(air.frames)
    return True


def _tell(frame: int) -> None:
    sys.stdout.write(f"{frame}\n")
    sys.stdout.flush()


def _read(orders: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        orders.put(line)
    orders.put("")


def _ears(directory: Path) -> "subprocess.Popen[bytes]":
    """What the loudspeaker plays."""
    command = ["parec", f"--latency-msec={FRAGMENT_MS}", "--device=speaker.monitor", *_FORMAT]
    return subprocess.Popen(command, env=_server(directory, "speaker"), stdout=subprocess.PIPE)


def _mouth(directory: Path) -> "subprocess.Popen[bytes]":
    """What the microphone hears."""
    command = ["pacat", f"--latency-msec={BUFFER_MS}", "--device=mic_in", *_FORMAT]
    return subprocess.Popen(command, env=_server(directory, "mic"), stdin=subprocess.PIPE, bufsize=0)


def _server(directory: Path, name: str) -> dict[str, str]:
    return os.environ | {"PULSE_SERVER": f"unix:{directory / name}.sock"}


def _whole(pipe: IO[bytes]) -> bytes:
    block = pipe.read(_BYTES)
    if len(block) < _BYTES:
        raise EOFError
    return block


def main() -> None:
    """As a process."""
    directory, file, room, seed = sys.argv[1:]
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, BEFORE_OTHERS)
    try:
        serve(Path(directory), Path(file), Room(**json.loads(room)), int(seed))
    except (EOFError, BrokenPipeError):
        sys.exit("the virtual sound card has gone: start it again")


if __name__ == "__main__":
    main()
