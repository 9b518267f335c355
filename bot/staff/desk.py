"""Takes what members of the network send: invitations, drafts and their release, announcements under way, the sheet.

Says nothing to anybody else, so that nobody learns that it exists. Knows neither SQL nor the Bot API.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from html import escape
from pathlib import PurePath
from time import monotonic
from typing import Any

from bot.announcements import coverage as covering
from bot.announcements import writing
from bot.announcements.bulletin import bulletin
from bot.announcements.model import Announcement, Audience, Content, Role, Stage, Venue
from bot.announcements.report import as_csv
from bot.announcements.writing import Mistake
from bot.conversation.actions import choice, in_rows
from bot.conversation.codes import Verb, parse
from bot.conversation.vocabulary import Choice, Kind, Message, Reply, Subscription, Text, World
from bot.languages.registry import by_telegram_code
from bot.languages.render import Rendered, render
from bot.outside import Chat, Incoming
from bot.staff import said as saying
from bot.staff import sheet, views
from bot.staff.codes import Step, Tap, desk_choice, read
from bot.staff.members import (
    INVITE_HOURS,
    INVITE_PREFIX,
    WRITES,
    Ask,
    Audited,
    Member,
    Members,
    News,
    Offers,
    OnDesk,
)
from bot.staff.progress import EDIT_SECONDS, Progress
from bot.staff.said import LOOKED_BACK, Said

SPLIT_SECONDS = 5.0
"""Apps send a long text as several messages at once; what comes so soon after one that was too long belongs to it."""
_WRITERS = (Role.COORDINATOR, Role.EDITOR)
_FOR_COORDINATORS = frozenset(
    (
        *(Step.INVITE, Step.COVERAGE, Step.RELEASE, Step.RELEASE_WITH_GAPS),
        *(Step.PAUSE, Step.RESUME, Step.CANCEL, Step.CANCEL_NOW, Step.WITHDRAW, Step.WITHDRAW_NOW),
        *(Step.OFFERS, Step.SHEET_YES, Step.SHEET_KEEP, Step.SHEET_NO, Step.SAID),
    )
)
_OLD_BUTTON = Text("utter_old_button")
Replies = Sequence[Reply]


@dataclass(frozen=True, slots=True)
class _Heard:
    """A member, their chat, what they sent, and the world at this moment."""

    member: Member
    chat: Chat
    message: Message
    message_id: int | None
    world: World

    @property
    def id(self) -> int:
        return self.chat.id

    @property
    def language(self) -> str:
        return self.member.language


class StaffDesk:
    """Implements `converse.Desk`.

    `detect` gives the language of a text, or None; `chat_of` another member's chat; `wake` tells the sender of
    announcements that there is something to do; `per_second` is its rate.
    """

    def __init__(
        self,
        members: Members,
        news: News,
        offers: Offers,
        said: Said,
        world: Callable[[], World],
        detect: Callable[[str], str | None],
        chat_of: Callable[[int], Chat],
        wake: Callable[[], None],
        *,
        per_second: float,
        four_eyes: bool = False,
        edit_seconds: float = EDIT_SECONDS,
    ) -> None:
        self._members = members
        self._news = news
        self._offers = offers
        self._said = said
        self._world = world
        self._detect = detect
        self._chat_of = chat_of
        self._wake = wake
        self._per_second = per_second
        self._four_eyes = four_eyes
        self._progress = Progress(edit_seconds)
        self._changing = asyncio.Lock()
        self._too_long: dict[int, tuple[str, str, float]] = {}
        self._telling: set[asyncio.Task[None]] = set()

    # -- what converse asks --

    def writes(self, chat_id: int) -> bool:
        member = self._members.of(chat_id)
        return member is not None and member.role in _WRITERS and member.desk.asks in WRITES

    async def take(self, incoming: Incoming) -> bool:
        message, chat = incoming.message, incoming.chat
        if not incoming.private:
            return False
        if message.start is not None and message.start.startswith(INVITE_PREFIX):
            await self._join(chat, message)
            return True
        member = self._members.of(chat.id)
        if member is None:
            return False
        heard = _Heard(member, chat, message, incoming.message_id, self._world())
        if _asks_for_own_data(message):
            await self._say(heard, _kept(member))
            return False
        if member.role not in _WRITERS and not _leaves(message):
            return False
        replies = await self._answer(heard)
        if replies is None:
            return False
        for reply in replies:
            await self._say(heard, reply)
        return True

    async def forget(self, chat_id: int) -> None:
        if self._members.of(chat_id):
            await self._members.leave(chat_id)

    async def close(self) -> None:
        """Ends the progress messages and what is being told to other members."""
        await self._progress.close()
        for task in self._telling:
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)

    # -- which answer --

    async def _answer(self, heard: _Heard) -> Replies | None:
        """The replies of the desk; None where the message is none of its business."""
        message, coordinates = heard.message, heard.member.role is Role.COORDINATOR
        if message.kind is Kind.BUTTON:
            code = parse(message.code)
            if code is None or code.verb is not Verb.STAFF:
                await self._put(heard, asks=Ask.NOTHING)
                return None
            tap = read(code.argument)
            if tap is None or (tap.step in _FOR_COORDINATORS and not coordinates):
                return [views.menu(heard.member, _OLD_BUTTON)]
            self._too_long.pop(heard.id, None)
            if heard.message_id:
                self._progress.stop(chat_id=heard.id, message_id=heard.message_id)
            return await self._tapped(heard, tap)
        match message.command:
            case "":
                pass
            case "announce":
                return await self._begin(heard)
            case "announcements":
                await self._put(heard, asks=Ask.NOTHING)
                return [await self._listing(heard, templates=False)]
            case "invite" if coordinates:
                return [_ask_role()]
            case "offers" if coordinates:
                return await self._give_offers(heard)
            case "said" if coordinates:
                return await self._show_said(heard)
            case _:
                await self._put(heard, asks=Ask.NOTHING)
                return None
        if message.start is not None:
            await self._put(heard, asks=Ask.NOTHING)
            return None
        return await self._written(heard, coordinates)

    async def _written(self, heard: _Heard, coordinates: bool) -> Replies | None:
        """A text, a photo, a place or a file."""
        message, asks = heard.message, heard.member.desk.asks
        if message.edited:
            return [Reply((Text("staff_edited"),))] if asks in WRITES else None
        if message.attachment and message.attachment.name:
            if coordinates:
                return await self._sheet(heard)
            return [Reply((Text("staff_no_file"),))] if asks in WRITES else None
        if (rest := self._rest_of_long_text(heard)) is not None:
            return await rest
        match asks:
            case Ask.TEXT:
                return await self._take_text(heard)
            case Ask.SEND_AT | Ask.ENDS_AT | Ask.VENUE_AT:
                return await self._take_time(heard, asks)
            case Ask.LANGUAGE:
                return [views.ask_language(heard.member.desk.draft, heard.language, heard.world)]
            case Ask.VENUE:
                if message.place:
                    return await self._take_place(heard)
                return [views.ask("staff_place_wanted", heard.member.desk.draft)]
            case _:
                return None

    async def _tapped(self, heard: _Heard, tap: Tap) -> Replies:
        if tap.step in _ON_DESK:
            return await _ON_DESK[tap.step](self, heard, tap)
        announcement = await self._news.announcement(tap.id)
        if announcement is None:
            return [views.menu(heard.member, Text("staff_gone"))]
        desk = heard.member.desk
        await self._put(heard, draft=announcement.id, asks=Ask.NOTHING)
        pending = desk.pending if desk.draft == announcement.id else ""
        heard = replace(heard, member=replace(heard.member, desk=OnDesk(announcement.id, desk.asks, pending)))
        if tap.step in _ON_ANY:
            return await _ON_ANY[tap.step](self, heard, announcement)
        if announcement.stage not in views.DRAFTS or announcement.template:
            return [await self._shown(heard, announcement)]
        return await _ON_DRAFT[tap.step](self, heard, announcement, tap)

    # -- joining --

    async def _join(self, chat: Chat, message: Message) -> None:
        """The same sentence for a forged, a used and an old invitation."""
        world = self._world()
        known = self._members.of(chat.id)
        spoken = [code for code in by_telegram_code(message.app_language) if code in world.languages]
        language = known.language if known else next(iter(spoken), world.main_languages[0])
        token = (message.start or "").removeprefix(INVITE_PREFIX)
        role = await self._members.redeem(token, chat.id, language)
        member = self._members.of(chat.id)
        if role is None or member is None:
            await chat.send(render(Reply((Text("staff_invite_gone"),)), language, world))
            return
        welcome = Text(f"staff_welcome_{role}")
        reply = views.menu(member, welcome) if role in _WRITERS else Reply((welcome,))
        await chat.send(render(reply, language, world))

    async def _leave(self, _: _Heard, __: Tap) -> Replies:
        rows = ((desk_choice("leave_now", Step.LEAVE_NOW),), (choice("button_go_on", Verb.RESUME),))
        return [Reply((Text("staff_sure_leave"),), rows=rows, replaces=True)]

    async def _leave_now(self, heard: _Heard, _: Tap) -> Replies:
        await self._members.leave(heard.id)
        return [Reply((Text("staff_left"),), replaces=True)]

    async def _invite(self, heard: _Heard, tap: Tap) -> Replies:
        if tap.argument not in set(Role):
            return [replace(_ask_role(), replaces=True)]
        token = await self._members.invite(Role(tap.argument), heard.id)
        link = f"https://t.me/{heard.world.bot_username}?start={INVITE_PREFIX}{token}"
        values = {"role": Text(f"staff_role_{tap.argument}"), "link": link, "count": INVITE_HOURS}
        copy = Choice(Text("staff_button_copy"), copy=link)
        return [Reply((Text("staff_invite", values),), rows=((copy,),))]

    # -- what people say of the offers --

    async def _said_tapped(self, heard: _Heard, _: Tap) -> Replies:
        return await self._show_said(heard)

    async def _show_said(self, heard: _Heard) -> Replies:
        await self._put(heard, asks=Ask.NOTHING)
        since = heard.world.now.date() - LOOKED_BACK
        return saying.replies(await self._said.reports(since), await self._said.own_words())

    # -- drafts --

    async def _begin(self, heard: _Heard) -> Replies:
        draft = Announcement(secrets.token_hex(4), Content(), Audience())
        await self._news.keep(draft)
        await self._members.audit(heard.id, Audited.WROTE, draft.id)
        heard = await self._put(heard, draft=draft.id, asks=Ask.TEXT)
        if heard.message.text:
            return await self._take_text(heard)
        return [Reply((Text("staff_ask_text"),))]

    async def _new(self, heard: _Heard, _: Tap) -> Replies:
        return await self._begin(replace(heard, message=replace(heard.message, text="")))

    async def _change(
        self, heard: _Heard, id: str, change: Callable[[Announcement], Announcement]
    ) -> Announcement | None:
        """The draft after this change; None when it is no draft any more."""
        async with self._changing:
            draft = await self._news.announcement(id)
            if draft is None or draft.stage not in views.DRAFTS or draft.template:
                return None
            draft = change(draft)
            await self._news.keep(draft)
        if not await self._members.wrote(heard.id, id):
            await self._members.audit(heard.id, Audited.WROTE, id)
        return draft

    async def _changed(
        self,
        heard: _Heard,
        change: Callable[[Announcement], Announcement],
        *notes: Text,
        other_language: bool = False,
    ) -> Replies:
        """Changes the draft on the desk and shows it."""
        draft = await self._change(heard, heard.member.desk.draft, change)
        if draft is None:
            return [views.menu(heard.member, Text("staff_gone"))]
        return [views.hub(draft, heard.member, heard.world, *notes, other_language=other_language)]

    async def _take_text(self, heard: _Heard) -> Replies:
        message, id = heard.message, heard.member.desk.draft
        photo = message.attachment.file_id if message.attachment else ""
        if message.place:
            return await self._take_place(heard)
        if not message.text and not photo:
            return [views.ask("staff_text_wanted", id)]
        try:
            html = writing.cleaned(message.html or escape(message.text, quote=False))
        except Mistake as mistake:
            return [views.ask(f"staff_mistake_{mistake.name}", id)]
        texts = writing.texts_of(html)
        if "" in texts:  # no language in front: what looks like one further down ("PS: …") is text
            code = self._detect(message.text)
            texts = {code: html} if code in heard.world.languages else {"": html}
        if unknown := texts.pop("", ""):
            if photo:
                await self._change(heard, id, lambda draft: _with(draft, photo=photo))
            await self._put(heard, asks=Ask.LANGUAGE, pending=f"+{unknown}")
            return [views.ask_language(id, heard.language, heard.world)]
        return await self._keep_texts(heard, texts, photo, guessed="" in writing.texts_of(html))

    async def _keep_texts(
        self, heard: _Heard, texts: dict[str, str], photo: str, *, guessed: bool = False
    ) -> Replies:
        """Puts the texts into the draft, and says at once when one is too long with its frame."""
        id = heard.member.desk.draft

        def change(draft: Announcement) -> Announcement:
            return _with(draft, texts={**draft.content.texts, **texts}, photo=photo or draft.content.photo)

        draft = await self._change(heard, id, change)
        if draft is None:
            return [views.menu(heard.member, Text("staff_gone"))]
        notes = []
        code = next(iter(texts), "")
        if guessed and code:
            notes.append(Text("staff_taken_as", {"language": views.language_name(code, heard.language)}))
        await self._put(heard, asks=Ask.NOTHING, pending=f"={code}" if guessed else "")
        mistake = _mistake(draft, heard)
        if mistake is not None and mistake.name == "too_long":
            notes.append(_said(mistake, heard.language))
            if len(texts) == 1:
                self._too_long[heard.id] = id, code, monotonic()
        return [views.hub(draft, heard.member, heard.world, *notes, other_language=guessed)]

    def _rest_of_long_text(self, heard: _Heard) -> Coroutine[Any, Any, Replies] | None:
        """The next part of a text that was too long for one message; None for anything else."""
        id, code, at = self._too_long.pop(heard.id, ("", "", 0.0))
        message = heard.message
        if not id or not message.text or monotonic() - at > SPLIT_SECONDS or id != heard.member.desk.draft:
            return None

        async def append() -> Replies:
            draft = await self._news.announcement(id)
            before = draft.content.texts.get(code, "") if draft else ""
            more = message.html or escape(message.text, quote=False)
            return await self._keep_texts(heard, {code: f"{before}\n{more}"}, "")

        return append()

    async def _language(self, heard: _Heard, draft: Announcement, tap: Tap) -> Replies:
        """The language of the pending text, or another one than was guessed."""
        pending = heard.member.desk.pending
        code = tap.argument
        if not pending:
            return [views.hub(draft, heard.member, heard.world)]
        if code not in heard.world.languages:
            await self._put(heard, asks=Ask.LANGUAGE, pending=pending)
            return [views.ask_language(draft.id, heard.language, heard.world)]
        if pending.startswith("+"):
            replies = await self._keep_texts(heard, {code: pending[1:]}, "")
        else:
            replies = await self._changed(heard, lambda each: _moved(each, pending[1:], code))
        return replies

    async def _take_place(self, heard: _Heard) -> Replies:
        assert heard.message.place  # noqa: S101 - the caller looked
        latitude, longitude = heard.message.place
        id = heard.member.desk.draft

        def change(draft: Announcement) -> Announcement:
            at = draft.content.venue.at if draft.content.venue else None
            return _with(draft, venue=Venue(latitude, longitude, at))

        if await self._change(heard, id, change) is None:
            return [views.menu(heard.member, Text("staff_gone"))]
        await self._put(heard, asks=Ask.VENUE_AT)
        return [views.ask("staff_ask_venue_at", id)]

    async def _take_time(self, heard: _Heard, asks: Ask) -> Replies:
        now, id = heard.world.now, heard.member.desk.draft
        try:
            at = writing.moment_of(heard.message.text, now)
        except Mistake as mistake:
            return [Reply((_said(mistake, heard.language),), rows=(views.back(id),))]
        notes = [Text("staff_doubled_hour", {"time": at.time()})] if _doubled(at) else []

        def change(draft: Announcement) -> Announcement:
            match asks:
                case Ask.SEND_AT:
                    return replace(draft, send_at=at)
                case Ask.ENDS_AT:
                    return replace(draft, expires_at=at)
                case _:
                    venue = draft.content.venue
                    return _with(draft, venue=replace(venue, at=at)) if venue else draft

        await self._put(heard, asks=Ask.NOTHING)
        return await self._changed(heard, change, *notes)

    async def _hub(self, heard: _Heard, draft: Announcement, _: Tap) -> Replies:
        return [views.hub(draft, heard.member, heard.world)]

    async def _ask_text(self, heard: _Heard, draft: Announcement, _: Tap) -> Replies:
        await self._put(heard, asks=Ask.TEXT)
        return [views.ask_text(draft, heard.language)]

    async def _text_off(self, heard: _Heard, _: Announcement, tap: Tap) -> Replies:
        def change(draft: Announcement) -> Announcement:
            texts = {code: text for code, text in draft.content.texts.items() if code != tap.argument}
            return _with(draft, texts=texts)

        return await self._changed(heard, change)

    async def _photo_off(self, heard: _Heard, _: Announcement, __: Tap) -> Replies:
        return await self._changed(heard, lambda draft: _with(draft, photo=""))

    async def _whom(self, heard: _Heard, draft: Announcement, tap: Tap) -> Replies:
        return [views.whom_page(draft, tap.argument, heard.language, heard.world)]

    async def _toggle(self, heard: _Heard, _: Announcement, tap: Tap) -> Replies:
        def change(draft: Announcement) -> Announcement:
            return replace(draft, audience=views.toggled(draft.audience, tap.step, tap.argument, heard.world))

        draft = await self._change(heard, tap.id, change)
        if draft is None:
            return [views.menu(heard.member, Text("staff_gone"))]
        return [views.whom_page(draft, views.page_of(tap.step), heard.language, heard.world)]

    async def _when(self, heard: _Heard, draft: Announcement, _: Tap) -> Replies:
        await self._put(heard, asks=Ask.SEND_AT)
        return [views.ask("staff_ask_when", draft.id, (desk_choice("now", Step.NOW, draft.id),))]

    async def _now(self, heard: _Heard, _: Announcement, __: Tap) -> Replies:
        return await self._changed(heard, lambda draft: replace(draft, send_at=None))

    async def _ends(self, heard: _Heard, draft: Announcement, _: Tap) -> Replies:
        await self._put(heard, asks=Ask.ENDS_AT)
        return [views.ask_end(draft.id)]

    async def _days(self, heard: _Heard, _: Announcement, tap: Tap) -> Replies:
        if tap.argument not in map(str, views.DAYS):
            return [views.menu(heard.member, _OLD_BUTTON)]
        after = timedelta(days=int(tap.argument))
        return await self._changed(
            heard, lambda draft: replace(draft, expires_at=(draft.send_at or heard.world.now) + after)
        )

    async def _venue(self, heard: _Heard, draft: Announcement, _: Tap) -> Replies:
        await self._put(heard, asks=Ask.VENUE)
        offs = [(desk_choice("venue_off", Step.VENUE_OFF, draft.id),)] if draft.content.venue else []
        return [views.ask("staff_ask_venue", draft.id, *offs)]

    async def _venue_off(self, heard: _Heard, _: Announcement, __: Tap) -> Replies:
        return await self._changed(heard, lambda draft: _with(draft, venue=None))

    async def _night(self, heard: _Heard, _: Announcement, __: Tap) -> Replies:
        return await self._changed(heard, lambda draft: replace(draft, at_night=not draft.at_night))

    async def _preview(self, heard: _Heard, draft: Announcement, _: Tap) -> Replies:
        """One message a language, exactly as it will look; then the draft again."""
        if mistake := _mistake(draft, heard):
            return [_held_up(heard, draft, _said(mistake, heard.language))]
        known = await self._coverage(draft)
        languages = [line.language for line in known.lines]
        for code in languages or sorted(draft.content.texts):
            await self._show(heard.chat, draft, code)
        name = "staff_previewed" if languages else "staff_nobody"
        return [replace(views.hub(draft, heard.member, heard.world, Text(name)), replaces=False)]

    async def _test(self, heard: _Heard, draft: Announcement, _: Tap) -> Replies:
        if mistake := _mistake(draft, heard):
            return [_held_up(heard, draft, _said(mistake, heard.language))]
        await self._show(heard.chat, draft, heard.language)
        return [replace(views.hub(draft, heard.member, heard.world, Text("staff_tested")), replaces=False)]

    async def _show(self, chat: Chat, draft: Announcement, language: str) -> None:
        message = bulletin(draft, language)
        if draft.content.photo:
            await chat.show_photo(draft.content.photo, message)
        else:
            await chat.send(message)

    async def _keep_template(self, heard: _Heard, draft: Announcement, _: Tap) -> Replies:
        template = replace(_copied(draft), template=True, audience=draft.audience, at_night=draft.at_night)
        await self._news.keep(template)
        return [views.hub(draft, heard.member, heard.world, Text("staff_template_kept"))]

    async def _delete(self, heard: _Heard, announcement: Announcement) -> Replies:
        if announcement.stage not in views.DRAFTS:
            return [await self._shown(heard, announcement)]
        no = Step.DETAILS if announcement.template else Step.HUB
        return [views.sure("staff_sure_delete", Step.DELETE_NOW, "delete_now", announcement.id, no)]

    async def _delete_now(self, heard: _Heard, announcement: Announcement) -> Replies:
        """Takes its content away and lets it rest: a draft that was nowhere needs no trace."""
        async with self._changing:
            announcement = await self._news.announcement(announcement.id) or announcement
            if announcement.stage not in views.DRAFTS:
                return [await self._shown(heard, announcement)]
            await self._news.keep(replace(announcement, content=Content(), audience=Audience()))
            await self._news.move(announcement.id, Stage.CANCELLED, *views.DRAFTS)
        await self._put(heard, draft="", asks=Ask.NOTHING)
        return [replace(views.menu(heard.member, Text("staff_deleted")), replaces=True)]

    # -- coverage and release --

    async def _coverage(self, draft: Announcement) -> covering.Coverage:
        if roles := draft.audience.roles:
            team = [_as_subscriber(member) for member in self._members.with_roles(roles)]
            return covering.coverage(team, Audience(), draft.content)
        return covering.coverage(await self._news.subscriptions(), draft.audience, draft.content)

    async def _cover(self, heard: _Heard, draft: Announcement, _: Tap) -> Replies:
        known = await self._coverage(draft)
        if hindrance := await self._hindrance(heard, draft, known):
            return [hindrance]
        return [views.coverage_page(draft, known, heard.member, heard.world)]

    async def _hindrance(self, heard: _Heard, draft: Announcement, known: covering.Coverage) -> Reply | None:
        """Why this cannot be sent now, and the draft to mend it."""
        if mistake := _mistake(draft, heard):
            return _held_up(heard, draft, _said(mistake, heard.language))
        if not known.anybody:
            return _held_up(heard, draft, Text("staff_nobody"))
        if self._four_eyes and await self._members.wrote(heard.id, draft.id):
            rows = ((desk_choice("hand_in", Step.HAND_IN, draft.id),), views.back(draft.id))
            return Reply((Text("staff_four_eyes"),), rows=rows, replaces=True)
        return None

    async def _release(self, heard: _Heard, draft: Announcement, tap: Tap) -> Replies:
        if tap.argument != views.fingerprint(draft):
            return [views.hub(draft, heard.member, heard.world, Text("staff_changed_meanwhile"))]
        known = await self._coverage(draft)
        if hindrance := await self._hindrance(heard, draft, known):
            return [hindrance]
        if known.gaps and tap.step is not Step.RELEASE_WITH_GAPS:
            return [views.gaps_page(draft, known, heard.language)]
        async with self._changing:
            current = await self._news.announcement(draft.id)
            if current is None or views.fingerprint(current) != tap.argument:
                return [
                    views.hub(current or draft, heard.member, heard.world, Text("staff_changed_meanwhile"))
                ]
            await self._news.keep(replace(current, expires_at=views.with_end(current, heard.world.now)))
            if draft.send_at:
                released = await self._news.move(draft.id, Stage.SCHEDULED, *views.DRAFTS)
            else:
                released = await self._news.release(draft.id) is not None
        if not released:
            return [Reply((Text("staff_released_before"),)), await self._shown_by_id(heard, draft.id)]
        await self._members.audit(
            heard.id, Audited.SCHEDULED if draft.send_at else Audited.RELEASED, draft.id
        )
        self._wake()
        await self._put(heard, draft="", asks=Ask.NOTHING)
        return [await self._shown_by_id(heard, draft.id)]

    async def _hand_in(self, heard: _Heard, draft: Announcement, _: Tap) -> Replies:
        if mistake := _mistake(draft, heard):
            return [_held_up(heard, draft, _said(mistake, heard.language))]
        await self._news.move(draft.id, Stage.HANDED_IN, Stage.DRAFT)
        await self._members.audit(heard.id, Audited.HANDED_IN, draft.id)
        for other in self._members.with_roles([Role.COORDINATOR]):
            if other.chat_id != heard.id:
                page = views.hub(draft, other, heard.world, Text("staff_handed_in_to_you"))
                task = asyncio.create_task(self._tell(other, replace(page, replaces=False)))
                self._telling.add(task)
                task.add_done_callback(self._telling.discard)
        return [replace(views.menu(heard.member, Text("staff_handed_in")), replaces=True)]

    async def _tell(self, other: Member, reply: Reply) -> None:
        await self._chat_of(other.chat_id).send(render(reply, other.language, self._world()))

    # -- what was released --

    async def _listing(self, heard: _Heard, *, templates: bool) -> Reply:
        return views.listing(await self._news.announcements(), heard.member, templates=templates)

    async def _list(self, heard: _Heard, tap: Tap) -> Replies:
        return [await self._listing(heard, templates=tap.step is Step.TEMPLATES)]

    async def _details(self, heard: _Heard, announcement: Announcement) -> Replies:
        return [await self._shown(heard, announcement)]

    async def _shown_by_id(self, heard: _Heard, id: str) -> Reply:
        announcement = await self._news.announcement(id)
        if announcement is None:
            return views.menu(heard.member, Text("staff_gone"))
        return await self._shown(heard, announcement)

    async def _shown(self, heard: _Heard, announcement: Announcement, *notes: Text) -> Reply:
        """An announcement as it is now; while it is being sent, its message is kept up to date."""
        if announcement.template:
            return views.template_page(announcement, heard.member)
        if announcement.stage in views.DRAFTS:
            return views.hub(announcement, heard.member, heard.world, *notes)
        progress = await self._news.progress(announcement.id)
        page = views.details(announcement, progress, self._per_second, heard.member, heard.world)
        if announcement.stage is Stage.SENDING and heard.message_id and heard.message.kind is Kind.BUTTON:
            self._follow(heard, announcement.id)
        return replace(page, texts=(*notes, *page.texts))

    def _follow(self, heard: _Heard, id: str) -> None:
        async def look() -> tuple[Rendered, bool]:
            announcement, progress = await self._news.announcement(id), await self._news.progress(id)
            world = self._world()
            if announcement is None:
                return render(Reply((Text("staff_gone"),)), heard.language, world), False
            page = views.details(announcement, progress, self._per_second, heard.member, world)
            return render(page, heard.language, world), announcement.stage is Stage.SENDING

        assert heard.message_id  # noqa: S101 - the caller looked
        self._progress.follow(heard.chat, heard.message_id, look)

    async def _move(
        self, heard: _Heard, id: str, to: Stage, allowed: Sequence[Stage], what: Audited
    ) -> Replies:
        """Pauses, goes on, cancels or withdraws; says so when it was too late."""
        moved = await self._news.move(id, to, *allowed)
        if moved:
            await self._members.audit(heard.id, what, id)
            self._wake()
        announcement = await self._news.announcement(id)
        if announcement is None:
            return [views.menu(heard.member, Text("staff_gone"))]
        return [await self._shown(heard, announcement, *([] if moved else [Text("staff_too_late")]))]

    async def _pause(self, heard: _Heard, announcement: Announcement) -> Replies:
        return await self._move(heard, announcement.id, Stage.PAUSED, [Stage.SENDING], Audited.PAUSED)

    async def _resume(self, heard: _Heard, announcement: Announcement) -> Replies:
        return await self._move(heard, announcement.id, Stage.SENDING, [Stage.PAUSED], Audited.RESUMED)

    async def _cancel(self, heard: _Heard, announcement: Announcement) -> Replies:
        return [views.sure("staff_sure_cancel", Step.CANCEL_NOW, "cancel_now", announcement.id, Step.DETAILS)]

    async def _cancel_now(self, heard: _Heard, announcement: Announcement) -> Replies:
        allowed = [Stage.SCHEDULED, Stage.SENDING, Stage.PAUSED]
        return await self._move(heard, announcement.id, Stage.CANCELLED, allowed, Audited.CANCELLED)

    async def _withdraw(self, heard: _Heard, announcement: Announcement) -> Replies:
        return [
            views.sure(
                "staff_sure_withdraw", Step.WITHDRAW_NOW, "withdraw_now", announcement.id, Step.DETAILS
            )
        ]

    async def _withdraw_now(self, heard: _Heard, announcement: Announcement) -> Replies:
        allowed = [Stage.SENDING, Stage.PAUSED, Stage.SENT, Stage.CANCELLED]
        return await self._move(heard, announcement.id, Stage.WITHDRAWN, allowed, Audited.WITHDRAWN)

    async def _report(self, heard: _Heard, announcement: Announcement) -> Replies:
        table = as_csv(await self._news.progress(announcement.id))
        await heard.chat.send_file(f"report-{announcement.id}.csv", table.encode("utf-8-sig"))
        return [replace(await self._shown(heard, announcement), replaces=False)]

    async def _again(self, heard: _Heard, announcement: Announcement) -> Replies:
        """A new draft with the same texts for the same people; days and times are asked anew."""
        draft = replace(_copied(announcement), audience=announcement.audience, at_night=announcement.at_night)
        await self._news.keep(draft)
        await self._members.audit(heard.id, Audited.WROTE, draft.id)
        await self._put(heard, draft=draft.id, asks=Ask.NOTHING)
        page = views.hub(draft, heard.member, heard.world, Text("staff_copied"))
        return [replace(page, replaces=False)]

    # -- the offers' sheet --

    async def _offers_tapped(self, heard: _Heard, _: Tap) -> Replies:
        return await self._give_offers(heard)

    async def _give_offers(self, heard: _Heard) -> Replies:
        since = heard.world.now.date() - LOOKED_BACK
        said = saying.by_offer(await self._said.reports(since), heard.language)
        content = await asyncio.to_thread(lambda: sheet.written(self._offers.load(), said))
        await heard.chat.send_file(f"offers-{heard.world.now.date()}.xlsx", content)
        return [Reply((Text("staff_offers"),))]

    async def _sheet(self, heard: _Heard) -> Replies:
        file = heard.message.attachment
        assert file is not None  # noqa: S101 - the caller looked
        suffix = PurePath(file.name).suffix.lower()
        if heard.member.desk.asks in WRITES and suffix not in sheet.SUFFIXES:
            return [Reply((Text("staff_no_file"),))]
        if suffix not in sheet.SUFFIXES:
            return [Reply((Text("staff_no_sheet"),))]
        if file.size > sheet.MOST_BYTES:
            return [Reply((Text("staff_sheet_too_big", {"count": sheet.MOST_BYTES >> 20}),))]
        return await self._plan(heard, suffix, file.file_id)

    async def _plan(self, heard: _Heard, suffix: str, file_id: str, *notes: Text) -> Replies:
        content = await heard.chat.fetch(file_id)
        if content is None:
            return [Reply((Text("staff_sheet_not_fetched"),))]
        version = await asyncio.to_thread(self._offers.version)
        existing = await asyncio.to_thread(self._offers.load)
        plan = await asyncio.to_thread(sheet.planned, content, suffix, existing, heard.world)
        if plan.errors:
            if len(plan.errors) > sheet.ERRORS_SHOWN:
                await heard.chat.send_file("errors.txt", sheet.errors_file(plan, heard.language))
            return [sheet.errors_page(plan)]
        if plan.empty:
            return [Reply((Text("staff_sheet_nothing"),))]
        await self._put(heard, asks=Ask.SHEET, pending=f"{suffix}/{file_id}")
        page = sheet.plan_page(plan, heard.language, version)
        return [replace(page, texts=(*notes, *page.texts))]

    async def _sheet_yes(self, heard: _Heard, tap: Tap) -> Replies:
        """Reads the file again and applies it, if the offers are still those that the plan was made for."""
        desk = heard.member.desk
        suffix, slash, file_id = desk.pending.partition("/")
        if desk.asks is not Ask.SHEET or not slash:
            return [Reply((Text("staff_sheet_again"),), replaces=True)]
        version = await asyncio.to_thread(self._offers.version)
        if tap.argument != str(version):
            return await self._plan(heard, suffix, file_id, Text("staff_sheet_changed_meanwhile"))
        content = await heard.chat.fetch(file_id)
        if content is None:
            return [Reply((Text("staff_sheet_not_fetched"),))]
        existing = await asyncio.to_thread(self._offers.load)
        plan = await asyncio.to_thread(sheet.planned, content, suffix, existing, heard.world)
        if plan.errors:
            return [sheet.errors_page(plan)]
        if tap.step is Step.SHEET_KEEP:
            plan = replace(plan, closed=())
        await asyncio.to_thread(self._offers.apply, plan)
        counts = len(plan.added), len(plan.changed), len(plan.closed)
        await self._members.audit(heard.id, Audited.OFFERS_CHANGED, "+{} ~{} -{}".format(*counts))
        await self._put(heard, asks=Ask.NOTHING)
        return [Reply((Text("staff_sheet_done"),), replaces=True)]

    async def _sheet_no(self, heard: _Heard, _: Tap) -> Replies:
        await self._put(heard, asks=Ask.NOTHING)
        return [Reply((Text("staff_sheet_left"),), replaces=True)]

    # -- how it is done --

    async def _put(self, heard: _Heard, *, asks: Ask, draft: str | None = None, pending: str = "") -> _Heard:
        """Keeps what is on the desk from now on."""
        desk = OnDesk(heard.member.desk.draft if draft is None else draft, asks, pending)
        await self._members.put(heard.id, desk)
        return replace(heard, member=replace(heard.member, desk=desk))

    async def _say(self, heard: _Heard, reply: Reply) -> None:
        message = render(reply, heard.language, heard.world)
        tapped = heard.message.kind is Kind.BUTTON
        await heard.chat.send(message, heard.message_id if tapped and reply.replaces else None)


_ON_DESK: dict[Step, Callable[[StaffDesk, _Heard, Tap], Coroutine[Any, Any, Replies]]] = {
    Step.NEW: StaffDesk._new,
    Step.LIST: StaffDesk._list,
    Step.TEMPLATES: StaffDesk._list,
    Step.INVITE: StaffDesk._invite,
    Step.OFFERS: StaffDesk._offers_tapped,
    Step.SHEET_YES: StaffDesk._sheet_yes,
    Step.SHEET_KEEP: StaffDesk._sheet_yes,
    Step.SHEET_NO: StaffDesk._sheet_no,
    Step.SAID: StaffDesk._said_tapped,
    Step.LEAVE: StaffDesk._leave,
    Step.LEAVE_NOW: StaffDesk._leave_now,
}
_ON_ANY: dict[Step, Callable[[StaffDesk, _Heard, Announcement], Coroutine[Any, Any, Replies]]] = {
    Step.DETAILS: StaffDesk._details,
    Step.DELETE: StaffDesk._delete,
    Step.DELETE_NOW: StaffDesk._delete_now,
    Step.PAUSE: StaffDesk._pause,
    Step.RESUME: StaffDesk._resume,
    Step.CANCEL: StaffDesk._cancel,
    Step.CANCEL_NOW: StaffDesk._cancel_now,
    Step.WITHDRAW: StaffDesk._withdraw,
    Step.WITHDRAW_NOW: StaffDesk._withdraw_now,
    Step.REPORT: StaffDesk._report,
    Step.AGAIN: StaffDesk._again,
}
_ON_DRAFT: dict[Step, Callable[[StaffDesk, _Heard, Announcement, Tap], Coroutine[Any, Any, Replies]]] = {
    Step.HUB: StaffDesk._hub,
    Step.TEXT: StaffDesk._ask_text,
    Step.LANGUAGE: StaffDesk._language,
    Step.TEXT_OFF: StaffDesk._text_off,
    Step.PHOTO_OFF: StaffDesk._photo_off,
    Step.WHOM: StaffDesk._whom,
    Step.TOPIC: StaffDesk._toggle,
    Step.AREA: StaffDesk._toggle,
    Step.SPEAKS: StaffDesk._toggle,
    Step.ROLE: StaffDesk._toggle,
    Step.WHEN: StaffDesk._when,
    Step.NOW: StaffDesk._now,
    Step.ENDS: StaffDesk._ends,
    Step.DAYS: StaffDesk._days,
    Step.VENUE: StaffDesk._venue,
    Step.VENUE_OFF: StaffDesk._venue_off,
    Step.NIGHT: StaffDesk._night,
    Step.PREVIEW: StaffDesk._preview,
    Step.TEST: StaffDesk._test,
    Step.COVERAGE: StaffDesk._cover,
    Step.RELEASE: StaffDesk._release,
    Step.RELEASE_WITH_GAPS: StaffDesk._release,
    Step.HAND_IN: StaffDesk._hand_in,
    Step.KEEP_TEMPLATE: StaffDesk._keep_template,
}


def _ask_role() -> Reply:
    roles = [desk_choice(Text(f"staff_role_{role}"), Step.INVITE, "", role.value) for role in Role]
    return Reply((Text("staff_ask_role"),), rows=in_rows(roles, 1))


def _asks_for_own_data(message: Message) -> bool:
    code = parse(message.code) if message.code else None
    return message.command == "mydata" or (code is not None and code.verb is Verb.MY_DATA)


def _kept(member: Member) -> Reply:
    values = {"role": Text(f"staff_role_{member.role}"), "date": member.since}
    return Reply((Text("staff_my_data", values),), rows=((desk_choice("leave", Step.LEAVE),),))


def _leaves(message: Message) -> bool:
    code = parse(message.code) if message.code else None
    tap = read(code.argument) if code and code.verb is Verb.STAFF else None
    return tap is not None and tap.step in (Step.LEAVE, Step.LEAVE_NOW)


def _with(draft: Announcement, **changes: Any) -> Announcement:
    return replace(draft, content=replace(draft.content, **changes))


def _moved(draft: Announcement, old: str, new: str) -> Announcement:
    """The draft with the text of one language taken for another's."""
    texts = dict(draft.content.texts)
    if old in texts:
        texts[new] = texts.pop(old)
    return _with(draft, texts=texts)


