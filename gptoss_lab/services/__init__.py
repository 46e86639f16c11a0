"""Use cases. No web framework and no container words."""
