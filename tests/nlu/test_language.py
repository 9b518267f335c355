"""Which language: script, model, prior, history, and when to ask."""

from __future__ import annotations

import pytest

from nlu import Understanding, understand
from nlu.values import Hints


def top(said: Understanding) -> str | None:
    return said.candidates[0][0] if said.candidates else None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ich kann nachts nicht schlafen und brauche hilfe", "de"),
        ("I need somebody to talk to about my family", "en"),
        ("j'ai besoin de parler avec quelqu'un", "fr"),
        ("geceleri uyuyamıyorum çok korkuyorum", "tr"),
        ("geceleri uyuyamiyorum cok korkuyorum", "tr"),
        ("ez bi şev nikarim razêm", "kmr"),
        ("ez bi sev nikarim razem pir ditirsim", "kmr"),
        ("من شەوان خەوم لێ ناکەوێت", "ckb"),
        ("من شهوان خهوم لى ناكهويت زور ماندووم", "ckb"),
        ("ما بقدر نام بالليل من الخوف", "ar"),
        ("ana ma b2dar nam bel leil w 5ayfe", "ar"),
        ("مجھے رات کو نیند نہیں آتی", "ur"),
        ("زه د شپې خوب نه شم کولای", "ps"),
        ("я не могу спать по ночам", "ru"),
        ("я не можу спати вночі, мені страшно", "uk"),
        ("ለይቲ ክድቅስ ኣይክእልን እየ", "ti"),
        ("ሌሊት መተኛት አልችልም እርዳታ እፈልጋለሁ", "am"),
        ("habeenkii ma seexan karo waan cabsanayaa", "so"),
    ],
)
def test_a_sentence_tells_its_language(text: str, language: str) -> None:
    assert understand(text).language == language


@pytest.mark.parametrize(
    "text", ["7elw el zaka2", "3ndi masekel m3 rajli", "2olo ya alawi a7sn", "5osh 3aleina"]
)
def test_a_digit_at_the_start_of_a_word_stands_for_an_arabic_letter(text: str) -> None:
    assert top(understand(text)) == "ar"


def test_dari_and_persian_are_one_and_asked_once() -> None:
    said = understand("شب ها خواب ندارم و خیلی خسته هستم")
    assert said.language is None
    assert top(said) == "fas"
    assert said.candidates[0][1] >= 0.8
    assert understand("شب ها خواب ندارم", Hints(chosen="prs")).language == "prs"


def test_a_word_that_only_one_of_them_has_decides() -> None:
    assert understand("شفاخانه کجاس که داکتر دری گپ بزنه").language == "prs"
    assert understand("شب ها نمیتونم بخوابم مامانم هم مریضه").language == "fa"
    assert understand("شفاخانه یا بیمارستان کجاست").language is None


def test_the_chosen_language_always_wins() -> None:
    assert understand("I cannot sleep at night because of fear", Hints(chosen="ti")).language == "ti"


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "1234", "۱۲۳۴", "...", "?!", "٤٥ 🙏", "\u200f\u202e"])
def test_no_letters_are_no_language(text: str) -> None:
    said = understand(text)
    assert said.language is None
    assert said.candidates == ()


@pytest.mark.parametrize(
    ("app", "language", "candidates"),
    [
        ("de", "de", {"de"}),
        ("uk-UA", "uk", {"uk"}),
        ("ku", None, {"kmr", "ckb"}),
        ("fa", None, {"fas"}),
        ("pt-br", None, set()),
        (None, None, set()),
    ],
)
def test_without_letters_the_app_speaks_if_it_names_one_language(
    app: str | None, language: str | None, candidates: set[str]
) -> None:
    said = understand("🙏", Hints(app_language=app))
    assert said.language == language
    assert {code for code, _p in said.candidates} == candidates


@pytest.mark.parametrize("text", ["hallo", "salam", "سلام", "hi there", "ok"])
def test_one_or_two_words_are_asked_about(text: str) -> None:
    assert understand(text).language is None


def test_a_script_with_one_language_needs_no_second_word() -> None:
    assert understand("გამარჯობა").language == "ka"


@pytest.mark.parametrize(
    "text",
    [
        "Potrzebuję pomocy, nie mogę spać w nocy",
        "Δεν μπορώ να κοιμηθώ τη νύχτα",
        "मुझे रात को नींद नहीं आती",
        "我晚上睡不着觉",
        "אני לא יכול לישון בלילה",
    ],
)
def test_a_language_not_spoken_here_is_other(text: str) -> None:
    said = understand(text)
    assert said.language is None
    assert top(said) == "other"


def test_earlier_messages_decide_a_short_one() -> None:
    first = understand("geceleri uyuyamıyorum çok korkuyorum")
    assert understand("tamam", Hints(history=first.evidence)).language == "tr"
    assert understand("😀", Hints(history=first.evidence)).language == "tr"


def test_one_foreign_word_does_not_switch_but_a_sentence_does() -> None:
    turkish = understand("geceleri uyuyamıyorum çok korkuyorum").evidence
    assert understand("hello", Hints(history=turkish)).language == "tr"
    assert (
        understand("i speak english, can you please answer me in english", Hints(history=turkish)).language
        == "en"
    )


def test_two_messages_in_a_row_switch() -> None:
    turkish = understand("geceleri uyuyamıyorum çok korkuyorum").evidence
    once = understand("danke schön", Hints(history=turkish))
    assert once.language == "tr"
    assert understand("bis morgen wieder", Hints(history=once.evidence)).language == "de"


def test_evidence_stays_small() -> None:
    evidence: dict[str, float] = {}
    for _turn in range(30):
        evidence = dict(understand("ich kann nachts nicht schlafen", Hints(history=evidence)).evidence)
    assert max(evidence.values()) < 5
    assert len(evidence) < 20


def test_the_app_language_tips_the_scales_only_a_little() -> None:
    assert understand("я не могу спать по ночам", Hints(app_language="uk")).language == "ru"
