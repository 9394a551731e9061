"""What the device sees: at most one JPEG a second, for the model, and only while the session wants it."""
