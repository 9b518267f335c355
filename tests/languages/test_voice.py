"""Recordings: taken in whole or not at all, played only while the text is still the one that was read aloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.conversation.vocabulary import Reply, Text
from bot.languages.render import Rendered
from bot.languages.voice import (
    MOST_BYTES,
    RecordingsInvalid,
    lacking,
    script,
    spoken_digits,
    take_in,
    utterances,
    voice_of,
    with_recording,
)

OPUS = b"OggS" + bytes(24) + b"OpusHead" + bytes(100)


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    (folder / "ar").mkdir(parents=True)
    (folder / "ar" / "utter_greet.ogg").write_bytes(OPUS)
    return folder


def test_a_recording_taken_in_is_played(recordings: Path, tmp_path: Path) -> None:
    voice = tmp_path / "voice"
    assert voice_of("utter_greet", "ar", voice) is None
    (written,) = take_in(recordings, voice)
    assert voice_of("utter_greet", "ar", voice) == written
    assert voice_of("utter_greet", "prs", voice) is None
    assert "utter_greet" not in {each.utterance for each in lacking("ar", voice)}
    assert len(lacking("ar", voice)) == len(utterances()) - 1


def test_a_recording_of_words_that_changed_is_not_played(recordings: Path, tmp_path: Path) -> None:
    voice = tmp_path / "voice"
    (written,) = take_in(recordings, voice)
    written.with_suffix(".txt").write_text("Other words", encoding="utf-8")
    assert voice_of("utter_greet", "ar", voice) is None
    assert "utter_greet" in {each.utterance for each in lacking("ar", voice)}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ar/utter_unknown.ogg", OPUS),
        ("xx/utter_greet.ogg", OPUS),
        ("ar/utter_thanks.ogg", b"RIFF" + bytes(100)),
        ("ar/utter_thanks.mp3", b"ID3" + bytes(100)),
        ("ar/utter_thanks.ogg", OPUS + bytes(MOST_BYTES)),
    ],
)
def test_one_wrong_recording_keeps_all_out(
    name: str, content: bytes, recordings: Path, tmp_path: Path
) -> None:
    wrong = recordings / name
    wrong.parent.mkdir(exist_ok=True)
    wrong.write_bytes(content)
    with pytest.raises(RecordingsInvalid) as raised:
        take_in(recordings, tmp_path / "voice")
    assert [problem.partition(":")[0] for problem in raised.value.problems] == [name]
    assert not (tmp_path / "voice").exists()


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingsInvalid):
        take_in(tmp_path, tmp_path / "voice")


def test_names_from_outside_reach_no_other_file(tmp_path: Path) -> None:
    assert voice_of("../../secret", "ar", tmp_path) is None
    assert voice_of("utter_greet", "..", tmp_path) is None


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Call 112 now.", "Call 1 1 2 now."),
        ("0800 1110111 is free", "0 8 0 0, 1 1 1 0 1 1 1 is free"),
        ("+49 611 12-345", "+ 4 9, 6 1 1, 1 2, 3 4 5"),
        ("116016", "1 1 6 0 1 6"),
        ("after 24 hours, in 2026, at 17:30, 0 to 13 years, 24/7", None),
        ("10.000 euros on 3.11.2026", None),
        ("الرقم 112.", "الرقم 1 1 2."),
    ],
)
def test_telephone_numbers_are_read_digit_by_digit(text: str, spoken: str | None) -> None:
    assert spoken_digits(text) == (spoken or text)


def test_the_words_to_be_read_have_no_invisible_signs() -> None:
    for name in utterances():
        assert not set(script(name, "ar")) & set("\u200f\u2066\u2067\u2068\u2069<>")
    assert "1 1 2" in script("utter_crisis_medical", "ar")


def test_a_message_with_a_recording_has_a_button_to_listen(recordings: Path, tmp_path: Path) -> None:
    voice = tmp_path / "voice"
    take_in(recordings, voice)
    reply = Reply((Text("utter_understood"), Text("utter_greet")), screen=7)
    ((listen,),) = with_recording(Rendered("…"), reply, "ar", voice).rows
    assert listen.code == "1.7.v.ar=utter_greet"
    assert listen.label.startswith("🔊 ")
    assert with_recording(Rendered("…"), reply, "prs", voice).rows == ()
