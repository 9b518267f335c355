"""One pass over one message: normalise, language, words, crisis, needs, intent, facts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nlu import classify, facts
from nlu.classify import Classifiers
from nlu.crisis import Alarm
from nlu.language import LANGUAGES, PERSIAN, Heard, Languages
from nlu.lexicon import Reading
from nlu.normalise import clean, emoji, fold
from nlu.values import CRISES, Hints, Understanding
from nlu.words import COMPILED, Words, load_words

LIKELY = 0.08
"""Word lists of languages at least this likely are searched, and their crisis rules need no second word."""
AT_MOST_LISTS = 4
CRISIS_LOGIT, A_RULE, A_FOREIGN_RULE = -1.0, 1.0, 0.5
"""A crisis is told where the classifier's log odds reach the first; a rule that fires adds to them (the second, or the
third if it is of a language that the text is hardly in). Chosen on the held-out messages, recall before precision: a
false alarm costs one tap (SAFETY §1; docs/understanding.md has the other choices)."""
SHORT, CRISIS_LOGIT_SHORT = 6, 0.0
"""In a message of fewer words without a rule the classifier must be surer: a plain sentence is often new to it."""
LEAST_WORDS = 3
"""In a shorter message the classifier, which averages, is sure of words it hardly knows: there a rule has to fire."""
MANY_WORDS = 40
"""In a longer message a crisis may be one sentence of many: there a rule of a likely language decides alone."""
AGE_SURE, AGE_SURE_BY_RULE = 0.5, 0.3
"""From these probabilities on a number is an age, without and with a rule for ages; in cross-validation .97 of the
ages are found then, and one message without an age in 230 gets one."""
WISH_SURE, NEED_BESIDE_WISH = 0.3, 0.8
FEW_WORDS = 3
CLASSIFIER = "classifier"
GERMAN = "de"
"""German words stand in everybody's messages: its lists are searched whenever there are Latin letters."""


@dataclass(frozen=True, slots=True)
class Trace:
    """All that led to an understanding, for those who correct it (`python -m nlu explain`)."""

    understanding: Understanding
    heard: Heard
    words: tuple[str, ...] = ()
    readings: Mapping[str, Reading] | None = None
    line: str = ""
    alarm: Alarm = field(default_factory=Alarm)
    probabilities: Mapping[str, Mapping[str, float]] | None = None


