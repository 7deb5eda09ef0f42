"""Counting words: splitting, vocabularies, the sentiment table from raw sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from calcopt.api.perceptron import predict, train_perceptron
from calcopt.learn import text as counting
from calcopt.learn.text import Vocabulary, build_vocabulary, words

SENTENCES = ["Ya Ya Ya", "Na na", "Ya na Ya", "Na na ya na"]
MOODS = ["happy", "sad", "happy", "sad"]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Ya, na; YA!", ["ya", "na", "ya"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("don't don’t 'quoted'", ["don't", "don't", "quoted"]),
        ("ДА Да, 3 Ångström e\u0301", ["да", "да", "3", "ångström", "é"]),
        ("snake_case \u0000 --- …", ["snake", "case"]),
        ("", []),
    ],
)
def test_words(sentence: str, expected: list[str]) -> None:
    assert words(sentence) == expected


def test_vocabulary_is_alphabetical_and_counts() -> None:
    vocabulary, message = build_vocabulary("sentence", SENTENCES)
    assert (vocabulary, message) == (Vocabulary("sentence", ("na", "ya")), None)
    counts, unknown = vocabulary.counts([*SENTENCES, "na so what"])
    assert counts.tolist() == [[0, 3], [2, 0], [1, 2], [3, 1], [1, 0]]
    assert unknown == 2


def test_rare_words_give_way_with_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "LARGEST_VOCABULARY", 2)
    vocabulary, message = build_vocabulary("t", ["c b a", "c b", "c"])
    assert vocabulary.words == ("b", "c")
    assert message == "column 't' has 3 different words; the 2 most frequent ones are used"


def test_the_sentiment_table_from_its_sentences(tmp_path: Path) -> None:
    """D4: the counts of ya and na come from the raw sentences; the same result as from the table of counts."""
    model = tmp_path / "mood.json"
    data = {"sentence": SENTENCES, "mood": MOODS}
    fit = train_perceptron(data, target="mood", text="sentence", l2=0.01, save=model)
    counts = {"na": [0, 2, 1, 3], "ya": [3, 0, 2, 1], "mood": MOODS}
    by_hand = train_perceptron(counts, target="mood", l2=0.01)
    assert fit.features == ("na", "ya")
    assert fit.classes == ("happy", "sad")
    assert fit.weights == by_hand.weights
    assert fit.separable is True
    answers = predict(model, {"sentence": ["ya ya", "na so na", "ya"]})
    assert [answer["prediction"] for answer in answers] == ["happy", "sad", "happy"]
    assert answers.warnings == ("1 word that the model does not know was ignored",)


def test_words_beside_numbers_and_words_named_like_columns() -> None:
    data = {"sentence": SENTENCES, "ya": [9.0, 1.0, 4.0, 2.0], "mood": MOODS}
    fit = train_perceptron(data, target="mood", text="sentence", features=["ya"], l2=0.1)
    assert fit.features == ("ya", "na", "sentence:ya")
    assert list(fit.weights) == ["ya", "na", "sentence:ya"]
