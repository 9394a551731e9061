"""Recordings: the streams of a conversation on one clock, into files that a power cut leaves readable."""

from lived.recording.encoder import missing
from lived.recording.output import Folder, Output, SingleFile, StandardOutput
from lived.recording.recording import EVENTS, Recording
from lived.recording.segment import Format
from lived.recording.shape import SHAPES, Shape
from lived.recording.track import Gap
from lived.recording.writer import Limits, Writer, Written

__all__ = [
    "EVENTS",
    "SHAPES",
    "Folder",
    "Format",
    "Gap",
    "Limits",
    "Output",
    "Recording",
    "Shape",
    "SingleFile",
    "StandardOutput",
    "Writer",
    "Written",
    "missing",
]
