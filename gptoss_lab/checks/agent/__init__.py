"""The part of the API check that runs in the sandbox: it imports nothing of ours but itself."""
