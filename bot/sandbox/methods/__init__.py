"""The Bot API's methods by name: each takes the sandbox and the parameters and gives the result."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.cloud import Sandbox
from bot.sandbox.methods import account, changing, querying, sending
from bot.sandbox.params import Params

Method = Callable[[Sandbox, Params], Any]

METHODS: dict[str, Method] = {
    function.__name__.replace("_", ""): function
    for module in (sending, changing, querying, account)
    for function in module.METHODS
}
"""In lower case (Bot API, Making requests: case-insensitive). getUpdates alone waits and lives in the API."""
