"""Prepares the training lines of the language model from a corpus and from the project's own messages.

Not needed at run time. The corpus stays outside the repository; data/models/README.md names its sources.
"""

from __future__ import annotations

import gzip
import random
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from nlu.language import PERSIAN, REJECTED, main_script, words_of
from nlu.messages import read_messages
from nlu.normalise import clean

SEED = 7
WINDOWS = 16_000
"""Windows a label gets; a rejected language, one of our own in foreign letters, and at most so many per text:"""
WINDOWS_REJECTED = 5_000
WINDOWS_A_TEXT = 8
SETTINGS = {
    "dim": 16,
    "minn": 1,
    "maxn": 5,
    "wordNgrams": 1,
    "bucket": 400_000,
    "minCount": 2,
    "lr": 0.5,
    "epoch": 12,
    "loss": "softmax",
    "quantize": {"cutoff": 50_000, "retrain": True, "qnorm": True, "epoch": 5, "lr": 0.2},
}
_OTHER_KEYBOARD = {  # what an Arabic or Persian keyboard offers for letters it lacks
    "ckb": str.maketrans("ێۆڵڕڤیکەھگپچژ", "يولرفيكههكبجز"),
    "kmr": str.maketrans("ێۆڵڕڤیکەھ", "يولرفيكهه"),
    "ur": str.maketrans("ٹڈڑںےہھیکگپچژ", "تدرنيههيككبجز"),
    "ps": str.maketrans("ټډړڼښږځڅېۍیکګ", "تدرنشژزسيييكگ"),
    PERSIAN: str.maketrans("یکگپچژ", "يككبجز"),
}
_SOME_LETTERS = {code: str.maketrans("یکہە", "يكهه") for code in _OTHER_KEYBOARD}
_SPELLED_OUT = {
    "kmr": [("ş", "sh"), ("ç", "ch"), ("ê", "e"), ("î", "i"), ("û", "u")],
    "de": [("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")],
}


def lines(corpus: Path, data: Path) -> Iterator[str]:
    """fastText lines, shuffled and the same at every call: windows of texts, balanced over labels."""
    rng = random.Random(SEED)
    texts = _texts(corpus, data)
    drawn: list[str] = []
    for label in sorted(texts):
        language = label.rpartition("_")[0]
        wanted = WINDOWS_REJECTED if language.startswith(REJECTED) else WINDOWS
        sources = texts[label]
        wanted = min(wanted, WINDOWS_A_TEXT * len(sources))
        for number in range(wanted):
            words = sources[number % len(sources)]
            drawn.append(f"__label__{label} {_variant(_window(words, rng), language, rng)}")
    rng.shuffle(drawn)
    yield from drawn


def _texts(corpus: Path, data: Path) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = defaultdict(list)

    def add(language: str, text: str, times: int = 1) -> None:
        words = words_of(clean(text))
        if words:
            code = {"prs": PERSIAN, "fa": PERSIAN, "ar_latn": "ar"}.get(language, language)
            found[f"{code}_{main_script(words)}"].extend([words] * times)

    for path in sorted(corpus.glob("*.tsv.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                add(path.name.removesuffix(".tsv.gz"), line.rstrip("\n").partition("\t")[2])
    for path in sorted(data.glob("nlu/*.yml")):
        for message in read_messages(path):
            add(path.stem, message.text, times=3)
    rng = random.Random(SEED)
    for several in found.values():
        rng.shuffle(several)
    return {label: several for label, several in found.items() if len(several) >= 30}


def _window(words: list[str], rng: random.Random) -> list[str]:
    size = rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 12))
    start = rng.randrange(max(1, len(words) - size + 1))
    return words[start : start + size]


def _variant(words: list[str], language: str, rng: random.Random) -> str:
    text = " ".join(words)
    chance = rng.random()
    if language in _OTHER_KEYBOARD:
        if chance < 0.25:
            text = text.translate(_OTHER_KEYBOARD[language])
        elif chance < 0.4:
            text = text.translate(_SOME_LETTERS[language])
    elif chance < 0.3:
        text = without_marks(text)
    elif chance < 0.4:
        for letter, plain in _SPELLED_OUT.get(language, ()):
            text = text.replace(letter, plain)
    if rng.random() < 0.04:
        text = text.replace(" ", "", 1)
    return text


def without_marks(text: str) -> str:
    """The text as typed without accents: ş → s, ê → e, ё → е, ı → i."""
    apart = unicodedata.normalize("NFD", text.replace("ı", "i"))
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not "\u0300" <= sign <= "\u036f"))