class Understander:
    """Models and word lists, loaded once; nothing is kept between two messages."""

    def __init__(self, languages: Languages, words: Words, classifiers: Classifiers) -> None:
        self._languages = languages
        self._words = words
        self._classifiers = classifiers

    @classmethod
    def load(cls, data: Path) -> Understander:
        """Reads models and compiled word lists below `data`. Raises OSError or ValueError when something is missing."""
        models = data / "models"
        words = load_words((data / COMPILED).read_bytes())
        languages = Languages.load(models / "language.ftz", words.telling)
        return cls(languages, words, Classifiers.load(models))

    def understand(self, text: str, hints: Hints = Hints()) -> Understanding:  # noqa: B008 - a frozen value
        """What one message says, by all that is known here. Never raises."""
        return self.trace(text, hints).understanding

    def meaning(self, line: str) -> Mapping[str, float]:
        """What the main classifier says of a line of features (Trace.line)."""
        return self._classifiers.read(line)["meaning"]

    def hear(self, text: str, hints: Hints = Hints()) -> Heard:  # noqa: B008 - a frozen value
        """The language alone."""
        return self._languages.hear(clean(text), hints)

    def trace(self, text: str, hints: Hints = Hints()) -> Trace:  # noqa: B008 - a frozen value
        """The same with all that led to it."""
        cleaned = clean(text)
        heard = self._languages.hear(cleaned, hints)
        words = fold(cleaned).split()
        language = {"language": heard.language, "candidates": heard.candidates, "evidence": heard.evidence}
        faces = emoji(cleaned)
        if not (words or faces):
            return Trace(Understanding(**language), heard)  # type: ignore[arg-type]
        likely = self._likely(heard, hints)
        lists = dict.fromkeys((*likely, GERMAN) if heard.latin else likely)
        readings = {
            code: self._words.lexicons[code].read(words) for code in lists if code in self._words.lexicons
        }
        several = tuple(readings.values())
        signs = classify.signs(several)
        line = classify.line_of(words, faces, signs)
        said = self._classifiers.read(line)
        alarm = self._words.crisis.look(words, likely)
        wishes = self._wishes(words, said["meaning"])
        intent, sure = classify.intent(said["meaning"])
        needs = classify.ranked_needs(said["meaning"])
        person, gender = self._person(said, several)
        bare = facts.bare_age(several[0].words if several else words)
        age = self._age(several, person, cleaned) if bare is None else bare
        if bare is not None:
            crisis, because = _by_rule(alarm)
            intent, sure, needs = "inform", 1.0, ()
        else:
            crisis, because = _crisis(said, alarm, likely, len(words))
            if wishes and (not needs or needs[0][1] * sure < NEED_BESIDE_WISH):
                intent, needs = "need", ()
        if crisis is not None:
            intent = "need"
        concerns = bare is not None or crisis is not None or intent in ("need", "inform")
        understanding = Understanding(
            **language,  # type: ignore[arg-type]
            intent=intent,
            intent_probability=round(sure, 4),
            needs=needs,
            crisis=crisis,
            crisis_because=because,
            age=age,
            age_band=facts.band(age, person, crisis, several),
            gender=gender if concerns else None,
            family=facts.family(several, said["family"]),
            person=person if concerns else None,
            wishes=wishes,
        )
        return Trace(understanding, heard, tuple(words), readings, line, alarm, said)

    def _likely(self, heard: Heard, hints: Hints) -> tuple[str, ...]:
        """The languages that the text may be in, likeliest first."""
        codes: list[str] = []
        for code, p in heard.candidates[:AT_MOST_LISTS]:
            if p >= LIKELY:
                codes += ["prs", "fa"] if code == PERSIAN else [code]
        if hints.chosen:
            codes.insert(0 if heard.script == "" else 1, hints.chosen)
        return tuple(code for code in dict.fromkeys(codes) if code in LANGUAGES)

    def _wishes(self, words: Sequence[str], said: Mapping[str, float]) -> frozenset[str]:
        """Wishes in a short message, or in one that is a wish as a whole: "no more" in a story is none."""
        if len(words) > FEW_WORDS and said.get(classify.WISH, 0.0) < WISH_SURE:
            return frozenset()
        return frozenset(wish for wish, _start, _end in self._words.wishes.find(words))

    @staticmethod
    def _person(
        said: Mapping[str, Mapping[str, float]], readings: Sequence[Reading]
    ) -> tuple[str, str | None]:
        person, gender = classify.person(said["about"]), classify.gender(said["gender"], said["about"])
        if person != "self":
            gender = facts.gender_of(person, readings) or gender
        return person, gender

    def _age(self, readings: Sequence[Reading], person: str, cleaned: str) -> int | None:
        if not any(word.isdecimal() for reading in readings for word in reading.words):
            return None
        if (by_birth := facts.age_by_birth(readings)) is not None:
            return by_birth
        ages = [
            number
            for number in facts.numbers(readings, cleaned)
            if self._classifiers.age.classify(number.line).get(classify.AGE, 0.0)
            >= (AGE_SURE_BY_RULE if number.by_rule else AGE_SURE)
        ]
        return facts.nearest(ages, readings, person)


def _by_rule(alarm: Alarm) -> tuple[str | None, str | None]:
    return (alarm.fired[0].kind, alarm.fired[0].rule) if alarm.fired else (None, None)


def _crisis(
    said: Mapping[str, Mapping[str, float]], alarm: Alarm, likely: Sequence[str], length: int
) -> tuple[str | None, str | None]:
    """The kind of crisis and what told it: rules and classifier together, so that neither decides against all odds."""
    odds = classify.crisis_odds(said["meaning"])
    if any(fired.language in likely for fired in alarm.fired):
        odds += A_RULE if length <= MANY_WORDS else math.inf
    elif alarm.fired:
        odds += A_FOREIGN_RULE
    enough = CRISIS_LOGIT if alarm.fired or length >= SHORT else CRISIS_LOGIT_SHORT
    if odds < enough or (length < LEAST_WORDS and not alarm.fired):
        return None, None
    if alarm.fired:
        return _by_rule(alarm)
    return max(CRISES, key=lambda one: said["meaning"].get(one, 0.0)), CLASSIFIER
