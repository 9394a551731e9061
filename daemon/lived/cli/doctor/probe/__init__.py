"""Looking: what is read, run and asked. Each function ends by itself within seconds, and hands its facts to its judge."""
