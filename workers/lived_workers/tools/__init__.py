"""Worker ``tools``: runs what the model calls. Programs, Python plugins, MCP servers, and a few tools of lived itself."""
