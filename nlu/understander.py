"""One pass over one message: normalise, language, crisis, needs, intent, facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import yaml

from nlu.classify import CRISIS_SURE, Classifier, features, intent, ranked_needs
from nlu.crisis import CrisisRules, read_rules
from nlu.facts import find_facts
from nlu.language import PERSIAN, Heard, Languages
from nlu.lexicon import Lexicon, read_yaml
from nlu.normalise import clean, fold
from nlu.values import CRISES, Hints, Understanding

LIKELY = 0.1
"""Word lists of languages at least this likely are searched."""


class Understander:
    """Models and word lists, loaded once; `understand` keeps nothing between two messages."""

    def __init__(
        self,
        languages: Languages,
        lexicons: Mapping[str, Lexicon],
        crisis: CrisisRules,
        classifier: Classifier,
    ) -> None:
        self._languages = languages
        self._lexicons = lexicons
        self._crisis = crisis
        self._classifier = classifier

    @classmethod
    def load(cls, data: Path) -> Understander:
        """Reads models, word lists and rules below `data`. Raises OSError or ValueError when something is missing."""
        lexicons, rules = {}, {}
        for path in sorted(data.glob("lexicon/*.yml")):
            with suppress(yaml.YAMLError, KeyError):  # a file that its writer has open
                lexicons[path.stem] = Lexicon.read(path)
        for path in sorted(data.glob("crisis/*.yml")):
            with suppress(yaml.YAMLError):
                rules[path.stem] = read_yaml(path)
        return cls(
            Languages.load(data / "models/language.ftz"),
            lexicons,
            CrisisRules(read_rules(rules)),
            Classifier.load(data / "models/meaning.ftz"),
        )

    def understand(self, text: str, hints: Hints = Hints()) -> Understanding:  # noqa: B008 - a frozen value
        """What one message says, by all that is known here. Never raises."""
        cleaned = clean(text)
        heard = self._languages.hear(cleaned, hints)
        words = fold(cleaned).split()
        if not words:
            return Understanding(
                language=heard.language, candidates=heard.candidates, evidence=heard.evidence
            )
        lexicons = self._likely(heard, hints)
        said = self._classifier.classify(features(words, lexicons))
        crisis, because = self._crisis_in(words, said)
        facts = find_facts(words, lexicons)
        intended, sure = intent(said)
        if crisis is not None:
            intended = "need"
        elif facts.age is not None and all(word.isdecimal() for word in words):
            intended, sure = "inform", 1.0
        return Understanding(
            language=heard.language,
            candidates=heard.candidates,
            intent=intended,
            intent_probability=round(min(1.0, sure), 4),
            needs=ranked_needs(said) if intended == "need" else (),
            crisis=crisis,
            crisis_because=because,
            age=facts.age,
            age_band=facts.age_band,
            gender=facts.gender,
            family=facts.family,
            person=facts.person or ("self" if intended in ("need", "inform") else None),
            evidence=heard.evidence,
        )

    def _likely(self, heard: Heard, hints: Hints) -> list[Lexicon]:
        codes: list[str] = [hints.chosen] if hints.chosen else []
        for code, p in heard.candidates[:4]:
            if p >= LIKELY:
                codes += ["prs", "fa"] if code == PERSIAN else [code]
        codes.append("de")
        return [self._lexicons[code] for code in dict.fromkeys(codes) if code in self._lexicons]

    def _crisis_in(self, words: Sequence[str], said: Mapping[str, float]) -> tuple[str | None, str | None]:
        fired = self._crisis.fired(words)
        if fired:
            return fired[0].kind, fired[0].id
        likely = max(CRISES, key=lambda kind: said.get(kind, 0.0))
        if sum(said.get(kind, 0.0) for kind in CRISES) >= CRISIS_SURE:
            return likely, "classifier"
        return None, None
