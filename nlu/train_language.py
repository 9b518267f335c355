"""Prepares the training lines of the language model from a corpus and from the project's own messages.

Not needed at run time. The corpus stays outside the repository; data/models/README.md names its sources.
"""

from __future__ import annotations

import gzip
import random
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.language import PERSIAN, REJECTED, UNKNOWN, main_script, script_of, words_of
from nlu.messages import read_messages
from nlu.normalise import clean

SEED = 7
WINDOWS, WINDOWS_REJECTED, WINDOWS_A_TEXT = 48_000, 5_000, 20
"""Windows that a label gets, one of a language the bot does not speak, and at most that are cut of one text."""
SIZES = (1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 12)
CHAT_TIMES, CHAT_LEAST = {"ar_latn": 8, "kmr_latn": 3}, 3
"""Our own messages count once, or so many times where the corpus has little of their kind: Levantine and Egyptian
Arabic in Latin letters, Kurmanji as it is typed. Their windows are not shorter, for they hold many German words.
"""
FEWEST = 30
"""A label with fewer texts than this is left out."""
SETTINGS = {
    "dim": 16,
    "minn": 1,
    "maxn": 5,
    "wordNgrams": 1,
    "bucket": 400_000,
    "minCount": 2,
    "lr": 0.5,
    "epoch": 7,
    "loss": "softmax",
    "quantize": {"cutoff": 80_000, "retrain": True, "qnorm": True, "epoch": 5, "lr": 0.2},
}
_OTHER_KEYBOARD = {  # what an Arabic or Persian keyboard offers for letters it lacks
    "ckb": str.maketrans("ێۆڵڕڤیکەھگپچژ", "يولرفيكههكبجز"),
    "kmr": str.maketrans("ێۆڵڕڤیکەھ", "يولرفيكهه"),
    "ur": str.maketrans("ٹڈڑںےہھیکگپچژ", "تدرنيههيككبجز"),
    "ps": str.maketrans("ټډړڼښږځڅېۍیکګ", "تدرنشژزسيييكگ"),
    PERSIAN: str.maketrans("یکگپچژ", "يككبجز"),
}
_SOME_LETTERS = {code: str.maketrans("یکہە", "يكهه") for code in _OTHER_KEYBOARD}
_WITHOUT_MARKS = {"kmr": 0.65, "tr": 0.4, "az": 0.4}
"""How often accents are dropped; Kurds type without them more often than with."""
_SPELLED_OUT = {
    "kmr": [("ş", "sh"), ("ç", "ch"), ("ê", "e"), ("î", "i"), ("û", "u")],
    "de": [("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")],
}


@dataclass(frozen=True, slots=True)
class Text:
    """The words of one text in one script; of a chat message no window shorter than `least` words is taken."""

    words: Sequence[str]
    least: int = 1


def lines(corpus: Path, data: Path) -> Iterator[str]:
    """fastText lines, shuffled and the same at every call: windows of texts, balanced over labels."""
    rng = random.Random(SEED)
    texts = _texts(corpus, data)
    drawn: list[str] = []
    for label in sorted(texts):
        language = label.rpartition("_")[0]
        wanted = WINDOWS_REJECTED if language.startswith(REJECTED) else WINDOWS
        sources = texts[label]
        for number in range(min(wanted, WINDOWS_A_TEXT * len(sources))):
            window = _window(sources[number % len(sources)], rng)
            drawn.append(f"__label__{label} {_variant(window, language, rng)}")
    rng.shuffle(drawn)
    yield from drawn


def _texts(corpus: Path, data: Path) -> dict[str, list[Text]]:
    found: dict[str, list[Text]] = defaultdict(list)

    def add(language: str, text: str, *, chat: bool = False) -> None:
        words = words_of(clean(text))
        script = main_script(words)
        words = [word for word in words if script_of(word) == script]  # no German words in Arabic letters
        if words and script != UNKNOWN:
            code = {"prs": PERSIAN, "fa": PERSIAN, "ar_latn": "ar"}.get(language, language)
            label = f"{code}_{script}"
            if chat and len(words) < CHAT_LEAST:
                return  # "hello" and "stop" are written in every language
            times, least = (CHAT_TIMES.get(label, 1), CHAT_LEAST) if chat else (1, 1)
            found[label].extend([Text(words, least)] * times)

    for path in sorted(corpus.glob("*.tsv.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                add(path.name.removesuffix(".tsv.gz"), line.rstrip("\n").partition("\t")[2])
    for path in sorted(data.glob("nlu/*.yml")):
        for message in read_messages(path):
            add(path.stem, message.text, chat=True)
    rng = random.Random(SEED)
    for several in found.values():
        rng.shuffle(several)
    return {label: several for label, several in found.items() if len(several) >= FEWEST}


def _window(text: Text, rng: random.Random) -> Sequence[str]:
    size = max(text.least, rng.choice(SIZES))
    start = rng.randrange(max(1, len(text.words) - size + 1))
    return text.words[start : start + size]


def _variant(words: Sequence[str], language: str, rng: random.Random) -> str:
    text = " ".join(words)
    chance = rng.random()
    if text[:1] > "\u0600" and language in _OTHER_KEYBOARD:
        if chance < 0.25:
            text = text.translate(_OTHER_KEYBOARD[language])
        elif chance < 0.4:
            text = text.translate(_SOME_LETTERS[language])
    elif chance < _WITHOUT_MARKS.get(language, 0.3):
        text = without_marks(text)
    elif chance > 0.9:
        for letter, plain in _SPELLED_OUT.get(language, ()):
            text = text.replace(letter, plain)
    if rng.random() < 0.04:
        text = text.replace(" ", "", 1)
    return text


def without_marks(text: str) -> str:
    """The text as typed without accents: ş → s, ê → e, ё → е, ı → i."""
    apart = unicodedata.normalize("NFD", text.replace("ı", "i"))
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not "\u0300" <= sign <= "\u036f"))
