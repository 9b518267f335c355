"""Serve the stand-in inside another asyncio program: own port, no signal handlers, no log of addresses."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from bot.sandbox.app import create_app
from bot.sandbox.cloud import Sandbox


class _QuietServer(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the program around."""
        yield


@asynccontextmanager
async def running(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve as long as the context lasts; gives the address, "http://127.0.0.1:18080". Port 0: any free one.

    Raises OSError when the port is taken. Sandbox and server live in the running event loop.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=1024)
    # asyncio switches Nagle's algorithm off only for sockets that name their protocol; these do not, and each
    # answer of head and body would wait 40 ms for the other side's delayed acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # The token is part of every address: nothing of a request is logged.
    config = uvicorn.Config(
        create_app(sandbox),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    server = _QuietServer(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    bound = listener.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    try:
        yield f"http://{shown}:{bound}"
    finally:
        await sandbox.close()
        server.should_exit = True
        await serving


async def serve(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> None:
    """Serve until this task is cancelled."""
    async with running(sandbox, host, port):
        await asyncio.get_running_loop().create_future()
