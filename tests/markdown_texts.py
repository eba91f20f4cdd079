"""Texts that readers of Markdown trip over, for the tests that hold for any text."""

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st

settings.register_profile("ibid", deadline=None)  # the first example loads the libraries
settings.load_profile("ibid")

DATA = Path(os.environ.get("IBID_DATA") or Path(__file__).parents[2] / "shared" / "data")

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"no evaluation data in {DATA}")

_HEADINGS = (
    *("# One\n", "## Two {#two}\r\n", "#", "###### \n", "Setext\n===\n", "Two\nlines\n---\n"),
    *("**Bold:** ", "**Alone**\n", "**Q: Why?**\n", "**Q:** Why? ", "A: Because.\n", "__x__"),
    *("Key Functions\n", "title: x\n", "+++\n", "...\n", "---\n", "**"),
)  # fmt: skip
_BLOCKS = (
    *("- item\n", "  * nested\n", "1. first\n", "12) twelfth. ", "> quoted\n", "> ", ">\n"),
    *("```\n", "```rust\n", "~~~\r\n", "    # indented\n", "<div>\n", "<!-- x -->\n", "<!--"),
    *("| a | b |\n", "[ref]: http://x.y\n", "[^1]: A note.\n", "{{< tag >}}\n"),
)  # fmt: skip
_WORDS = (
    *("A sentence. ", "Another one! ", "Why? ", "No. ", "e.g. this ", "Dr. Who ", "[Source: x] "),
    *("word ", "x" * 300, "long words here " * 40, "“Quoted.” ", "…", "1,000.5 ", "(y) ", "`code`"),
    *("[text](url)", "[text][ref]\n", "![", "é", "e\u0301", "漢字。", "😀", "\u202e", "\U000e0041"),
)  # fmt: skip
_MARKS = (
    *("[[note|words]] ", "![[note#part]]\n", "> [!tip] Title\n", "%% hidden %%", "==high== "),
    *(":::tip Title\n", ":::\n", '!!! note "Title"\n', "{{< x >}}", '{{ "x" | y }}', "{% x %}"),
    *("<b>bold</b>", "H<sub>2</sub>O", "<br>", "<p>", "<h2>Head</h2>\n", "```dataview\n", "{#a}"),
    *("|---|---|\n", "a | b\n", "[^1] ", "[1] Entry. Of it.\n", ".[2] ", "Term\n: Meaning\n"),
    *("key:: value\n", "<ref>x</ref>", "== Head ==\n", "<script>", "{% comment %}", "{{box\n"),
    *(" ^id\n", "- [ ] task\n", "$x_1$ ", "%%", "}}\n"),
)
_SPACES = (
    *("\n", "\n\n", "\r", "\r\n", "\r\n\r\n", " ", "  ", "\t"),
    *("\xa0", "\u2028", "\x0c", "\x85", "\x1c", "\ufeff"),
)
_FRAGMENTS = (*_HEADINGS, *_BLOCKS, *_WORDS, *_MARKS, *_SPACES)

texts = st.one_of(
    st.lists(st.sampled_from(_FRAGMENTS), max_size=40).map("".join),
    st.lists(st.sampled_from(_FRAGMENTS) | st.text(max_size=5), max_size=25).map("".join),
    st.text(max_size=200),
).map(lambda text: text.replace("\0", "").encode("utf-8", "ignore").decode())
"""Any text that a UTF-8 file can hold, most of it like Markdown."""


def blog_articles(every: int) -> Iterator[tuple[str, bytes]]:
    """Yield every so-manieth of the 1,600 real articles: its name and its bytes."""
    for archive in sorted((DATA / "blogs").glob("*.tar.gz")):
        with tarfile.open(archive) as blog:
            files = [each for each in blog.getmembers() if each.name.endswith(".md")]
            for file in sorted(files, key=lambda each: each.name)[::every]:
                content = blog.extractfile(file)
                if content is not None:
                    yield f"{archive.name}/{file.name}", content.read()
