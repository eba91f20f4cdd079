"""The choice of a model: what is there, what is missing, and the steps that bring it here."""

from ibid.adapters import survey_server
from ibid.errors import IbidError
from ibid.library import Library
from ibid.text import escape
from ibid.ui.panes.trouble import sentence

RECOMMENDED = "qwen3:4b-instruct"
SIZE = "2.5 GB"
"""Of the recommended model, as Ollama downloads it."""

INSTALL = (
    ("Linux", "curl -fsSL https://ollama.com/install.sh | sh"),
    ("macOS", "brew install ollama && ollama serve"),
    ("Windows", "winget install Ollama.Ollama"),
)
"""How Ollama is installed; each can be had from https://ollama.com/download as well."""


def write_models(library: Library) -> str:
    """Return the HTML of the models that can be chosen, and how to get what is missing."""
    settings = library.settings
    try:
        models, trouble = survey_server(settings).models, ""
    except IbidError as error:
        models, trouble = (), sentence(error)
    choices = [("", f"As the chat was started ({settings.model})")]
    choices += [("none", "None: the articles’ own sentences")]
    choices += [(name, name) for name in models if " " not in name]
    options = "".join(
        f'<label><input type="radio" name="model" value="{escape(value)}"> {escape(label)}</label>'
        for value, label in choices
    )
    return options + _write_missing(models, trouble, ollama=not settings.server)


def _write_missing(models: tuple[str, ...], trouble: str, *, ollama: bool) -> str:
    text = f"<p>{escape(trouble)}</p>" if trouble else ""
    if not ollama or RECOMMENDED in models:
        return text
    install = "".join(f"<li>{system}: <code>{escape(how)}</code></li>" for system, how in INSTALL)
    first = f"<p>Install Ollama, or start it (<code>ollama serve</code>):</p><ul>{install}</ul>"
    return (
        f"{text}<details><summary>Get a model that writes ({RECOMMENDED}, {SIZE})</summary>"
        f"{first if trouble else ''}<p>Download the model, in a terminal: "
        f"<code>ollama pull {RECOMMENDED}</code> ({SIZE}).</p><p>Then open this again. "
        "The chat can stay open, and what is written stays on this machine.</p></details>"
    )
