"""An index that is brought up to date, step by step, is the one that a build anew would make."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder
from ibid.types.answers import Hit

NAMES = ("a.md", "b201.txt", "deep/c.md", "d14.markdown", "z.md")
"""A volume begins with the second, and with the one before the last."""

SENTENCES = (
    "Apples grow on trees.",
    "Ripe pears fall in autumn!",
    "Do wasps love plums?",
    "Cider is pressed from apples.",
    "The and of.",
    "Orchards need bees; bees need flowers.",
)
QUESTIONS = ("ripe pears in autumn", "apples", "what do bees need", "wasps")
_YEARS = 365 * 24 * 3600


def text_of(title: str, sentences: Iterable[str]) -> str:
    return f"---\ntitle: {title}\n---\n\n# {title}\n\n" + "\n\n".join(sentences) + "\n"


TEXTS = st.builds(
    text_of, st.sampled_from(["Fruit", "Trees"]), st.lists(st.sampled_from(SENTENCES), max_size=5)
)
"""Some say nothing: they are left out of an index."""


class Editing(RuleBasedStateMachine):
    """Edits a folder at random, and brings its index up to date after each edit."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(mkdtemp(dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
        self.folder = self.root / "articles"
        self.library = self._open("index")
        self.clock = 1_700_000_000

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    @initialize()
    def start(self) -> None:
        self._write("start.md", text_of("Start", SENTENCES))  # so that no folder is empty

    @rule(name=st.sampled_from(NAMES), text=TEXTS)
    def edit(self, name: str, text: str) -> None:
        self._write(name, text)

    @rule(name=st.sampled_from(NAMES))
    def delete(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    @rule(old=st.sampled_from(NAMES), new=st.sampled_from(NAMES))
    def rename(self, old: str, new: str) -> None:
        if (self.folder / old).exists():
            (self.folder / new).parent.mkdir(exist_ok=True)
            (self.folder / old).rename(self.folder / new)

    @rule(name=st.sampled_from(NAMES), copy=st.sampled_from(NAMES))
    def duplicate(self, name: str, copy: str) -> None:
        if (self.folder / name).exists():
            self._write(copy, (self.folder / name).read_text())

    @rule(years=st.integers(-10, 10))
    def move_the_clock(self, years: int) -> None:
        self.clock += years * _YEARS

    @invariant()
    def is_as_if_built_anew(self) -> None:
        if not self.folder.exists():
            return
        self.library.build(prune=True)
        anew = self._open("anew")
        anew.build()
        for library in (self.library, anew):
            assert not library.build().changed
        assert files(self.library) == files(anew)
        assert list(self.library.articles) == list(anew.articles)
        for article in anew.articles:
            assert self.library.passages(article.id) == anew.passages(article.id)
        for question in QUESTIONS:
            assert_same_ranking(self.library.search(question, 20), anew.search(question, 20))
        shutil.rmtree(self.root / "anew")

    def _open(self, index: str) -> Library:
        return Library.open(
            self.folder, self.root / index, Settings(model="none"), embedder=HashEmbedder()
        )

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (self.clock, self.clock))  # often the same: the digest has to decide


def files(library: Library) -> dict[str, bytes]:
    """Return the files of an index whose bytes are determined by the articles."""
    generation = library.store.current()
    names = [name for name in generation.manifest.files if not name.startswith("words")]
    return {name: generation.read(name) for name in names}


def assert_same_ranking(one: list[Hit], other: list[Hit]) -> None:
    assert [hit.passage for hit in one] == [hit.passage for hit in other]
    assert [hit.score for hit in one] == pytest.approx([hit.score for hit in other], abs=1e-5)


TestEditing = pytest.mark.long(Editing.TestCase)
TestEditing.settings = settings(
    max_examples=int(os.environ.get("IBID_SEQUENCES", "6")),
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
