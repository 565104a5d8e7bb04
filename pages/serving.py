"""Serves the pages in the foreground until stopped."""

import uvicorn
from rich.console import Console

from engine.deployment import Deployment
from pages.app import create_app


def serve(deployment: Deployment, host: str, port: int) -> None:
    """Serve on an address; the server ends on Ctrl-C or SIGTERM."""
    Console(stderr=True, highlight=False).print(f"http://{host}:{port}  stop with Ctrl-C")
    uvicorn.run(create_app(deployment), host=host, port=port, log_level="warning", server_header=False)
