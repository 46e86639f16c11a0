"""A typed client of the HTTP interface, blocking (`Client`) and asynchronous (`AsyncClient`).

```python
from gptoss_lab.client import Client
from gptoss_lab.schemas.generation import CodeGenerationRequest

with Client() as client:  # your running Jupyter server; or Client("https://hub.example.org/user/ada/")
    job = client.generate(CodeGenerationRequest(task="Fit a line to two columns")).job
    for event in client.events(job):
        print(event.type)
    for cell in client.get_job(job).cells:
        print(cell.source)
```

Errors are those of `gptoss_lab.errors`, as the server raised them, and of `gptoss_lab.client.errors`.
"""

from __future__ import annotations

from gptoss_lab.client.asynchronous import AsyncClient
from gptoss_lab.client.retry import Patience
from gptoss_lab.client.server import Server, find_server, running_servers
from gptoss_lab.client.sync import Client

__all__ = ["AsyncClient", "Client", "Patience", "Server", "find_server", "running_servers"]
