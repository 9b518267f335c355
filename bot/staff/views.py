"""What members see: the draft and its buttons, coverage, progress, lists. Pure: values in, replies out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from html import unescape

from bot.announcements.coverage import Coverage
from bot.announcements.delivery import QUIET_FROM, QUIET_UNTIL
from bot.announcements.model import Announcement, Audience, Progress, Role, Stage
from bot.announcements.report import HIDDEN, TOTAL, shown
from bot.conversation.actions import in_rows
from bot.conversation.news import topic_text, topics
from bot.conversation.vocabulary import Choice, Reply, Text, World
from bot.languages.catalogs import translations
from bot.languages.registry import LANGUAGES
from bot.staff.codes import Step, desk_choice
from bot.staff.members import Member

DEFAULT_DAYS = 7
DAYS = (1, 3, 7, 14)
LISTED = 10
START_LENGTH = 60
LABEL_LENGTH = 26
DRAFTS = (Stage.DRAFT, Stage.HANDED_IN)
_ICONS = {
    Stage.DRAFT: "📝",
    Stage.HANDED_IN: "📥",
    Stage.SCHEDULED: "🕒",
    Stage.SENDING: "📤",
    Stage.PAUSED: "⏸",
    Stage.SENT: "✅",
    Stage.CANCELLED: "⏹",
    Stage.WITHDRAWN: "↩️",
    Stage.OVER: "🏁",
}


def menu(member: Member, *texts: Text) -> Reply:
    """These texts and where a member can begin."""
    rows: list[tuple[Choice, ...]] = [(desk_choice("new", Step.NEW),), (desk_choice("list", Step.LIST),)]
    if member.role is Role.COORDINATOR:
        rows.append((desk_choice("offers", Step.OFFERS), desk_choice("said", Step.SAID)))
        rows.append((desk_choice("invite", Step.INVITE),))
    return Reply(texts or (Text("staff_menu"),), rows=tuple(rows))


def language_name(code: str, reader: str) -> str:
    """What a language is called in the reader's language."""
    return translations(reader).gettext(LANGUAGES[code].english)


def moment(at: datetime, language: str, world: World) -> Text:
    """A day and time of the city, in the reader's language."""
    local = at.astimezone(world.now.tzinfo)
    day = LANGUAGES[language].weekday(local.date())
    return Text("news_at", {"weekday": day, "date": local.date(), "time": local.time()})


def start_of(announcement: Announcement, language: str, most: int = START_LENGTH) -> str:
    """The first words of the text, to tell announcements apart."""
    html, _ = announcement.content.text_for(language, LANGUAGES[language].fallbacks)
    words = " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def fingerprint(announcement: Announcement) -> str:
    """Changes with everything that will be sent, to whom and when: what was looked at is what is released."""
    audience = [sorted(getattr(announcement.audience, name)) for name in Audience.__slots__]
    content = announcement.content
    looked_at = (
        sorted(content.texts.items()),
        content.photo,
        content.venue and (content.venue.latitude, content.venue.longitude, _stamp(content.venue.at)),
        audience,
        _stamp(announcement.expires_at),
        _stamp(announcement.send_at),
        announcement.at_night,
    )
    return sha256(repr(looked_at).encode()).hexdigest()[:8]


