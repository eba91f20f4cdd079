"""What a folder holds beside its articles: what is left out by a rule, and which rule that is."""

import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ibid.reading.patterns import LONGEST, Pattern, read_pattern
from ibid.types import LeftOut

GITIGNORE = ".gitignore"

DEFAULTS = (
    *("node_modules/", "bower_components/", "vendor/bundle/", "site-packages/", "__pycache__/"),
    *("_site/", "_book/", "license", "license.*", "licence", "licence.*", "copying", "copying.*"),
    *("license-mit*", "license-apache*", "license-bsd*", "unlicense", "unlicense.*"),
    *("robots.txt", "humans.txt", "requirements.txt", "requirements-*.txt", "cmakelists.txt"),
)
"""Other people's files, what a tool makes of articles, licences, and files for programs; in any
case of letters."""

_GENERATORS = {
    "hugo.toml hugo.yaml hugo.json": ("/layouts/", "/archetypes/", "/public/", "/resources/_gen/"),
    "_config.yml _config.yaml _config.toml": ("/_layouts/", "/_includes/", "/_sass/"),
    "pelicanconf.py": ("/themes/", "/output/"),
    "mkdocs.yml mkdocs.yaml": ("/site/", "/overrides/"),
    "docusaurus.config.js docusaurus.config.ts": ("/build/",),
    "conf.py index.rst": ("/_build/", "/_templates/"),
}
"""What a site's generator keeps beside its articles: templates, and what it has made."""

_BY_DEFAULT = "excluded by default"
MOST_PATTERNS = 1000
"""Of a .gitignore, which may be hostile, and of the setting."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Patterns as git has them, and what they are called."""

    base: str
    """The folder that they are relative to, with a slash at its end, or nothing."""
    reason: str
    patterns: Sequence[Pattern]
    """The weakest first."""
    folds: bool = False
    mentions: re.Pattern[str] | None = None
    """What every path holds that a pattern fits: most need not be laid beside all patterns."""

    def verdict(self, path: str) -> bool | None:
        """Tell whether a path is left out, None where no pattern says."""
        inner = path[len(self.base) :]
        inner = inner.casefold() if self.folds else inner
        if self.mentions and not self.mentions.search(inner):
            return None
        fitting = (pattern.excludes for pattern in reversed(self.patterns) if pattern.fits(inner))
        return next(fitting, None)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """The rules that hold in a folder, the strongest first."""

    own: Rules | None
    """Of the setting `exclude`."""
    default: Rules
    nested: tuple[Rules, ...] = field(default=())
    """Of the .gitignore files above, the deepest first."""

    def beside(self, base: str, names: Collection[str]) -> "Exclusion":
        """Return the rules that hold in a folder of these names: a site's generator may be one."""
        patterns = [
            pattern
            for configs, beside in _GENERATORS.items()
            if any(config in names for config in configs.split())
            for pattern in beside
        ]
        if not patterns:
            return self
        return replace(self, nested=(*self.nested, _rules(base, _BY_DEFAULT, patterns)))

    def within(self, base: str, gitignore: str) -> "Exclusion":
        """Return the rules that hold in a folder with a .gitignore of its own."""
        lines = gitignore.removeprefix("\ufeff").split("\n")[:MOST_PATTERNS]
        rules = _rules(base, f"excluded by {base}{GITIGNORE}", lines)
        return replace(self, nested=(rules, *self.nested))

    def reason(self, path: str) -> str:
        """Return by which rule a path is left out, nothing where it is not.

        A folder's path ends in a slash.
        """
        for rules in (*filter(None, (self.own,)), *self.nested, self.default):
            verdict = rules.verdict(path)
            if verdict is not None:
                return rules.reason if verdict else ""
        return ""


def exclusion_of(patterns: Sequence[str]) -> Exclusion:
    """Return the rules of a folder, those of the setting `exclude` before all others."""
    own = _rules("", "excluded by the setting exclude", patterns) if patterns else None
    names = sorted({pattern.strip("/").partition("*")[0] for pattern in DEFAULTS})
    mentions = re.compile("|".join(map(re.escape, names)))
    default = replace(_rules("", _BY_DEFAULT, DEFAULTS), folds=True, mentions=mentions)
    return Exclusion(own, default)


def describe_unread(gitignore: str) -> str:
    """Return which lines of a .gitignore do not count, nothing where all of them do."""
    lines = gitignore.rstrip("\n").split("\n")
    if len(lines) > MOST_PATTERNS:
        return f"what comes after its first {MOST_PATTERNS:,} lines"
    if any(len(line) > LONGEST and not line.startswith("#") for line in lines):
        return f"its lines of more than {LONGEST} characters"
    return ""


def _rules(base: str, reason: str, lines: Iterable[str]) -> Rules:
    """Return the rules that lines say; one that is no pattern is passed over, as git does."""
    patterns = list[Pattern]()
    for line in lines:
        with suppress(ValueError):
            if pattern := read_pattern(line):
                patterns.append(pattern)
    return Rules(base, reason, patterns)


def group(paths: Iterable[tuple[str, str, str]]) -> tuple[LeftOut, ...]:
    """Return paths with their kinds and reasons, those of one kind and reason together."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for path, kind, reason in paths:
        kinds.setdefault((kind, reason), []).append(path)
    grouped = (LeftOut(kind, reason, tuple(sorted(own))) for (kind, reason), own in kinds.items())
    return tuple(sorted(grouped, key=lambda entry: (-len(entry.paths), entry.kind, entry.reason)))
