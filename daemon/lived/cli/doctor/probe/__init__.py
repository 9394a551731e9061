"""Looking: what is read, run and asked. Each function ends within seconds, and hands facts to its judge."""
