"""The servers of servers.py for the tests of this folder."""

from tests.storage.servers import postgres_url

__all__ = ["postgres_url"]
