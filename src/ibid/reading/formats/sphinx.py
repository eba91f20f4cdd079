"""What docutils does not know of Sphinx: its directives are read for their text, its roles too."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives, roles

_UNSEEN = frozenset("toctree index include literalinclude raw meta contents highlight".split())
_CODE = frozenset("code code-block sourcecode prompt testcode ipython console".split())
_SAYS = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
    "seealso": "See also",
}
_TARGET = re.compile(r"(?<=\S)\s*<[^<>]*>$")
_nodes: Any = nodes
_find_directive: Any = directives.directive
_find_role: Any = roles.role


def know_sphinx() -> None:
    """Let docutils read every directive and role that it does not know."""
    directives.directive = _directive
    roles.role = _role


class _Reading(Directive):
    """A directive of which only the words count: its argument and its text."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[Any] = defaultdict(lambda: str, {"name": str})

    def run(self) -> Sequence[Any]:
        untyped: Any = self
        block = _nodes.container()
        words = [_SAYS.get(self.name, ""), *self.arguments]
        if line := " ".join(filter(None, words)):
            inline, messages = untyped.state.inline_text(line, self.lineno)
            block += [_nodes.paragraph(line, "", *inline), *messages]
        untyped.state.nested_parse(self.content, self.content_offset, block)
        return [block]


class _Code(_Reading):
    """Code in whatever language, whatever its options."""

    def run(self) -> Sequence[Any]:
        code = "\n".join(self.content)
        return [_nodes.literal_block(code, code)]


class _Unseen(_Reading):
    """What leads to other files, or what no reader sees."""

    def run(self) -> Sequence[Any]:
        return []


def _directive(name: str, language: Any, document: Any) -> Any:
    if name.lower() in _UNSEEN:
        return _Unseen, []
    if name.lower() in _CODE:
        return _Code, []
    directive, messages = _find_directive(name, language, document)
    return (directive, messages) if directive else (_Reading, [])


def _role(name: str, language: Any, line: int, reporter: Any) -> Any:
    role, messages = _find_role(name, language, line, reporter)
    return (role, messages) if role else (_words, [])


def _words(_: str, raw: str, text: str, *__: Any, **___: Any) -> Any:
    """Return what a reader sees of a role: its words without the target of its link."""
    words = _TARGET.sub("", text.replace("\0", ""))
    label = words.rpartition(".")[2] if words.startswith("~") else words.lstrip("!")
    return [_nodes.inline(raw, label)], []
