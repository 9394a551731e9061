"""The microphone: publishes ``mic``, 16 kHz mono in chunks of 10 ms, and repeats what somebody missed."""
