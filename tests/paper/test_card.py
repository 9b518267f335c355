"""The card that opens a door: both languages, only what was chosen to say, never a secret address."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from bot.conversation.actions import summary
from bot.languages.registry import LANGUAGES
from bot.offers.model import Location, Offer, Speaker
from bot.paper import typeset
from bot.paper.card import DoorOpener, as_pdf, as_png, as_text, door_opener
from tests.paper.read import boxes_shown, pages, word, words
from tests.paper.test_poster import MOST_BYTES, MOST_SECONDS
from tests.paper.world import OFFERS, WORLD

GRIEF = OFFERS["abendstern-kinder"]
REFUGE = OFFERS["ahorn-schutzhaus"]
SAID = {
    "need": ["sleep", "grief", "violence"],
    "person": "child",
    "age_band": "child",
    "gender": "female",
    "family": ["single_parent", "children"],
    "area": "suedost",
}
GOLDEN = {
    "ar": "أرجو إعطائي موعداً بحضور مترجم. يمكن قول هذا على الهاتف: غوتن تاك بيته شبريشن زي لانغزام",
    "prs": "در جستجوی کمک استم. لطفاً برایم وقت با ترجمان بدهید. گوتن تاک ایش شپرشه دری فیلن دانک",
    "ckb": "کەمێک ئەڵمانی دەزانم. تکایە ڕۆژ و کاتژمێرم بۆ بنووسن. گووتن تاک ئیش زووخە هیلفە",
    "ti": "ሓገዝ እደሊ ኣለኹ። ብኽብረትኩም ምስ ተርጓሚ ቆጸራ ሃቡኒ። ጉተን ታክ ቢተ ሽፕረሸን ዚ ላንግዛም",
}


def card(language: str, offer: Offer = GRIEF, said: dict[str, Any] | None = None) -> DoorOpener:
    return door_opener(offer, language, said or {}, WORLD)


def german(opener: DoorOpener) -> list[str]:
    return [line.german for line in opener.show]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_can_be_made_in_every_language(language: str) -> None:
    opener = card(language, said=SAID)
    pdf = as_pdf(opener)
    assert pages(pdf) == [(105, 148), (105, 148)]
    assert boxes_shown(pdf) == 0
    assert len(pdf) <= MOST_BYTES
    assert all(picture.startswith(b"\x89PNG") for picture in as_png(opener))
    text = as_text(opener)
    assert "{" not in text
    assert all(line.own in text and line.german in text for line in opener.show)


@pytest.mark.parametrize("language", GOLDEN)
def test_the_words_stand_on_the_paper(language: str) -> None:
    pdf = as_pdf(card(language, replace(GRIEF, languages=())))
    assert {word(each) for each in GOLDEN[language].split()} <= words(pdf)


def test_an_office_reads_it_in_german() -> None:
    opener = card("prs", said={"need": ["sleep"]})
    assert german(opener) == [
        "Guten Tag.",
        "Ich spreche Dari.",
        "Ich spreche wenig Deutsch.",
        "Ich suche Hilfe.",
        "Darum geht es: Schlaf.",
        "Bitte geben Sie mir einen Termin mit Sprachmittlung.",
        "Bitte schreiben Sie mir Tag und Uhrzeit auf.",
    ]
    assert {word(each) for line in german(opener) for each in line.split()} <= words(as_pdf(opener))


def test_where_somebody_speaks_the_language_no_interpreter_is_asked_for() -> None:
    opener = card("prs", replace(GRIEF, languages=(("prs", Speaker.OWN),)))
    assert "Bitte geben Sie mir einen Termin in meiner Sprache." in german(opener)
    assert "Sprachmittlung" not in as_text(opener)


def test_only_what_was_chosen_is_said() -> None:
    for slot, value in SAID.items():
        told = card("ar", said={slot: value})
        about = [line for line in told.show if "Darum geht es" in line.german]
        assert len(about) == 1
        assert about[0].german.count(",") == len(summary({slot: value})) - 1
    silent = as_text(card("ar"))
    assert "Darum geht es" not in silent
    assert "Schlaf" not in silent


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_confidential_address_is_never_printed(language: str) -> None:
    place = Location("mitte", "Geheimweg 7", 50.08, 8.24, confidential=True)
    opener = card(language, replace(REFUGE, place=place), SAID)
    assert "Geheimweg" not in as_text(opener) + repr(opener)
    assert word("Geheimweg") not in words(as_pdf(opener))
    assert opener.way is not None
    assert (
        opener.way.german == "Die Adresse ist geheim, zum Schutz der Menschen dort. Bitte rufen Sie erst an."
    )


def test_the_way_is_told_where_there_is_one() -> None:
    assert GRIEF.place
    assert GRIEF.place.address
    assert GRIEF.place.address in as_text(card("tr"))
    assert card("tr", replace(GRIEF, place=None)).way is None


def test_the_phone_script_sounds_in_own_and_in_latin_letters() -> None:
    by_german = {each.german: each for each in card("prs").say}
    spoken = by_german["Ich spreche Dari."]
    assert spoken.sound.replace("\u2068", "").replace("\u2069", "") == "ایش شپرشه دری"
    assert spoken.latin == "ish shpreshe Dari"
    turkish = {each.german: each for each in card("tr").say}["Ich spreche Türkisch."]
    assert (turkish.sound, turkish.latin) == ("iş şpreşe türkiş", "")


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "de"])
def test_every_sentence_to_say_has_its_sound(language: str) -> None:
    assert all(each.sound and each.sound != each.german for each in card(language).say)


def test_a_german_speaker_needs_no_interpreter_and_no_sounds() -> None:
    text = as_text(card("de"))
    assert text.count("Ich suche Hilfe.") == 3  # to show, to say, to write
    assert "Sprachmittlung" not in text
    assert "Deutsch" not in text.replace("(Deutsch)", "")


def test_the_mail_can_be_copied() -> None:
    mail = card("uk", replace(GRIEF, email="hallo@example.org"), {"need": ["grief"]}).mail
    assert (mail.to, mail.subject) == ("hallo@example.org", "Bitte um einen Termin (Ukrainisch)")
    assert mail.body.splitlines()[0] == "Guten Tag."
    assert "Darum geht es: Verlust und Trauer." in mail.body
    assert mail.body.splitlines()[-1] == "Vielen Dank."


def test_it_is_quick() -> None:
    typeset._fonts.cache_clear()
    start = time.perf_counter()
    as_pdf(card("prs", said=SAID))
    assert time.perf_counter() - start <= MOST_SECONDS


def test_every_demo_offer_has_a_card() -> None:
    for offer in OFFERS.values():
        opener = card("ti", offer, SAID)
        assert opener.whom[0] == offer.organization.name
        confidential = offer.place is not None and offer.place.confidential
        assert not (confidential and offer.place and offer.place.address)
