"""Worker ``tools``: runs what the model calls: programs, plugins, MCP servers, and tools of lived itself."""
