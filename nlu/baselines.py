"""Simple understanding to compare with: counting concepts for needs, others' detectors for language.

Used by `evaluate --baseline` and `evaluate-language --baseline` only; pycld2 and lid.176 are not dependencies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from nlu.evaluate import Hear
from nlu.language import LANGUAGES, NAMED, OTHER, Heard
from nlu.lexicon import CONCEPT
from nlu.understander import Understander
from nlu.values import CRISES, NEEDS, Hints, Understanding

CONCEPTS: Mapping[str, Sequence[str]] = {
    "counselling": ("talk", "listen", "advice", "therapy", "psychologist"),
    "trauma": (
        "war",
        "bomb",
        "torture",
        "prison",
        "soldier",
        "memory",
        "flashback",
        "sea_boat",
        "flight",
        "kidnap",
    ),
    "sleep": ("sleep", "nightmare", "awake", "night"),
    "depression": ("sad", "cry", "hopeless", "tired", "empty", "no_meaning"),
    "anxiety": ("fear", "panic", "worry", "nervous", "heart", "breath"),
    "grief": ("died", "grave", "mourning", "lost", "missing_person"),
    "violence": (
        "hit",
        "threaten",
        "sexual_violence",
        "control",
        "forced_marriage",
        "fgm",
        "insult",
        "blackmail",
    ),
    "addiction": ("alcohol", "drugs", "cannabis", "smoke", "gambling", "quit_habit", "dependent"),
    "pregnancy": ("pregnant", "birth", "breastfeed", "abortion", "miscarriage"),
    "parenting": ("school", "kindergarten", "bedwetting", "teenager", "behaviour", "screen", "upbringing"),
    "family": ("quarrel", "divorce", "separation", "marriage", "inlaws", "custody", "cheat", "jealous"),
    "psychiatry": ("psychiatrist", "voices", "paranoia", "crazy", "mental_illness"),
    "disability": ("disability", "chronic_illness", "wheelchair", "deaf_blind", "ill"),
    "isolation": ("alone", "nobody", "friends", "lonely", "meet", "group", "sport"),
    "asylum": ("asylum", "rejection", "deportation", "bamf", "interview", "duldung", "court", "lawyer"),
    "daily_life": (
        "jobcenter",
        "money",
        "rent",
        "flat",
        "form",
        "work",
        "language_course",
        "appointment",
        "debt",
    ),
    "lgbtiq": ("gay", "lesbian", "trans", "bisexual", "queer", "coming_out", "same_sex"),
    "suicide": ("suicide", "want_die", "self_cut", "end_life", "farewell", "jump"),
    "danger": ("weapon", "lock_in", "follow", "strangle", "kill"),
    "medical": ("unconscious", "ambulance", "faint", "overdose"),
    "greet": ("hello",),
    "thanks": ("thanks",),
    "stop": ("stop",),
    "delete_data": ("delete", "data"),
    "back": ("back",),
    "skip": ("skip",),
    "restart": ("restart",),
    "human": ("human", "bot"),
    "change_language": ("language",),
    "help": ("what_can_you_do",),
    "emergency_number": ("number", "emergency"),
    "out_of_scope": ("weather", "food", "football", "joke"),
}
_CLD2 = {"iw": OTHER, "ku": "ckb", "hr": "bcs", "sr": "bcs", "bs": "bcs", "fa": "fas"}


class Keywords:
    """Takes the need or act with most concepts in the text; facts by the word lists' patterns alone."""

    def __init__(self, understander: Understander) -> None:
        self._understander = understander

    def understand(self, text: str, hints: Hints) -> Understanding:
        """What counting tells."""
        trace = self._understander.trace(text, hints)
        readings = list((trace.readings or {}).values())
        found = {name for reading in readings for name in reading.names(CONCEPT)}
        counted = Counter({label: len(found.intersection(names)) for label, names in CONCEPTS.items()})
        ranked = [label for label, times in counted.most_common() if times]
        needs = tuple((label, 1.0 / (place + 1)) for place, label in enumerate(ranked) if label in NEEDS)
        acts = [label for label in ranked if label not in NEEDS and label not in CRISES]
        persons = [name.partition("_") for reading in readings for name in reading.names("person")]
        return Understanding(
            language=trace.heard.language,
            candidates=trace.heard.candidates,
            intent="need" if needs or not acts else acts[0],
            needs=needs,
            crisis=next((label for label in ranked if label in CRISES), None),
            age=trace.understanding.age,
            age_band=trace.understanding.age_band,
            gender=next((name for reading in readings for name in reading.names("gender")), None),
            family=frozenset(name for reading in readings for name in reading.names("family")),
            person=persons[0][0] if persons else "self",
        )


def detector(name: str) -> Hear:
    """Another language detector: "pycld2", or the path of a fastText model whose labels are ISO 639-1 codes."""
    if name == "pycld2":
        import pycld2  # type: ignore[import-not-found,unused-ignore]

        def by_cld2(text: str, _hints: Hints) -> Heard:
            text = "".join(sign for sign in text if sign.isprintable())
            try:
                _reliable, _size, details = pycld2.detect(text, bestEffort=True)
            except pycld2.error:
                return _heard("un")
            return _heard(details[0][1])

        return by_cld2

    import fasttext

    model = fasttext.load_model(str(Path(name)))

    def by_fasttext(text: str, _hints: Hints) -> Heard:
        labels, _values = model.predict(text.replace("\n", " "), k=1)
        return _heard(labels[0][9:] if labels else "un")

    return by_fasttext


def _heard(code: str) -> Heard:
    known = _CLD2.get(code, code)
    if known not in (*NAMED, *LANGUAGES):
        known = OTHER
    return Heard(known, ((known, 1.0),), {})
