"""Programs that are run when something happens: a light, a relay, a message (docs/hooks.md)."""
