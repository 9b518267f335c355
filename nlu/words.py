"""Compiles word lists and crisis rules into one file that loads in no time, and loads it.

The YAML files are for people; the compiled file is made by `python -m nlu train` and a test keeps it up to date.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
    index = {
        "lexicons": lexicons,
        "crisis": CrisisRules.build(all_rules(data), everywhere),
        "wishes": Patterns.build(
            (
                (str(pattern), wish, language)
                for wish, languages in listed.items()
                for language, several in languages.items()
                for pattern in several
            ),
            everywhere,
        ),
        "telling": {
            code: sorted({fold(clean(word)) for word in several}) for code, several in telling.items()
        },
    }
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)


def load_words(compiled: bytes) -> Words:
    """What `compile_words` gave, ready to be searched."""
    index = json.loads(gzip.decompress(compiled))
    return Words(
        {code: Lexicon(code, content) for code, content in index["lexicons"].items()},
        CrisisRules(index["crisis"]),
        Patterns(index["wishes"]),
        {code: frozenset(several) for code, several in index["telling"].items()},
    )


def _listed(path: Path) -> dict[str, Any]:
    listed: dict[str, Any] = read_yaml(path) if path.exists() else {}
    return listed


def _often(files: Iterable[Path]) -> Counter[str]:
    seen: Counter[str] = Counter()
    for path in files:
        for message in read_messages(path):
            seen.update(set(fold(clean(message.text)).split()))
    return seen
