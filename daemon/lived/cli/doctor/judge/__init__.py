"""Facts in, findings out. Pure: each function can be tested with a table."""
