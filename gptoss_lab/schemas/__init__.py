"""Wire models: frozen, closed, and importing nothing of ours but errors."""