def _stamp(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0


def with_end(announcement: Announcement, now: datetime) -> datetime:
    """When it ends; a week after it goes out where nobody said otherwise."""
    return announcement.expires_at or (announcement.send_at or now) + timedelta(days=DEFAULT_DAYS)


# -- the draft --


def hub(
    announcement: Announcement, member: Member, world: World, *notes: Text, other_language: bool = False
) -> Reply:
    """The draft as it stands and all that can be done with it. `other_language`: offers to correct a guess."""
    id, language = announcement.id, member.language
    content = announcement.content
    values = {
        "start": start_of(announcement, language) or Text("staff_no_text"),
        "texts": _texts(announcement, language),
        "whom": whom(announcement.audience, language),
        "when": moment(announcement.send_at, language, world)
        if announcement.send_at
        else Text("staff_at_once"),
        "until": moment(announcement.expires_at, language, world)
        if announcement.expires_at
        else Text("staff_after_days", {"count": DEFAULT_DAYS}),
        "venue": _venue(announcement, language, world),
        "photo": Text("staff_yes" if content.photo else "staff_no"),
        "night": Text("staff_yes" if announcement.at_night else "staff_no"),
    }
    rows: list[tuple[Choice, ...]] = []
    if other_language:
        rows.append((desk_choice("other_language", Step.LANGUAGE, id),))
    rows += [
        (desk_choice("text", Step.TEXT, id), desk_choice("whom", Step.WHOM, id)),
        (desk_choice("when", Step.WHEN, id), desk_choice("ends", Step.ENDS, id)),
        (
            desk_choice("venue", Step.VENUE, id),
            desk_choice("night", Step.NIGHT, id, on=announcement.at_night),
        ),
        (desk_choice("preview", Step.PREVIEW, id), desk_choice("test", Step.TEST, id)),
    ]
    if member.role is Role.COORDINATOR:
        rows.append((desk_choice("check", Step.COVERAGE, id),))
    else:
        rows.append((desk_choice("hand_in", Step.HAND_IN, id),))
    rows.append((desk_choice("template", Step.KEEP_TEMPLATE, id), desk_choice("delete", Step.DELETE, id)))
    return Reply((*notes, Text("staff_hub", values)), rows=tuple(rows), replaces=True)


def _texts(announcement: Announcement, reader: str) -> tuple[str, ...] | Text:
    codes = sorted(announcement.content.texts)
    return tuple(language_name(code, reader) for code in codes) or Text("staff_none")


def whom(audience: Audience, reader: str) -> tuple[Text | str, ...]:
    """The audience in words."""
    if audience.roles:
        return tuple(Text(f"staff_role_{role}") for role in sorted(audience.roles))
    parts: list[Text | str] = [topic_text(topic) for topic in sorted(audience.topics)]
    parts += [Text(f"area/{area}") for area in sorted(audience.areas)]
    parts += [language_name(code, reader) for code in sorted(audience.languages)]
    return tuple(parts) or (Text("staff_everybody"),)


def _venue(announcement: Announcement, language: str, world: World) -> Text:
    venue = announcement.content.venue
    if venue is None:
        return Text("staff_none")
    return moment(venue.at, language, world) if venue.at else Text("staff_place_only")


def back(id: str) -> tuple[Choice, ...]:
    """The row that leads back to the draft."""
    return (desk_choice("back", Step.HUB, id),)


def ask(name: str, id: str, *rows: tuple[Choice, ...]) -> Reply:
    """A question of the draft; every one has a way back."""
    return Reply((Text(name),), rows=(*rows, back(id)), replaces=True)


def ask_text(announcement: Announcement, reader: str) -> Reply:
    """Asks for a text; what is there can be taken away."""
    id, content = announcement.id, announcement.content
    offs = [
        desk_choice(
            Text("staff_button_text_off", {"language": language_name(code, reader)}), Step.TEXT_OFF, id, code
        )
        for code in sorted(content.texts)
    ]
    if content.photo:
        offs.append(desk_choice("photo_off", Step.PHOTO_OFF, id))
    return ask("staff_ask_text", id, *in_rows(offs, 2))


def ask_language(id: str, reader: str, world: World) -> Reply:
    """Asks in which language a text is written."""
    buttons = [
        desk_choice(_named(language_name(code, reader)), Step.LANGUAGE, id, code) for code in world.languages
    ]
    return ask("staff_ask_language", id, *in_rows(buttons, 2))


def _named(name: str) -> Text:
    return Text("staff_button_named", {"name": name})


def whom_page(announcement: Announcement, page: str, reader: str, world: World) -> Reply:
    """Whom it is for: a page of switches for topics, areas, languages or roles; without a page the way to them."""
    id, audience = announcement.id, announcement.audience
    pages = {"topics": Step.TOPIC, "areas": Step.AREA, "languages": Step.SPEAKS, "roles": Step.ROLE}
    said = Text("staff_whom", {"whom": whom(audience, reader)})
    if page not in pages:
        ways = [desk_choice(f"whom_{each}", Step.WHOM, id, each) for each in pages]
        return Reply((said,), rows=(*in_rows(ways, 2), back(id)), replaces=True)
    labels: dict[str, Text] = {}
    match page:
        case "topics":
            labels = {topic: topic_text(topic) for topic in topics(world)}
        case "areas":
            labels = {area.id: Text(f"area/{area.id}") for area in world.places.areas}
        case "languages":
            labels = {code: _named(language_name(code, reader)) for code in world.languages}
        case _:
            labels = {role.value: Text(f"staff_role_{role}") for role in Role}
    chosen = {str(each) for each in getattr(audience, page)}
    buttons = [desk_choice(label, pages[page], id, key, on=key in chosen) for key, label in labels.items()]
    note = Text("staff_whom_roles") if page == "roles" else Text("staff_whom_none")
    return Reply((said, note), rows=(*in_rows(buttons, 2), back(id)), replaces=True)


def toggled(audience: Audience, step: Step, key: str, world: World) -> Audience:
    """The audience with one switch turned; a forged key changes nothing."""
    known: dict[Step, tuple[str, Iterable[str]]] = {
        Step.TOPIC: ("topics", topics(world)),
        Step.AREA: ("areas", [area.id for area in world.places.areas]),
        Step.SPEAKS: ("languages", world.languages),
        Step.ROLE: ("roles", list(Role)),
    }
    name, allowed = known[step]
    if key not in allowed:
        return audience
    values = {each: getattr(audience, each) for each in Audience.__slots__}
    values[name] = values[name] ^ {Role(key) if step is Step.ROLE else key}
    return Audience(**values)


def page_of(step: Step) -> str:
    """The page on which this switch stands."""
    return {Step.TOPIC: "topics", Step.AREA: "areas", Step.SPEAKS: "languages", Step.ROLE: "roles"}[step]


def ask_end(id: str) -> Reply:
    """Asks when it is over."""
    buttons = [
        desk_choice(Text("staff_button_days", {"count": days}), Step.DAYS, id, str(days)) for days in DAYS
    ]
    return ask("staff_ask_end", id, *in_rows(buttons, 2))


# -- coverage --


def people(count: int | None) -> Text:
    """A count as people may see it; it is rounded down already."""
    return Text("staff_few") if count is None else Text("staff_about", {"count": count})


def coverage_page(announcement: Announcement, known: Coverage, member: Member, world: World) -> Reply:
    """Who gets it in which language, and the button that sends it."""
    id, reader = announcement.id, member.language
    lines = []
    for line in known.lines:
        values = {"language": language_name(line.language, reader), "people": people(line.count)}
        if line.written_in == line.language:
            lines.append(Text("staff_coverage_line", values))
        else:
            written_in = language_name(line.written_in, reader)
            lines.append(Text("staff_coverage_gap", values | {"other": written_in}))
    head = Text(
        "staff_coverage", {"people": people(known.total), "whom": whom(announcement.audience, reader)}
    )
    send = desk_choice("send", Step.RELEASE, id, fingerprint(announcement))
    if announcement.send_at:
        send = desk_choice("schedule", Step.RELEASE, id, fingerprint(announcement))
        lines.append(Text("staff_goes_out", {"when": moment(announcement.send_at, reader, world)}))
    elif asleep(announcement, world):
        lines.append(Text("staff_waits", {"time": QUIET_UNTIL}))
    return Reply((head, *lines), rows=((send,), back(id)), replaces=True)


def gaps_page(announcement: Announcement, known: Coverage, reader: str) -> Reply:
    """The second question, where some will read another language."""
    names = tuple(language_name(line.language, reader) for line in known.gaps)
    yes = desk_choice("send_anyway", Step.RELEASE_WITH_GAPS, announcement.id, fingerprint(announcement))
    return Reply(
        (Text("staff_gaps", {"languages": names}),), rows=((yes,), back(announcement.id)), replaces=True
    )


def asleep(announcement: Announcement, world: World) -> bool:
    """Whether it waits for the morning now."""
    now = world.now.time()
    return not announcement.at_night and (now >= QUIET_FROM or now < QUIET_UNTIL)


# -- what was released --


def details(
    announcement: Announcement, progress: Progress, per_second: float, member: Member, world: World
) -> Reply:
    """How far an announcement is, what became of it, and what can be done now."""
    stage, seen = announcement.stage, shown(progress)
    values: dict[str, object] = {name: _count(sign) for name, sign in seen.counts.items()}
    values |= {
        "start": start_of(announcement, member.language),
        "stage": Text(f"staff_stage_{stage}"),
        # of a few people the bar would tell how many there are
        "bar": "" if seen.counts[TOTAL] == HIDDEN else seen.bar,
    }
    texts = [Text("staff_details", values)]
    match stage:
        case Stage.SCHEDULED if announcement.send_at:
            texts = [
                Text(
                    "staff_scheduled",
                    {"start": values["start"], "when": _moment_of(announcement, member, world)},
                )
            ]
        case Stage.SENDING if asleep(announcement, world):
            texts.append(Text("staff_waits", {"time": QUIET_UNTIL}))
        case Stage.SENDING:
            left = timedelta(seconds=max(0, progress.total - progress.done) / per_second)
            if left >= timedelta(minutes=1):
                done_at = (world.now + left + timedelta(minutes=1)).time()
                texts.append(Text("staff_finish", {"time": done_at}))
        case _:
            pass
    return Reply(tuple(texts), rows=_actions(announcement, member), replaces=True)


def _moment_of(announcement: Announcement, member: Member, world: World) -> Text:
    assert announcement.send_at  # noqa: S101 - the caller looked
    return moment(announcement.send_at, member.language, world)


def _count(sign: str) -> Text:
    return people(None if sign == HIDDEN else int(sign))


def _actions(announcement: Announcement, member: Member) -> tuple[tuple[Choice, ...], ...]:
    id, stage = announcement.id, announcement.stage
    rows: list[tuple[Choice, ...]] = []
    if member.role is Role.COORDINATOR:
        match stage:
            case Stage.SENDING:
                rows.append((desk_choice("pause", Step.PAUSE, id), desk_choice("cancel", Step.CANCEL, id)))
            case Stage.PAUSED:
                rows.append((desk_choice("resume", Step.RESUME, id), desk_choice("cancel", Step.CANCEL, id)))
            case Stage.SCHEDULED:
                rows.append((desk_choice("cancel", Step.CANCEL, id),))
            case _:
                pass
        if stage in (Stage.SENDING, Stage.PAUSED, Stage.SENT, Stage.CANCELLED):
            rows.append((desk_choice("withdraw", Step.WITHDRAW, id),))
    rows.append((desk_choice("report", Step.REPORT, id), desk_choice("again", Step.AGAIN, id)))
    rows.append((desk_choice("list", Step.LIST),))
    return tuple(rows)


def sure(name: str, yes: Step, label: str, id: str, no: Step) -> Reply:
    """A question before something that cannot be undone."""
    rows = ((desk_choice(label, yes, id),), (desk_choice("back", no, id),))
    return Reply((Text(name),), rows=rows, replaces=True)


def listing(announcements: Iterable[Announcement], member: Member, *, templates: bool) -> Reply:
    """The newest announcements, or the templates, a button each."""
    found = [
        each
        for each in announcements
        if each.template is templates and (each.content.texts or each.content.photo)
    ]
    rows = []
    for each in found[:LISTED]:
        icon = "📋" if templates else _ICONS[each.stage]
        start = start_of(each, member.language, LABEL_LENGTH) or "…"
        rows.append((desk_choice(_named(f"{icon} {start}"), Step.DETAILS, each.id),))
    last = [desk_choice("new", Step.NEW)]
    if not templates:
        last.append(desk_choice("templates", Step.TEMPLATES))
    name = "staff_templates" if templates else "staff_list"
    return Reply(
        (Text(name if rows else f"{name}_empty"),), rows=(*rows, *((each,) for each in last)), replaces=True
    )


def template_page(announcement: Announcement, member: Member) -> Reply:
    """A template: use it or take it away."""
    values = {"start": start_of(announcement, member.language)}
    id = announcement.id
    rows = ((desk_choice("use", Step.AGAIN, id),), (desk_choice("delete", Step.DELETE, id),))
    return Reply((Text("staff_template", values),), rows=(*rows, (desk_choice("templates", Step.TEMPLATES),)))
