"""Recordings of the bot's sentences, for people who read little: data/voice/LANG/UTTERANCE.ogg, spoken by people.

Beside each lies UTTERANCE.txt, the words that were read aloud: where the catalog has changed since, the recording is
not played any more. No speech is synthesised. Knows nothing of Telegram.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from bot.conversation.codes import Verb
from bot.conversation.domain import domain
from bot.conversation.vocabulary import Choice, Reply, Text
from bot.languages.registry import LANGUAGES
from bot.languages.render import Rendered, button, say

VOICE = Path("data/voice")
MOST_BYTES = 1_000_000
"""A minute and more of speech in Opus, and what a person with little credit can load."""


class RecordingsInvalid(ValueError):
    """Recordings that cannot be taken in; `problems` has one line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Lacking:
    """An utterance without a (still valid) recording: its file name and the words to be read aloud."""

    utterance: str
    words: str


def utterances() -> list[str]:
    """The texts that have a voice slot: all messages, in the order of the domain."""
    return [name for name in domain()["responses"] if name.startswith("utter_")]


@lru_cache(maxsize=2**13)
def voice_of(name: str, language: str, folder: Path = VOICE) -> Path | None:
    """The recording of the utterance `name`, or None where there is none or its text has changed.

    Remembered for the life of the process: a running bot finds new recordings after its next start.
    """
    recording = folder / language / f"{name}.ogg"
    if language not in LANGUAGES or not re.fullmatch(r"\w+", name) or not recording.is_file():
        return None
    read_aloud = recording.with_suffix(".txt")
    if read_aloud.is_file() and read_aloud.read_text(encoding="utf-8") != script(name, language):
        return None
    return recording


def with_recording(message: Rendered, reply: Reply, language: str, folder: Path = VOICE) -> Rendered:
    """The message, with a button that plays the first of its texts that somebody has recorded."""
    language = (reply.languages or (language,))[0]
    for text in reply.texts:
        if voice_of(text.name, language, folder):
            listen = Choice(Text("button_listen"), code=f"{Verb.LISTEN}.{language}={text.name}")
            return replace(message, rows=((button(listen, language, reply.screen),), *message.rows))
    return message


def script(name: str, language: str) -> str:
    """The words of an utterance as a speaker reads them: phone numbers digit by digit, {names} still to be filled."""
    return spoken_digits(re.sub(r"[\u200f\u2066-\u2069]", "", say(name, language)))


_DIALLED = re.compile(r"(?<![\w.,:/])\+?\d[\d /–-]*\d(?![\w:/]|[.,]\d)", re.ASCII)


def spoken_digits(text: str) -> str:
    """The text with telephone numbers digit by digit, a pause between their groups: "0 8 0 0, 1 1 1".

    A telephone number is 110, 112 or has five digits or more; prices, years, ages and times stay as they are.
    """

    def spoken(found: re.Match[str]) -> str:
        number = found[0]
        if len(re.sub(r"\D", "", number)) < 5 and number not in ("110", "112"):
            return number
        return ", ".join(" ".join(group) for group in re.findall(r"\+?\d+", number))

    return _DIALLED.sub(spoken, text)


def lacking(language: str, folder: Path = VOICE) -> list[Lacking]:
    """The utterances that nobody has recorded in this language yet, or not since their text changed."""
    return [
        Lacking(name, script(name, language)) for name in utterances() if not voice_of(name, language, folder)
    ]


def take_in(recordings: Path, folder: Path = VOICE) -> list[Path]:
    """Takes a folder of recordings, LANG/UTTERANCE.ogg, into the project: all, or none at all.

    Returns the files written. Raises RecordingsInvalid for names that are no utterance, for other formats than Ogg
    Opus (Bot API, sendVoice) and for files above a million bytes.
    """
    found = sorted(path for path in recordings.glob("*/*") if path.is_file() and path.suffix != ".txt")
    known = set(utterances())
    problems = [
        f"{path.relative_to(recordings)}: {wrong}" for path in found if (wrong := _wrong(path, known))
    ]
    if not found:
        problems = [f"{recordings}: holds no LANG/UTTERANCE.ogg"]
    if problems:
        raise RecordingsInvalid(problems)
    written = []
    for path in found:
        language, name = path.parent.name, path.stem
        target = folder / language / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.with_suffix(".txt").write_text(script(name, language), encoding="utf-8")
        written.append(target)
    voice_of.cache_clear()
    return written


def _wrong(path: Path, known: set[str]) -> str:
    with path.open("rb") as file:
        head = file.read(64)
    if path.parent.name not in LANGUAGES:
        return f"“{path.parent.name}” is no language of the bot"
    if path.stem not in known:
        return f"“{path.stem}” is no utterance; see: languages voice {path.parent.name}"
    if path.suffix != ".ogg" or not head.startswith(b"OggS") or b"OpusHead" not in head:
        return "not an Ogg file with Opus, as Telegram's voice messages are"
    if path.stat().st_size > MOST_BYTES:
        return f"larger than {MOST_BYTES:,} bytes"
    return ""
