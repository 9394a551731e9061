"""The rooms of the demo, each by itself: recording, journal, show, report, mix, processes."""

import json
import os
import time
import tomllib
import wave
from array import array
from pathlib import Path

import pytest

from lived.cli.demo import journal, mix, recording, report, stage, tree
from lived.cli.demo.cost import Meter
from lived.cli.demo.measure import Delays, Interruption, Message, Toll
from lived.cli.demo.report import Figure, Measured, figures
from lived.cli.demo.show import Show
from lived.errors import InputError, LivedError
from lived.units import MIC_RATE, MODEL_RATE, SECOND, Frames, Ns, Turn
from lived.wire import Stream
from lived.wire.events import Cut, CutDone, FloorChanged, Heartbeat, SessionState, Transcript

from .test_align import noise
from .test_measure import chunks

GOOD = Measured(
    turns=3,
    turns_expected=3,
    cuts=[Interruption(Turn(2), 48_000, Ns(0), Ns(12_000_000))],
    cut_expected=True,
    block_ms=10,
    reaction_ms=450.0,
    delays=Delays(21.5, 23.9, 900),
    socket_delays=Delays(21.0, 21.9, 900),
    lateness_p99_ms=0.0,
    up=Toll(0, 0, 0),
    down=Toll(0, 0, 0),
    memory_bytes=90_000_000,
    cpu_percent=9.0,
    others_percent=1.0,
)


# -- recording -----------------------------------------------------------------------------------


def test_recording_has_the_sentences_where_the_cues_say(tmp_path: Path) -> None:
    """Loud where somebody speaks, a quiet room elsewhere, and never digital silence."""
    cues = recording.write(tmp_path / "user.wav")
    with wave.open(str(tmp_path / "user.wav"), "rb") as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (MIC_RATE, 1, 2)
        samples = array("h", sound.readframes(sound.getnframes()))
    assert len(samples) == recording.ROOM_S * MIC_RATE
    speaking = [samples[int(cue.begin * MIC_RATE) : int(cue.end * MIC_RATE)] for cue in cues]
    assert all(max(said) > 5_000 for said in speaking)
    pause = samples[int(cues[0].end * MIC_RATE) : int(cues[1].begin * MIC_RATE)]
    assert 0 < max(map(abs, pause)) <= 8
    assert bytes(640) not in pause.tobytes()


def test_the_second_answer_is_talked_over_and_long_enough() -> None:
    """The user interrupts in the middle of the answer, and the demo fits into its time."""
    lengths = {exchange.recording: 1.5 for exchange in recording.EXCHANGES}
    first, second, third = recording.cues(lengths)
    answer = second.end + (recording.SILENCE_MS + recording.FIRST_AUDIO_MS) / 1000
    assert third.begin - answer == pytest.approx(recording.TALK_OVER_S)
    assert second.exchange.answer.seconds >= 8
    assert second.begin > first.end + first.exchange.answer.seconds
    assert third.end + third.exchange.answer.seconds + 1.2 < 22
    assert recording.talk_over([first, second, third], Ns(0)) == int(third.begin * SECOND)


def test_scenario_is_toml_with_the_users_words() -> None:
    """One reply for each sentence, with the transcript of that sentence."""
    scenario = tomllib.loads(recording.scenario())
    assert [reply["heard"] for reply in scenario["reply"]] == [e.text for e in recording.EXCHANGES]
    assert scenario["timing"]["first_audio_ms"] == recording.FIRST_AUDIO_MS


def test_sentences_are_small_mono_wavs() -> None:
    """What the project ships: 16 kHz, mono, 16 bit, under 120 kB each."""
    for exchange in recording.EXCHANGES:
        path = recording.SPEECH / f"{exchange.recording}.wav"
        assert path.stat().st_size < 120_000
        with wave.open(str(path), "rb") as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (MIC_RATE, 1, 2)


# -- journal -------------------------------------------------------------------------------------


