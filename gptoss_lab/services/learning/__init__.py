"""Learning from review: what persons decided becomes a dataset, and a dataset an adapter of the model."""
