"""python-telegram-bot over aiohttp, which is faster than its default backend (figures: docs/benchmarks.md)."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

CONNECTIONS = 128
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class AiohttpRequest(BaseRequest):
    """PTB's seam for another HTTP client. `read_timeout` in seconds is the default for answers.

    Error messages name the kind of error only: an address holds the bot's token.
    """

    def __init__(self, *, connections: int = CONNECTIONS, read_timeout: float = 10.0) -> None:
        self._connections = connections
        self._read_timeout = read_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        return self._read_timeout

    async def initialize(self) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=60),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise RuntimeError("the transport is not initialized")
        timeout = aiohttp.ClientTimeout(
            connect=_given(pool_timeout, 5.0),
            sock_connect=_given(connect_timeout, 5.0),
            sock_read=_given(read_timeout, self._read_timeout),
        )
        try:
            body, headers = _body(request_data)
            async with self._session.request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=timeout,
                proxy=_proxy(urlsplit(url).hostname or ""),
            ) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            raise NetworkError(f"aiohttp.{type(error).__name__}") from None


@cache
def _proxy(host: str) -> str | None:
    """The proxy that the environment names for this host. aiohttp's `trust_env` starts a thread at every request."""
    return None if proxy_bypass(host) else getproxies().get("https")


def _given(value: Any, default: float) -> float | None:
    if isinstance(value, DefaultValue):
        return default
    return None if value is None else float(value)


def _body(request_data: RequestData | None) -> tuple[Any, dict[str, str] | None]:
    """The body and its headers: a form, with parts where files go along."""
    if request_data is None:
        return None, None
    if not request_data.contains_files:
        return URL.build(query=request_data.json_parameters).raw_query_string.encode(), FORM
    form = aiohttp.FormData(request_data.json_parameters, quote_fields=False)  # file names go as UTF-8
    for name, (filename, content, content_type) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=content_type)
    return form, None
