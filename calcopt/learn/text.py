"""Words of a text column as features: how often each word of the vocabulary occurs in a row."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from calcopt.learn.network_functions import Array

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
LARGEST_VOCABULARY = 10_000
LARGEST_TABLE = 2**27
"""Most counts of a table (1 GiB of float64, on the disk when they are more than memory is to hold)."""


def words(text: str) -> list[str]:
    """The words of ``text``: runs of letters and digits of any script, compatibility-normalized and case-folded.

    >>> words("Ya na, YA! Don't")
    ['ya', 'na', 'ya', "don't"]
    """
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold().replace("’", "'"))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that count as features, in alphabetical order, of one text ``column``."""

    column: str
    words: tuple[str, ...]
    positions: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "positions", {word: place for place, word in enumerate(self.words)})

    def counts(self, texts: Sequence[str]) -> tuple[Array, int]:
        """The counts (rows, words), and how many words of ``texts`` are not in the vocabulary."""
        table, unknown = np.zeros((len(texts), len(self.words))), 0
        for row, text in enumerate(texts):
            for word in words(text):
                place = self.positions.get(word)
                if place is None:
                    unknown += 1
                else:
                    table[row, place] += 1.0
        return table, unknown


def build_vocabulary(column: str, texts: Iterable[str]) -> tuple[Vocabulary, str | None]:
    """The vocabulary of ``texts``, and a message when rarer words had to be left out."""
    frequency: Counter[str] = Counter()
    rows = 0
    for text in texts:
        frequency.update(words(text))
        rows += 1
    return choose_words(column, frequency, rows)


def choose_words(column: str, frequency: Mapping[str, int], rows: int) -> tuple[Vocabulary, str | None]:
    """The vocabulary from the ``frequency`` of words in ``rows`` texts, and a message when some were left out.

    At most 10,000 words are kept, fewer for very many rows: the most frequent ones, ties alphabetically.
    """
    limit = min(LARGEST_VOCABULARY, max(1, LARGEST_TABLE // max(1, rows)))
    if len(frequency) <= limit:
        return Vocabulary(column, tuple(sorted(frequency))), None
    kept = sorted(frequency, key=lambda word: (-frequency[word], word))[:limit]
    message = f"column '{column}' has {len(frequency):,} different words; the {limit:,} most frequent ones are used"
    return Vocabulary(column, tuple(sorted(kept))), message