def test_journal(tmp_path: Path) -> None:
    """Messages by their first frame; replies whole and in order, however their frames were mixed with others."""
    lines = [
        {"kind": "setup", "t_ns": 1},
        {"kind": "audio", "t_ns": 5, "offset": 0, "bytes": 640},
        {"kind": "sent", "what": "audio", "turn": 1, "offset": 0, "bytes": 4},
        {"kind": "sent", "what": "transcript", "turn": 1},
        {"kind": "audio", "t_ns": 9, "offset": 640, "bytes": 640},
        {"kind": "sent", "what": "silence", "turn": 1, "offset": 4, "bytes": 2},
        {"kind": "sent", "what": "audio", "turn": 2, "offset": 6, "bytes": 2},
    ]
    (tmp_path / "journal.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (tmp_path / "heard.pcm").write_bytes(bytes(1_280))
    (tmp_path / "spoken.pcm").write_bytes(b"abcd\0\0xy")
    read = journal.read(tmp_path)
    assert read.messages == [Message(Ns(5), 0, 320), Message(Ns(9), 320, 320)]
    assert read.sent == [b"abcd\0\0", b"xy"]
    assert len(read.received) == 1_280


def test_journal_missing_or_broken(tmp_path: Path) -> None:
    """One sentence, not a traceback."""
    with pytest.raises(InputError, match="journal"):
        journal.read(tmp_path)
    for name in ("heard.pcm", "spoken.pcm"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "journal.jsonl").write_text('{"kind": "audio"')
    with pytest.raises(InputError, match="journal"):
        journal.read(tmp_path)


# -- show ----------------------------------------------------------------------------------------


def test_show() -> None:
    """Pieces of one side and turn stay on their line; anything else begins a new one; heartbeats are not shown."""
    said: list[str] = []
    show = Show(said.append, Ns(0))
    now = Ns(int(1.5 * SECOND))
    for event in (
        SessionState(state="open"),
        Transcript(side="user", turn=Turn(1), text=" What time"),
        Heartbeat(worker="capture", progress=1),
        Transcript(side="user", turn=Turn(1), text=" is it?"),
        FloorChanged(floor="model", turn=Turn(1)),
        Transcript(side="model", turn=Turn(1), text="Ten."),
        Cut(turn=Turn(1), cause="server", time=Ns(1_000_000)),
        CutDone(turn=Turn(1), heard_turn=Turn(1), heard_frames=Frames(9), silent_at=Ns(13_500_000)),
    ):
        show.event(event, now)
    assert "".join(said).splitlines() == [
        "  1.5 s         · session open",
        "  1.5 s  user   What time is it?",
        "  1.5 s         · the model is heard",
        "  1.5 s  lived  Ten.",
        "  1.5 s         · cut, ordered by server",
        "  1.5 s         · silent 12.5 ms after the order",
    ]


# -- report --------------------------------------------------------------------------------------


def test_all_within_budget() -> None:
    """A good demo is ok as a whole, and every figure with a budget says so."""
    data = report.data(figures(GOOD), wav="x.wav")
    assert data["ok"] is True
    assert data["figures"]["cut_to_silence_ms"] == {"value": 12.0, "unit": "ms", "budget": 15.0, "ok": True}
    assert data["wav"] == "x.wav"
    assert not any(line.endswith("over") for line in report.table(figures(GOOD)).splitlines())


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ({"turns": 2}, "turns"),
        ({"cuts": []}, "cut_to_silence_ms"),
        ({"cuts": [Interruption(Turn(2), 9, Ns(0), Ns(15_100_000))]}, "cut_to_silence_ms"),
        ({"socket_delays": None}, "uplink_p99_ms"),
        ({"socket_delays": Delays(21.0, 22.1, 900)}, "uplink_p99_ms"),
        ({"up": Toll(1, 0, 0)}, "up_lost_frames"),
        ({"up": Toll(0, 1, 0)}, "up_doubled_frames"),
        ({"down": Toll(1, 0, 0)}, "down_lost_frames"),
        ({"down": Toll(0, 0, 1)}, "down_strange_frames"),
        ({"memory_bytes": 100_100_000}, "memory_mb"),
        ({"cpu_percent": 15.1}, "cpu_percent"),
    ],
)
def test_each_fault_makes_it_fail(fault: dict[str, object], name: str) -> None:
    """No figure may be over its budget, none that was expected may be missing."""
    data = report.data(figures(GOOD._replace(**fault)))  # type: ignore[arg-type]
    assert data["ok"] is False
    assert data["figures"][name]["ok"] is False