def _copied(announcement: Announcement) -> Announcement:
    """A fresh draft with the same texts, photo and place; the time of the last one has passed."""
    content = announcement.content
    venue = replace(content.venue, at=None) if content.venue else None
    return Announcement(secrets.token_hex(4), replace(content, venue=venue), Audience())


def _mistake(draft: Announcement, heard: _Heard) -> Mistake | None:
    """What hinders this draft from being sent now."""
    now = heard.world.now
    if draft.send_at and draft.send_at <= now:
        return Mistake("past")
    try:
        writing.check(replace(draft, expires_at=views.with_end(draft, now)), heard.world.languages, now)
    except Mistake as mistake:
        return mistake
    return None


def _held_up(heard: _Heard, draft: Announcement, why: Text) -> Reply:
    """Why what was tapped is not done, and the draft to mend it.

    A message of its own: the draft on the screen may say so already, and a tap must not seem to do nothing.
    """
    return replace(views.hub(draft, heard.member, heard.world, why), replaces=False)


def _said(mistake: Mistake, reader: str) -> Text:
    """The sentence of a mistake, with the language's name in the reader's language."""
    values = dict(mistake.values)
    if code := values.get("language"):
        values["language"] = views.language_name(code, reader)
    return Text(f"staff_mistake_{mistake.name}", values)


def _doubled(at: datetime) -> bool:
    """Whether the clock shows this time twice that night."""
    return at.utcoffset() != at.replace(fold=1).utcoffset()


def _as_subscriber(member: Member) -> Subscription:
    return Subscription(member.language, frozenset(), frozenset(), 0, date.min, date.max)
