"""The one composition root: settings → stores → conversation → Telegram; start and stop.

Alone knows every floor. Without a token it starts the sandbox, a stand-in for Telegram on this machine.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from starlette.routing import Route
from telegram.error import InvalidToken, TelegramError

from bot.announcements.bulletin import renewal
from bot.announcements.delivery import Budget, Delivery, LocalBudget, is_quiet
from bot.conversation.vocabulary import Operator, World
from bot.converse import Converse
from bot.inline import Inline
from bot.languages.catalogs import available, awaiting_native
from bot.languages.registry import LANGUAGES
from bot.links.sealed import HandOvers
from bot.offers.directory import Directory
from bot.offers.needs import NeedMenu
from bot.offers.places import Places
from bot.offers.sheets import load_helplines
from bot.outside import Conversations, StoreUnavailable
from bot.reminders import remind
from bot.settings import Settings, SettingsInvalid
from bot.staff.desk import StaffDesk
from bot.storage.crypto import Keys
from bot.storage.demo import load_demo
from bot.storage.engine import create_engine, migrate
from bot.storage.members import SqlMembers
from bot.storage.news import SqlNews
from bot.storage.offers import SqlOfferStore
from bot.storage.plans import SqlPlans
from bot.storage.records import SqlRecords
from bot.telegram.application import TelegramSide
from bot.telegram.courier import TelegramCourier
from bot.telegram.outbound import waits
from bot.telegram.polling import Polling, Work
from bot.telegram.watch import watch_routes
from bot.telegram.webhook import webhook_route

LOG = structlog.get_logger()
DATA = Path("data")
GARBAGE_THRESHOLD = 20_000
"""New objects between two collections; Python's 700 is meant for small programs."""
SWITCH_SECONDS = 0.0005
"""How long a thread that sends announcements may keep the interpreter from a conversation; Python's 5 ms are felt."""
SWEEP_SECONDS = 600
RELOAD_SECONDS = 5
MEMBERS_SECONDS = 60
REMIND_SECONDS = 60
RENEWAL_SECONDS, RENEWALS_AT_ONCE, RENEWAL_AHEAD = 600, 50, timedelta(days=14)
SANDBOX_OPERATOR = Operator("Demo network", "demo@example.org", "https://example.org/privacy")


@dataclass(slots=True)
class Worlds:
    """The world as it is now: offers as last loaded, the time as it is asked for."""

    settings: Settings
    store: SqlOfferStore
    bot_username: str
    base: World
    version: int

    @classmethod
    def load(cls, settings: Settings, store: SqlOfferStore) -> Worlds:
        """Reads the data files and the offers."""
        places = Places.load(DATA / "places.yml")
        spoken = set(available())
        if strangers := set(settings.languages) - set(LANGUAGES):
            raise SettingsInvalid(f"languages: {', '.join(sorted(strangers))} is no language of Rahnuma")
        operator = settings.operator
        languages = tuple(code for code in settings.languages if code in spoken)
        base = World(
            directory=Directory((), places),
            places=places,
            needs=NeedMenu.load(DATA / "needs.yml"),
            helplines=load_helplines(DATA / "offers" / "helplines.csv"),
            languages=languages,
            unread_languages=tuple(code for code in languages if code in awaiting_native()),
            main_languages=tuple(code for code in settings.main_languages if code in spoken) or ("en",),
            city=settings.city,
            operator=Operator(operator.name, operator.contact, operator.privacy_url)
            if operator.name
            else SANDBOX_OPERATOR,
            bot_username="",
            retention_hours=settings.retention.conversation_hours,
            now=datetime.now(settings.zone),
        )
        worlds = cls(settings, store, "", base, -1)
        worlds.reload()
        return worlds

    def reload(self) -> None:
        """Takes in the offers when they changed."""
        version = self.store.version()
        if version != self.version:
            offers = (*self.store.load(), *self.base.helplines)
            directory = Directory(offers, self.base.places, state=self.settings.holidays)
            self.base = replace(self.base, directory=directory)
            self.version = version
            LOG.info("offers_loaded", offers=len(directory), version=version)
            if self.settings.telegram.token and any(offer.demo for offer in directory):
                LOG.warning(
                    "demo_offers", hint="these offers are fictional; import your own: see docs/offers.md"
                )

    def __call__(self) -> World:
        return replace(self.base, bot_username=self.bot_username, now=datetime.now(self.settings.zone))


@dataclass(frozen=True, slots=True)
class Stores:
    """All databases of one bot, and the keys that open what they hold."""

    offers: SqlOfferStore
    records: SqlRecords
    news: SqlNews
    members: SqlMembers
    plans: SqlPlans
    keys: Keys


