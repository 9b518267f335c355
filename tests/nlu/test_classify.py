"""What is made of the probabilities of the classifiers: person, gender, odds of a crisis, needs."""

from __future__ import annotations

import pytest

from nlu.classify import crisis_odds, gender, person, ranked_needs
from nlu.fit import group_of
from nlu.values import NEEDS


def test_the_person_is_likeliest_over_all_genders() -> None:
    assert person({"self-none": 0.4, "child-male": 0.3, "child-female": 0.3}) == "child"
    assert person({}) == "self"


@pytest.mark.parametrize(
    ("said", "about", "told"),
    [
        ({"female": 0.9, "none": 0.1}, {"self-female": 0.8, "self-none": 0.2}, "female"),
        ({"none": 0.99, "male": 0.01}, {"child-none": 1.0}, None),
        ({}, {}, None),
    ],
)
def test_a_gender_is_told_where_it_is_likely(
    said: dict[str, float], about: dict[str, float], told: str | None
) -> None:
    assert gender(said, about) == told


def test_kinds_of_crisis_count_together() -> None:
    several = {"suicide": 0.2, "danger": 0.2, "medical": 0.2, "sleep": 0.4}
    assert crisis_odds(several) == pytest.approx(0.405, abs=1e-3)
    assert crisis_odds({}) == pytest.approx(-crisis_odds({"suicide": 1.0}))


def test_needs_are_ranked_and_at_most_three() -> None:
    ranked = ranked_needs({need: 1.0 / (at + 2) for at, need in enumerate(NEEDS)})
    assert [need for need, _p in ranked] == list(NEEDS[:3])
    assert ranked_needs({"greet": 0.99, "sleep": 0.01}) == ()


def test_labels_compete_within_their_group() -> None:
    assert group_of("__label__gender:female") == "gender"
    assert group_of("__label__age") == ""
