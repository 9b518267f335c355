"""Every language is complete and well; whoever adds a text adds it in all of them."""

from __future__ import annotations

import pytest

from bot.languages.catalogs import translated
from bot.languages.check import check
from bot.languages.registry import LANGUAGES
from bot.languages.upkeep import TEMPLATE, template


@pytest.mark.parametrize("code", list(LANGUAGES))
def test_the_catalog_is_well(code: str) -> None:
    assert [str(problem) for problem in check(code)] == []


def test_there_is_a_catalog_for_every_language() -> None:
    assert {*translated(), "en"} == set(LANGUAGES)


def test_the_template_has_the_texts_of_today() -> None:
    """When this fails: python -m bot languages extract && python -m bot languages update."""
    assert TEMPLATE.read_bytes() == template()
