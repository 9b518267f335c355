"""`python -m nlu check`: the committed data is in order, and what is wrong is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu import DATA
from nlu.__main__ import HELD_OUT
from nlu.check import alike, problems
from nlu.messages import message_files, read_messages


def test_the_data_is_in_order() -> None:
    assert list(problems(DATA, sorted(HELD_OUT.glob("*.jsonl")))) == []


@pytest.mark.parametrize(
    ("one", "other", "too_much"),
    [
        ("i cannot sleep because of bad dreams", "i cannot sleep because of bad dreams!!", True),
        ("i cannot sleep because of bad dreams", "i can not sleep because of bad dream", True),
        ("i cannot sleep because of bad dreams", "my daughter was insulted at school", False),
        ("danke", "danke", True),
        ("danke", "danke 🙏", False),
    ],
)
def test_near_duplicates_are_found(one: str, other: str, too_much: bool) -> None:
    assert bool(list(alike([("a", one), ("b", other)]))) == too_much


def test_only_pairs_with_a_training_message_are_compared() -> None:
    texts = [("training", "a"), ("held out", "the same words again"), ("held out", "the same words again")]
    assert not list(alike(texts, own=1))


def test_a_language_with_too_few_messages_and_a_broken_rule_is_told(tmp_path: Path) -> None:
    (tmp_path / "nlu").mkdir()
    (tmp_path / "nlu/de.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: sleep\n  examples: |\n    - ich schlafe nicht\n', encoding="utf-8"
    )
    (tmp_path / "crisis.yml").write_text(
        'de:\n- id: x\n  kind: danger\n  any: ["messer"]\n  unless: []\n  "yes": "gabel"\n  "no": "messer"\n',
        encoding="utf-8",
    )
    told = "\n".join(problems(tmp_path))
    assert "de: 1 messages for sleep, 60 needed" in told
    assert "de: 0 crisis messages, 100 needed" in told
    assert "crisis rule de/x misses its example “gabel”" in told
    assert "crisis rule de/x fires on its example “messer”" in told


def test_messages_of_further_hands_count_and_teach_only_what_is_annotated(tmp_path: Path) -> None:
    for folder, line in (("nlu", "[ich](male) schlafe nicht"), ("nlu/partly", "mein Kind schläft nicht")):
        (tmp_path / folder).mkdir(exist_ok=True)
        content = f'version: "3.1"\nnlu:\n- intent: sleep\n  examples: |\n    - {line}\n'
        (tmp_path / folder / "de.yml").write_text(content, encoding="utf-8")
    files = message_files(tmp_path)
    whole = [message.whole for path in files["de"] for message in read_messages(path)]
    assert whole == [True, False]
    assert "de: 2 messages for sleep, 60 needed" in "\n".join(problems(tmp_path))
