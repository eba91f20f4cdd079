"""A folder of articles made from one seed, and random edits of it."""

from collections.abc import Callable
from pathlib import Path
from random import Random

from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder

FRUITS = ("Apples", "Pears", "Plums", "Cherries", "Quinces", "Medlars", "Figs", "Damsons")
DOES = ("grow in orchards", "ripen in autumn", "fall in the wind", "are pressed", "feed the wasps")
WHERE = ("by the river", "on the hill", "behind the barn", "in the valley", "near the village")
QUESTION = "Which fruits ripen in autumn on the hill?"


def open_library(folder: Path | None, index: Path) -> Library:
    """Open a library as a new process would, with an embedder that needs no model."""
    settings = Settings(model="none")
    return Library.open(folder, index, settings, embedder=HashEmbedder())


def write_article(path: Path, random: Random) -> None:
    """Write an article of one to six paragraphs."""
    title = f"{random.choice(FRUITS)} {random.choice(WHERE)}"
    paragraphs = [
        " ".join(_sentence(random) for _ in range(random.randint(1, 8)))
        for _ in range(random.randint(1, 6))
    ]
    path.write_text(f"# {title}\n\n" + "\n\n## More\n\n".join(paragraphs) + "\n")


def _sentence(random: Random) -> str:
    return f"{random.choice(FRUITS)} {random.choice(DOES)} {random.choice(WHERE)}."


def make_folder(folder: Path, articles: int, random: Random) -> None:
    """Make a folder of `articles` articles."""
    folder.mkdir(parents=True)
    for number in range(articles):
        write_article(folder / f"{number:03}.md", random)


def edit(folder: Path, random: Random) -> None:
    """Change, add, copy, rename or delete one article."""
    paths = sorted(folder.glob("*.md"))
    path, new = random.choice(paths), folder / f"{random.randrange(1000):03}.md"
    edits: tuple[Callable[[], object], ...] = (
        lambda: write_article(path, random),
        lambda: write_article(new, random),
        lambda: new.write_bytes(path.read_bytes()),
        lambda: path.rename(new),
        lambda: path.unlink() if len(paths) > 1 else None,
    )
    random.choice(edits)()
