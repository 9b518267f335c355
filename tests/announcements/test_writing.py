"""What coordinators write: languages in front, markup, days and times; every mistake has a name."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announcements.model import Announcement, Audience, Content
from bot.announcements.writing import Mistake, check, cleaned, moment_of, texts_of

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=BERLIN)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("24.12. 18:00", at(2026, 12, 24, 18)),
        ("24.12.2026 18:00", at(2026, 12, 24, 18)),
        ("24.12.26, 18.30 Uhr", at(2026, 12, 24, 18, 30)),
        ("3/1 9:05", at(2027, 1, 3, 9, 5)),
        ("٢٤.١٢. ١٨:٠٠", at(2026, 12, 24, 18)),
        ("24.12. um 18", at(2026, 12, 24, 18)),
        ("25.10.2027 2:30", at(2027, 10, 25, 2, 30)),
    ],
)
def test_days_and_times_are_read_as_people_write_them(text: str, moment: datetime) -> None:
    assert moment_of(text, NOW) == moment


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "unreadable"),
        ("morgen", "unreadable"),
        ("32.12. 18:00", "unreadable"),
        ("24.12. 25:00", "unreadable"),
        ("23.11.2026 10:00", "past"),
        ("28.3.2027 2:30", "missing_hour"),
    ],
)
def test_what_is_no_time_to_come_has_a_name(text: str, name: str) -> None:
    with pytest.raises(Mistake) as mistake:
        moment_of(text, NOW)
    assert mistake.value.name == name


def test_of_an_hour_that_comes_twice_the_first_is_taken() -> None:
    moment = moment_of("31.10.2027 2:30", NOW)
    assert moment.utcoffset() == timedelta(hours=2)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_times(text: str) -> None:
    with suppress(Mistake):
        assert moment_of(text, NOW) > NOW


def test_texts_with_their_languages_in_front_are_taken_apart() -> None:
    assert texts_of("de: Hallo\nWelt: ja\nar: مرحبا") == {"de": "Hallo\nWelt: ja", "ar": "مرحبا"}
    assert texts_of("Montag: Gruppe") == {"": "Montag: Gruppe"}
    assert texts_of("Ar: a\nPS: b\nso: c") == {"ar": "a\nPS: b", "so": "c"}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<b>fett</b> & <u>anders</u>", "<b>fett</b> &amp; anders"),
        ('<strong>a</strong><a href="https://example.org/?a=1&amp;b=2">hier</a>', None),
        ("1 < 2", "1 &lt; 2"),
        ("<script>x</script>", "x"),
    ],
)
def test_only_bold_italic_and_links_are_kept(written: str, kept: str | None) -> None:
    assert cleaned(written) == (kept or '<b>a</b><a href="https://example.org/?a=1&amp;b=2">hier</a>')


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("<b>offen", "bad_markup"),
        ("<b><i>kreuz</b></i>", "bad_markup"),
        ('<a href="javascript:x">x</a>', "bad_link"),
    ],
)
def test_broken_markup_has_a_name(written: str, name: str) -> None:
    with pytest.raises(Mistake) as mistake:
        cleaned(written)
    assert mistake.value.name == name


@given(st.text(alphabet="<>/bia &;\"'= href:x", max_size=60))
def test_cleaned_markup_stays_as_it_is(text: str) -> None:
    try:
        once = cleaned(text)
    except Mistake:
        return
    assert cleaned(once) == once


def a_draft(**changed: object) -> Announcement:
    given: dict[str, object] = {"expires_at": NOW + timedelta(days=1)} | changed
    content = given.pop("content", Content({"de": "Hallo"}))
    return Announcement("a1", content, Audience(), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("draft", "name"),
    [
        (a_draft(content=Content()), "no_text"),
        (a_draft(content=Content({"de": "x" * 4097})), "too_long"),
        (a_draft(content=Content({"de": "x" * 1024}, photo="p")), "too_long"),
        (a_draft(expires_at=NOW - timedelta(days=1)), "ends_too_early"),
        (a_draft(send_at=NOW + timedelta(days=2)), "ends_too_early"),
    ],
)
def test_what_cannot_be_sent_is_found_before(draft: Announcement, name: str) -> None:
    with pytest.raises(Mistake) as mistake:
        check(draft, ("de", "ar"), NOW)
    assert mistake.value.name == name


def test_a_good_draft_passes() -> None:
    check(a_draft(), ("de", "ar"), NOW)
