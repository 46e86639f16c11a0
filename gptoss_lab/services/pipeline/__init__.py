"""The stages of a generation: each takes the run's state and yields events."""