def open_stores(settings: Settings) -> Stores:
    """All databases, brought to the newest shape; an empty directory gets the demo offers."""
    engine = create_engine(settings.database.url)
    migrate(engine, "offers")
    store = SqlOfferStore(engine)
    load_demo(store, only_if_empty=True, data=DATA)
    keys = Keys(settings.master_secrets())
    hours = settings.retention.conversation_hours
    engine = create_engine(settings.database.beside("records"), busy_milliseconds=0)
    records = SqlRecords(engine, keys, retention_hours=hours)
    records.prepare()
    engine = create_engine(settings.database.beside("news"), durable=True)
    news = SqlNews(engine, keys, records, zone=settings.zone)
    news.prepare()
    plans = SqlPlans(engine, keys, records, zone=settings.zone)
    return Stores(store, records, news, SqlMembers(engine, keys), plans, keys)


@asynccontextmanager
async def assembled(settings: Settings, token: str, api_url: str) -> AsyncIterator[TelegramSide]:
    """Everything but the way updates come in: stores open, the Telegram side initialized, menus set."""
    stores = open_stores(settings)
    worlds = Worlds.load(settings, stores.offers)
    records, news = stores.records, stores.news
    async with AsyncExitStack() as stack:
        stack.push_async_callback(news.close)
        stack.push_async_callback(records.close)
        conversations = await _conversations(settings, stores.keys, records, stack)
        from nlu import Hints, understand

        members, plans = stores.members, stores.plans
        stack.push_async_callback(plans.close)
        stack.push_async_callback(members.close)
        await members.refresh()
        await news.replay_erasures()
        await plans.replay_erasures()
        desk = StaffDesk(
            members,
            news,
            stores.offers,
            records,
            worlds,
            lambda text: understand(text, Hints()).language,
            lambda chat_id: side.chat(chat_id),
            lambda: delivery.wake(),
            per_second=settings.announcements.per_second,
            four_eyes=settings.announcements.four_eyes,
        )
        stack.push_async_callback(desk.close)
        hand_overs = HandOvers(stores.keys.derived("hand over"), records)
        converse = Converse(worlds, understand, conversations, records, news, plans, hand_overs, desk=desk)
        inline = Inline(worlds, understand)
        side = TelegramSide(token, api_url, converse, news.gauges, inline)
        await _once_reachable(side.application.initialize)
        stack.push_async_callback(side.application.shutdown)
        worlds.bot_username = side.bot.username
        inline.answer("sleep", None)  # models and catalogs are read now, not while the first person waits
        delivery = await _sender(settings, news, side, worlds, stack)
        for job in (
            delivery.run(),
            _repeat(SWEEP_SECONDS, records.sweep),
            _repeat(SWEEP_SECONDS, news.sweep),
            _repeat(MEMBERS_SECONDS, members.refresh),
            _repeat(REMIND_SECONDS, lambda: remind(plans, conversations, side.chat, worlds)),
            _repeat(RENEWAL_SECONDS, lambda: ask_to_renew(news, conversations, side, worlds())),
            _repeat(RELOAD_SECONDS, lambda: asyncio.to_thread(worlds.reload)),
            side.set_menus(worlds.base.languages, settings.city),
            _until_done(side.deliver_unsent),
        ):
            task = asyncio.create_task(job)
            stack.push_async_callback(_cancelled, task)
        sys.setswitchinterval(SWITCH_SECONDS)
        gc.freeze()  # what is loaded now stays: the collector need not look at it again and again
        gc.set_threshold(GARBAGE_THRESHOLD)
        yield side


async def _once_reachable(initialize: Callable[[], Awaitable[None]]) -> None:
    """Starts as soon as Telegram answers. Raises InvalidToken when it does not know the token."""
    for wait in waits():
        try:
            return await initialize()
        except InvalidToken:
            raise
        except TelegramError as error:
            LOG.warning("telegram_unreachable", error=type(error).__name__)
            await asyncio.sleep(wait)
    return None


async def _sender(
    settings: Settings, news: SqlNews, side: TelegramSide, worlds: Worlds, stack: AsyncExitStack
) -> Delivery:
    """The sender of announcements. With SQLite one process sends: what was claimed before was claimed by a dead one."""
    if settings.database.url.startswith("sqlite"):
        await news.take_over_all()
    budget: Budget = LocalBudget(settings.announcements.per_second)
    if settings.redis.url:
        from redis.asyncio import Redis

        from bot.storage.redis import RedisBudget

        redis = Redis.from_url(settings.redis.url)
        stack.push_async_callback(redis.aclose)
        budget = RedisBudget(redis, side.bot.id, settings.announcements.per_second)
    courier = TelegramCourier(side.bot, side.pace)
    in_flight = settings.announcements.in_flight
    return Delivery(news, courier, budget, lambda: worlds().now, in_flight=in_flight)


