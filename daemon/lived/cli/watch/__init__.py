"""livectl monitor and livectl top: what they know (pure), how they show it (rich), and how they attach."""
