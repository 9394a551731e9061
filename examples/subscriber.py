"""Hear a stream of lived with nothing but pyzmq: python subscriber.py mic [/run/lived] > mic.pcm"""

import struct
import sys

import zmq

stream, folder = sys.argv[1], (*sys.argv[2:], "/run/lived")[0]
socket = zmq.Context().socket(zmq.SUB)
socket.connect(f"ipc://{folder}/audio.sock")
socket.subscribe(f"{stream}/")
expected = (0, 0)  # epoch and position of the next chunk
while True:
    _topic, header, pcm = socket.recv_multipart()
    _version, _format, channels, flags, _rate, epoch, position, _time, _turn = struct.unpack("<4BI4Q", header)
    if epoch == expected[0] and position > expected[1] and not flags & 2:  # 2: muted or closed, nothing was lost
        print(f"{position - expected[1]} frames lost", file=sys.stderr)
    expected = epoch, position + len(pcm) // (2 * channels)
    sys.stdout.buffer.write(pcm)
    sys.stdout.flush()
