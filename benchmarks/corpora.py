"""Seeded corpora of any size, in the shape of matrix cells, and queries for them.

Words are drawn as they are in prose: frequencies follow Zipf and Mandelbrot,
a record keeps to the words of its topic, and terms of several words come
whole.  The frequent words are those of the bundled cell, then those of the
thesaurus, so that queries are expanded as real ones are; the long tail is
made of syllables.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from itertools import accumulate, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.analysis import STOP_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CORPUS = Path(__file__).parent.parent / "corpus"
VOCABULARY = 80_000
TOPICS = 300
TOPIC_WORDS = 40
ENTRIES_PER_CELL = 20
PUBLISHERS = ("Ministry of Justice", "Public Health England", "World Health Organization",
              "NHS Health Scotland", "Welsh Government", "Department of Health", "RAND Corporation",
              "National Institute on Alcohol Abuse and Alcoholism", "Home Office",
              "European Monitoring Centre for Drugs and Drug Addiction")  # fmt: skip
TAGS = ("UK", "USA", "Canada", "Australia", "International", "")
CODES = ("S", "K", "R", "G", "K", "K", "R", "S G", "R G")
_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in ("a", "e", "i", "o", "u", "ar", "en", "or")]


class Entry(NamedTuple):
    """A record to be: what a cell says of it."""

    codes: str
    title: str
    publisher: str
    tag: str
    year: int
    summary: str

    def page(self) -> str:
        """Return it as it stands in a cell."""
        tag = f"[{self.tag}] " if self.tag else ""
        return f"{self.codes} {self.title} ({tag}{self.publisher}, {self.year}). {self.summary}"


class Language:
    """Words with their frequencies, topics, and terms of several words."""

    def __init__(self, seed: int = 5) -> None:
        rng = random.Random(seed)  # noqa: S311 - a corpus, no secret
        page = re.findall(r"[a-z]{2,}", (CORPUS / "alcohol-e5.txt").read_text("utf-8").lower())
        quoted = re.findall(r'"([a-z -]+)"', (CORPUS / "thesaurus.toml").read_text("utf-8"))
        self.terms = sorted({term for term in quoted if " " in term})
        words = dict.fromkeys(word for word, _ in Counter(page).most_common())
        words.update(dict.fromkeys(w for term in sorted(quoted) for w in re.split("[ -]", term)))
        self.words = [word for word in words if word]
        while len(self.words) < VOCABULARY:
            self.words.append("".join(rng.choices(_SYLLABLES, k=rng.choice((2, 3, 3, 4)))))
        self._weights = list(accumulate(1 / (rank + 2) ** 1.2 for rank in range(VOCABULARY)))
        telling = [w for w in self.words[:4000] if w not in STOP_WORDS]
        self._topics = [rng.sample(telling, TOPIC_WORDS) for _ in range(TOPICS)]
        self._topic_weights = list(accumulate(1 / (rank + 1) for rank in range(TOPIC_WORDS)))

    def prose(self, rng: random.Random, topic: int, length: int) -> list[str]:
        """Return about ``length`` words on a topic."""
        found: list[str] = []
        common = rng.choices(self.words, cum_weights=self._weights, k=length)
        own = iter(rng.choices(self._topics[topic], cum_weights=self._topic_weights, k=length))
        for word in common:
            chance = rng.random()
            if chance < 0.02:
                found += rng.choice(self.terms).split()
            else:
                found.append(next(own) if chance < 0.2 else word)
            if len(found) >= length:
                break
        return found

    def entry(self, rng: random.Random, number: int, length: int) -> Entry:
        """Return one entry with a summary of about ``length`` words."""
        topic = rng.randrange(TOPICS)
        title = " ".join(self.prose(rng, topic, rng.randint(5, 11))).capitalize()
        words = self.prose(rng, topic, max(20, round(rng.gauss(length, length / 4))))
        sentences = []
        while words:
            n = rng.randint(8, 30)
            sentences.append(" ".join(words[:n]).capitalize() + ".")
            words = words[n:]
        return Entry(
            rng.choice(CODES),
            f"{title} {number}",
            rng.choice(PUBLISHERS),
            rng.choice(TAGS),
            rng.randint(1970, 2024),
            " ".join(sentences),
        )


def entries(count: int, seed: int = 5, length: int = 110) -> Iterator[Entry]:
    """Yield ``count`` entries; with its title an entry has about ten words more than ``length``."""
    language, rng = Language(seed), random.Random(seed)  # noqa: S311 - a corpus, no secret
    return (language.entry(rng, number, length) for number in range(count))


def write(folder: Path, made: Iterator[Entry]) -> int:
    """Write entries as cells of a corpus, with the thesaurus, and return the bytes written."""
    folder.mkdir(parents=True)
    (folder / "thesaurus.toml").write_bytes((CORPUS / "thesaurus.toml").read_bytes())
    number = size = 0
    while page := list(islice(made, ENTRIES_PER_CELL)):
        cell = f"{'ABCDE'[number % 5]}{number // 5 % 5 + 1}"
        matrix = "Alcohol" if number // 25 % 2 == 0 else "Drug"
        text = "\n\n".join(
            (
                f"{matrix} Treatment Matrix cell {cell}: Treatment systems; Community",
                "S Seminal studies K Key studies R Reviews G Guidance",
                *(entry.page() for entry in page),
            )
        )
        (folder / f"{number:05}.txt").write_text(text, encoding="utf-8")
        number += 1
        size += len(text.encode())
    return size


def queries(made: Sequence[Entry], count: int, words: int, seed: int = 7) -> list[str]:
    """Return queries of so many words, as somebody would ask who remembers a record.

    Half of them are words of one record, the others a term of the thesaurus
    with words of a record that has it or, where it is long enough, alone.
    """
    rng = random.Random(seed * 10 + words)  # noqa: S311 - a sample, no secret
    terms = [term for term in Language().terms if len(term.split()) <= words]
    found = []
    for number in range(count):
        entry = rng.choice(made)
        telling = [
            w for w in re.findall(r"[a-z]{3,}", entry.summary.lower()) if w not in STOP_WORDS
        ]
        query = rng.choice(terms).split() if terms and number % 2 else []
        query += rng.sample(telling, words - len(query)) if telling else []
        found.append(" ".join(query))
    return found
