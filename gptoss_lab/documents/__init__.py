"""From documentation to passages, symbols and runnable examples."""