async def ask_to_renew(news: SqlNews, conversations: Conversations, side: TelegramSide, world: World) -> None:
    """Asks those whose subscription lapses soon whether it shall go on; each once, and not at night.

    Notes the message where the chat may be cleared.
    """
    if is_quiet(world.now):
        return
    for chat_id, subscription in await news.to_renew(world.now.date() + RENEWAL_AHEAD, RENEWALS_AT_ONCE):
        asked = await side.chat(chat_id).send(renewal(subscription))
        if asked is not None:
            await conversations.note_sent(chat_id, asked, int(world.now.timestamp()))


async def _conversations(
    settings: Settings, keys: Keys, records: SqlRecords, stack: AsyncExitStack
) -> Conversations:
    if not settings.redis.url:
        return records
    from redis.asyncio import Redis

    from bot.storage.redis import RedisConversations

    redis = Redis.from_url(settings.redis.url)
    stack.push_async_callback(redis.aclose)
    return RedisConversations(redis, keys, records, retention_hours=settings.retention.conversation_hours)


async def run(settings: Settings, announce: Callable[[str], None] = print) -> None:
    """Runs the bot until SIGINT or SIGTERM. `announce` tells the person at the terminal where to look."""
    async with AsyncExitStack() as stack:
        token, api_url = settings.telegram.token, settings.telegram.api_url
        if not token:
            from bot.sandbox import DEFAULT_TOKEN, Sandbox, running

            token = DEFAULT_TOKEN
            api_url = await stack.enter_async_context(running(Sandbox(), "127.0.0.1", settings.port))
            announce(f"No token is set, so this is the sandbox. Open {api_url} in a browser.")
        side = await stack.enter_async_context(assembled(settings, token, api_url))
        if settings.telegram.webhook.url:
            way = _webhook(settings, side)
        else:
            await side.bot.delete_webhook()
            way = _polling(settings, side)
        await _until_told(way)


async def _polling(settings: Settings, side: TelegramSide) -> None:
    polling = Polling(side.bot, side.work)
    async with AsyncExitStack() as stack:
        if settings.telegram.token:
            watched = watch_routes(polling.silence, side.gauges)
            await stack.enter_async_context(_http(f"127.0.0.1:{settings.port}", watched))
        try:
            await polling.run()
        finally:
            await polling.confirm()


async def _webhook(settings: Settings, side: TelegramSide) -> None:
    from bot.telegram.inbound import ALLOWED_UPDATES

    hook = settings.telegram.webhook
    work: Work = side.work
    route = webhook_route(urlsplit(hook.url).path or "/", hook.secret, side.bot, work)
    async with _http(hook.listen, [route, *watch_routes(lambda: None, side.gauges)]):
        await side.bot.set_webhook(hook.url, secret_token=hook.secret, allowed_updates=ALLOWED_UPDATES)
        await asyncio.get_running_loop().create_future()


@asynccontextmanager
async def _http(listen: str, routes: Sequence[Route]) -> AsyncIterator[None]:
    """A small HTTP server for the webhook and for monitors."""
    import uvicorn
    from starlette.applications import Starlette

    host, _, port = listen.rpartition(":")
    config = uvicorn.Config(
        Starlette(routes=list(routes)),
        host=host,
        port=int(port),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
    )
    server = uvicorn.Server(config)
    server.capture_signals = suppress  # type: ignore[method-assign, assignment] # signals belong to `run`
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def _until_told(way: object) -> None:
    """Runs until it ends by itself (an error) or a signal asks to stop."""
    task = asyncio.ensure_future(way)  # type: ignore[call-overload]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


async def _repeat(seconds: float, job: Callable[[], object]) -> None:
    while True:
        try:
            await job()  # type: ignore[misc]
        except Exception as error:  # a job that failed once is tried again; the bot goes on
            LOG.error("job_failed", error=type(error).__name__)
        await asyncio.sleep(seconds)


async def _until_done(job: Callable[[], Awaitable[None]]) -> None:
    """Does the job once, and again as long as the database does not answer."""
    for wait in waits():
        try:
            await job()
            return
        except StoreUnavailable as error:
            LOG.error("job_failed", error=type(error).__name__)
        await asyncio.sleep(wait)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
