"""The gateway: the only worker with the key and the network. It sends the user's sound to the Live API and
publishes what comes back."""