def test_live_demands_nothing_of_the_person() -> None:
    """Who speaks into a real microphone may interrupt or not; a cut that did happen is judged."""
    live = GOOD._replace(turns=1, turns_expected=None, cuts=[], cut_expected=False, reaction_ms=None)
    assert report.data(figures(live))["ok"] is True
    slow = live._replace(cuts=[Interruption(Turn(1), 9, Ns(0), Ns(90_000_000))])
    assert report.data(figures(slow))["ok"] is False


def test_table_fits_in_80_columns() -> None:
    """With the longest verdicts."""
    bad = GOOD._replace(
        delays=None, socket_delays=None, cuts=[], turns=2, memory_bytes=123_456_789_000, up=Toll(1_000_000, 0, 0)
    )
    shown = report.table(figures(bad))
    assert max(map(len, shown.splitlines())) <= 80
    assert "not measured" in shown
    assert "under" in shown


def test_figure_without_budget_is_ok() -> None:
    """It is only told."""
    assert Figure("x", "x", None, "ms").ok
    assert not Figure("x", "x", None, "ms", 1.0).ok


# -- mix -----------------------------------------------------------------------------------------


def test_mix_aligns_by_time(tmp_path: Path) -> None:
    """Left the microphone at 24 kHz, right the speaker, each at its own time."""
    tone = array("h", [8_000] * 16_000).tobytes()
    mic = chunks(tone, 160, Stream.MIC, MIC_RATE)
    later = [c._replace(time=Ns(c.time + SECOND // 2)) for c in chunks(noise(2_400), 240, Stream.SPEAKER, MODEL_RATE)]
    mix.write(tmp_path / "both.wav", mic, later)
    with wave.open(str(tmp_path / "both.wav"), "rb") as sound:
        samples = array("h", sound.readframes(sound.getnframes()))
        assert (sound.getnchannels(), sound.getframerate()) == (2, MODEL_RATE)
    left, right = samples[0::2], samples[1::2]
    assert abs(len(left) - 24_000) < 50
    assert all(abs(value - 8_000) < 200 for value in left[1_000:23_000])
    assert right[:12_000].tobytes() == bytes(24_000)
    assert right[12_000:14_400].tobytes() == noise(2_400)


def test_mix_of_nothing(tmp_path: Path) -> None:
    """Still a WAV file."""
    mix.write(tmp_path / "both.wav", [], chunks(noise(240), 240, Stream.SPEAKER, MODEL_RATE))
    with wave.open(str(tmp_path / "both.wav"), "rb") as sound:
        assert sound.getnframes() == 240


def test_cost_counts_from_its_beginning() -> None:
    """Work done since ``begin`` is counted once, and none of it twice as that of others."""
    meter = Meter(os.getpid(), 2**22 + 1)
    assert (meter.running, meter.share(Ns(SECOND))) == (False, (0.0, 0.0))
    meter.begin(Ns(0))
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass
    assert 10 <= meter.share(Ns(SECOND)).daemon <= 60
    assert meter.memory_bytes() > 5_000_000


# -- processes -----------------------------------------------------------------------------------


def test_environment_of_the_demo() -> None:
    """No setting, no key and no supervisor of this user reaches the demo's processes."""
    given = {
        "PATH": "/bin",
        "LIVED_AUDIO__VOLUME": "0",
        "LIVED_CONFIG": "x",
        "GEMINI_API_KEY": "mine",
        "GOOGLE_API_KEY": "mine",
        "CREDENTIALS_DIRECTORY": "/c",
        "NOTIFY_SOCKET": "/n",
        "RUNTIME_DIRECTORY": "/r",
    }
    assert stage.environment(given) == {"PATH": "/bin", "GEMINI_API_KEY": "demo"}


def test_missing_stand_in_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where lived was installed without the stand-in, the demo says what installs it."""
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with stage.Stage(tmp_path, tmp_path, {}) as empty, pytest.raises(LivedError, match=r"lived\[simulator\]"):
        empty.start_stand_in(tmp_path / "scenario.toml")


def test_tree_counts_this_process() -> None:
    """Memory and CPU of a living tree are more than nothing; of a dead one, nothing."""
    assert os.getpid() in tree.pids(os.getpid())
    assert tree.pss_bytes(os.getpid()) > 5_000_000
    assert tree.cpu_s(os.getpid()) > 0
    assert tree.cpu_s(os.getpid()) <= tree.machine_cpu_s()
    assert (tree.pids(2**22 + 1), tree.pss_bytes(2**22 + 1), tree.cpu_s(2**22 + 1)) == ([], 0, 0.0)
