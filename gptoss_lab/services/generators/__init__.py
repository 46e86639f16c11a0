"""What can answer a task: a model, or the examples of the documentation."""
