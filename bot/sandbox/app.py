"""The stand-in as one Starlette application: Bot API, files and chat page on one port."""

from starlette.applications import Starlette
from starlette.routing import Route

from bot.sandbox.api import BotApi, BotFiles
from bot.sandbox.cloud import Sandbox
from bot.sandbox.page import Page


def create_app(sandbox: Sandbox) -> Starlette:
    """An application over `sandbox`; the Bot API comes first, it is the hot path."""
    return Starlette(
        routes=[
            Route("/bot{token}/{method}", BotApi(sandbox)),
            Route("/file/bot{token}/{path:path}", BotFiles(sandbox)),
            *Page(sandbox).routes(),
        ]
    )
