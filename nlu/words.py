"""Compiles word lists and crisis rules into one file that loads in no time, and loads it.

The YAML files are for people; the compiled file is made by `python -m nlu train` and a test keeps it up to date.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from nlu.crisis import CrisisRules, Rule, read_rules
from nlu.language import LANGUAGES
from nlu.lexicon import Lexicon
from nlu.messages import message_files, read_messages, read_yaml
from nlu.normalise import clean, fold
from nlu.patterns import Patterns

COMPILED = "models/words.json.gz"


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that is looked up by words; `telling`: folded words that only Dari or only Iranian Persian has."""

    lexicons: Mapping[str, Lexicon]
    crisis: CrisisRules
    wishes: Patterns
    telling: Mapping[str, frozenset[str]]


def all_rules(data: Path) -> list[Rule]:
    """The crisis rules of data/crisis.yml, and of data/crisis/LANG.yml while a language is being written."""
    single = data / "crisis.yml"
    content: dict[str, Any] = read_yaml(single) if single.exists() else {}
    for path in sorted(data.glob("crisis/*.yml")):
        content[path.stem] = read_yaml(path)
    return read_rules(content)


def compile_words(data: Path) -> bytes:
    """The compiled file of the word lists and rules below `data`; the same bytes for the same sources."""
    often = {language: _often(files) for language, files in message_files(data).items()}
    everywhere = sum(often.values(), Counter())
    lexicons = {
        path.stem: Lexicon.build(path.stem, read_yaml(path), often.get(path.stem, everywhere))
        for path in sorted(data.glob("lexicon/*.yml"))
        if path.stem in LANGUAGES
    }
    listed = _listed(data / "lexicon/wishes.yml")
    telling = _listed(data / "lexicon/telling.yml")
    parts: list[tuple[str, str, Any]] = [("lexicon", code, index) for code, index in lexicons.items()]
    parts.append(("crisis", "", CrisisRules.build(all_rules(data), everywhere)))
    wishes = (
        (str(pattern), wish, language)
        for wish, languages in listed.items()
        for language, several in languages.items()
        for pattern in several
    )
    parts.append(("wishes", "", Patterns.build(wishes, everywhere)))
    for code, several in telling.items():
        parts.append(("telling", code, sorted({fold(clean(word)) for word in several})))
    text = "".join(json.dumps(part, ensure_ascii=False, separators=(",", ":")) + "\n" for part in parts)
    return gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)


def load_words(compiled: bytes) -> Words:
    """What `compile_words` gave, ready to be searched; read line by line, so that never all of it lies there twice."""
    read: dict[str, dict[str, Any]] = defaultdict(dict)
    with gzip.open(BytesIO(compiled), "rt", encoding="utf-8") as lines:
        for line in lines:
            kind, name, content = json.loads(line)
            read[kind][name] = _READERS[kind](name, content)
    return Words(read["lexicon"], read["crisis"][""], read["wishes"][""], read["telling"])


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "lexicon": Lexicon,
    "crisis": lambda _name, index: CrisisRules(index),
    "wishes": lambda _name, index: Patterns(index),
    "telling": lambda _name, several: frozenset(several),
}


def _listed(path: Path) -> dict[str, Any]:
    listed: dict[str, Any] = read_yaml(path) if path.exists() else {}
    return listed


def _often(files: Iterable[Path]) -> Counter[str]:
    seen: Counter[str] = Counter()
    for path in files:
        for message in read_messages(path):
            seen.update(set(fold(clean(message.text)).split()))
    return seen
