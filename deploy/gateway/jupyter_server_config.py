"""What this host's sandboxes may do; goes to /etc/jupyter/jupyter_server_config.py."""

c = get_config()  # noqa: F821 - Jupyter defines it

c.GptossLabApp.model = {"engine": "none"}
c.GptossLabApp.sandbox = {
    "runtime": "docker",
    "max_sandboxes": 16,
    "warm": {"python": 2},
    "limits": {"memory_bytes": 1 << 30, "cpus": 1.0, "idle_s": 900},
}
