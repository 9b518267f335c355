"""Rules for a crisis: each holds its two examples; exceptions, other languages, and union with the classifier."""

from __future__ import annotations

import pytest

from nlu import DATA, understand
from nlu.crisis import CrisisRules, Rule
from nlu.normalise import clean, fold
from nlu.values import CRISES, Hints
from nlu.words import COMPILED, all_rules, load_words

RULES = all_rules(DATA)
COMPILED_RULES = load_words((DATA / COMPILED).read_bytes()).crisis


def fired(text: str) -> set[str]:
    return {rule.rule for rule in COMPILED_RULES.look(fold(clean(text)).split()).fired}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_fires_on_its_yes_and_not_on_its_no(rule: Rule) -> None:
    assert rule.id in fired(rule.yes)
    assert rule.id not in fired(rule.no)


def test_every_language_has_rules_of_every_kind() -> None:
    kinds = {language: {rule.kind for rule in RULES if rule.language == language} for language in languages()}
    assert all(seen == set(CRISES) for seen in kinds.values())


def languages() -> set[str]:
    return {rule.language for rule in RULES}


def small(*rules: Rule) -> CrisisRules:
    return CrisisRules(CrisisRules.build(rules, {}))


DIE = Rule("en/die", "en", "suicide", ("want to die",), ("film",), "", "")
DIE_DE = Rule("de/sterben", "de", "suicide", ("die wand", "wie die want to die"), (), "", "")


def test_an_exception_silences_only_what_is_near() -> None:
    rules = small(DIE)
    assert not rules.look(["i", "saw", "a", "film", "where", "they", "want", "to", "die"]).fired
    far = "i saw a film " + "and then we went home and ate and slept and talked a lot " * 2 + "i want to die"
    assert rules.look(far.split()).fired


def test_a_rule_of_another_language_needs_more_than_a_word() -> None:
    rules = small(DIE, Rule("en/one", "en", "danger", ("hilfe",), (), "", ""))
    assert not rules.look(["hilfe"], likely=("de",)).fired
    assert rules.look(["want", "to", "die"], likely=("de",)).fired


def test_an_exception_of_a_likely_language_silences_other_languages() -> None:
    rules = small(Rule("de/kill", "de", "suicide", ("kill myself tomorrow",), (), "", ""), DIE)
    assert rules.look(["kill", "myself", "tomorrow"], likely=("en",)).fired
    assert not rules.look(["film", "kill", "myself", "tomorrow"], likely=("en",)).fired


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ich will nicht mehr leben", "suicide"),
        ("i took all the pills", "suicide"),
        ("er steht mit einem messer vor meiner tür", "danger"),
        ("my baby is not breathing", "medical"),
        ("شوهرم کارد گرفته پشت در ایستاده", "danger"),
        ("ez dixwazim xwe bikujim", "suicide"),
    ],
)
def test_a_crisis_is_seen_whatever_language_is_expected(text: str, kind: str) -> None:
    for hints in (Hints(), Hints(app_language="so"), Hints(chosen="uk"), Hints(history={"tr": 2.0})):
        said = understand(text, hints)
        assert said.crisis == kind
        assert said.intent == "need"


@pytest.mark.parametrize(
    "text",
    [
        "ich lache mich tot",
        "my battery died",
        "das jobcenter bringt mich noch um mit den papieren",
        "از خنده مردم",
        "wir wurden gestern 3:0 geschlagen",
    ],
)
def test_an_idiom_is_no_crisis(text: str) -> None:
    assert understand(text).crisis is None


@pytest.mark.parametrize(
    "text", ["Fest am Montag", "Hallo, ich bin noch da", "Termin morgen um 10", "i live in biebrich"]
)
def test_a_short_plain_sentence_is_no_alarm(text: str) -> None:
    assert understand(text).crisis is None
