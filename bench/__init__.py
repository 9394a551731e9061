"""What README claims, measured: lived and the naive way on the same stand-in and the same virtual sound card."""
