"""Each setting comes from the nearest place that names it, and says from where."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from ibid.errors import UsageError
from ibid.settings import NAMES, Settings, load_settings, user_config

NOBODY = {"XDG_CONFIG_HOME": "/nowhere"}
"""The environment of somebody who has no settings."""


def load(
    folder: Path, flags: dict[str, object] | None = None, **environment: str
) -> tuple[str, str]:
    """Return the model and where it was set, with `folder` as current and as home."""
    settings = load_settings(flags, {"XDG_CONFIG_HOME": str(folder), **environment}, folder)
    return settings.model, settings.origins.get("model", "default")


def ollama(host: str) -> str:
    return load_settings({}, {"OLLAMA_HOST": host}, Path("/nowhere")).ollama


def test_an_option_wins_over_the_environment_a_project_the_user_and_the_default(tmp_path: Path):
    user = tmp_path / "ibid" / "config.toml"
    user.parent.mkdir()
    assert load(tmp_path) == ("auto", "default")
    user.write_text('model = "user"')
    assert load(tmp_path) == ("user", str(user))
    (tmp_path / "ibid.toml").write_text('model = "project"')
    assert load(tmp_path) == ("project", str(tmp_path / "ibid.toml"))
    assert load(tmp_path, IBID_MODEL="variable") == ("variable", "environment")
    assert load(tmp_path, {"model": "flag"}, IBID_MODEL="variable") == ("flag", "option")


def test_without_xdg_the_user_s_file_lies_in_dot_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".config" / "ibid").mkdir(parents=True)
    (tmp_path / ".config" / "ibid" / "config.toml").write_text("port = 9000")
    assert load_settings({}, {}, tmp_path).port == 9000


def test_what_is_not_given_or_empty_in_the_environment_sets_nothing(tmp_path: Path):
    assert load(tmp_path, {"model": None}, IBID_MODEL="") == ("auto", "default")


def test_each_setting_can_be_set_in_each_place(tmp_path: Path):
    others = {
        "context": 4096,
        "port": 8080,
        "precision": "fp32",
        "allow_remote": True,
        "add": True,
        "follow": True,
        "unsupported": "drop",
    }
    values = {name: others.get(name, "text") for name in NAMES}
    toml = "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items())
    (tmp_path / "user" / "ibid").mkdir(parents=True)
    (tmp_path / "user" / "ibid" / "config.toml").write_text(toml)
    user = {"XDG_CONFIG_HOME": str(tmp_path / "user")}
    variables = {f"IBID_{name.upper()}": str(value) for name, value in values.items()}
    nowhere = Path("/nowhere")
    for settings in (
        load_settings({}, user, nowhere),
        load_settings({}, variables, nowhere),
        load_settings(values, {}, nowhere),
    ):
        assert {name: getattr(settings, name) for name in NAMES} == {
            **values,
            "articles": ("text",),
            "exclude": ("text",),
        }
        assert set(settings.origins) == set(NAMES)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("modle = 'x'", "no setting is named 'modle'"),
        ("[ibid]\nmodel = 'x'", "no setting is named 'ibid'"),
        ("port = 'http'", "port takes a whole number, not 'http'"),
        ("port = 80.5", "whole number"),
        ("port = true", "whole number"),
        ("port = 0", "from 1 to 65535"),
        ("port = 65536", "from 1 to 65535"),
        ("context = 2047", "from 2048 to 1000000"),
        ("model = 7", "model takes a text, not 7"),
        ("model = ['a']", "model takes a text"),
        ("precision = 'int4'", "precision is auto or fp32, not 'int4'"),
        ("articles = ' '", "articles takes a text, not ' '"),
        ("allow_remote = 'maybe'", "allow_remote is yes or no, not 'maybe'"),
        ("server = 8080", "server takes a text, not 8080"),
        ("model = ", "cannot be read"),
        ("origins = {}", "no setting is named 'origins'"),
    ],
)
def test_a_bad_value_is_refused_with_the_place_that_it_came_from(
    tmp_path: Path, toml: str, message: str
):
    path = tmp_path / "ibid.toml"
    path.write_text(toml)
    with pytest.raises(UsageError, match=message) as caught:
        load_settings({}, {}, tmp_path)
    assert str(caught.value).startswith(str(path))


def test_a_file_that_is_no_text_or_a_folder_is_refused(tmp_path: Path):
    (tmp_path / "ibid.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="cannot be read"):
        load_settings({}, {}, tmp_path)
    (tmp_path / "ibid.toml").unlink()
    (tmp_path / "ibid.toml").mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        load_settings({}, {}, tmp_path)


def test_a_bad_variable_and_a_bad_option_are_told_apart(tmp_path: Path):
    with pytest.raises(UsageError, match=r"^environment: port"):
        load_settings({}, {"IBID_PORT": "x"}, tmp_path)
    with pytest.raises(UsageError, match=r"^option: articles takes a text, not ''"):
        load_settings({"articles": ""}, {}, tmp_path)


def test_settings_of_one_place_do_not_change_those_before():
    before = Settings(model="none")
    after = before.changed({"port": "8080"}, "argument")
    assert (before.port, before.origins) == (7860, {})
    assert (after.model, after.port, after.origins) == ("none", 8080, {"port": "argument"})


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("localhost:9999", "http://localhost:9999"),
        ("0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104 - where a server binds
        ("0.0.0.0:9999", "http://127.0.0.1:9999"),
        (":9999", "http://127.0.0.1:9999"),
        ("[::]:9999", "http://[::1]:9999"),
        ("[::1]", "http://[::1]:11434"),
        ("http://127.0.0.1", "http://127.0.0.1:80"),
        ("https://box.example", "https://box.example:443"),
        ("http://127.0.0.1:11434/", "http://127.0.0.1:11434/"),
        (" 127.0.0.1 ", "http://127.0.0.1:11434"),
        ("127.0.0.1:port", "127.0.0.1:port"),  # no address: told when it is used
    ],
)
def test_ollama_host_is_read_as_ollama_reads_it(host: str, address: str):
    assert ollama(host) == address


def test_our_own_variable_wins_over_ollama_s():
    environment = {"OLLAMA_HOST": "a", "IBID_OLLAMA": "http://127.0.0.1:1"}
    assert load_settings({}, environment, Path("/nowhere")).ollama == "http://127.0.0.1:1"


def test_what_the_chat_keeps_lies_where_xdg_says_unless_it_is_set():
    assert load_settings({}, {}, Path("/nowhere")).keep == "~/.local/share/ibid"
    environment = {"XDG_DATA_HOME": "/home/me/data"}
    assert load_settings({}, environment, Path("/nowhere")).keep == "/home/me/data/ibid"
    environment |= {"IBID_KEEP": "/kept"}
    assert load_settings({}, environment, Path("/nowhere")).keep == "/kept"


# Paths in files are read as a shell would read them


@pytest.mark.parametrize("name", ["articles", "index", "embedder", "keep"])
def test_a_tilde_in_a_file_or_the_environment_is_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.setenv("HOME", "/home/me")
    config = tmp_path / "ibid" / "config.toml"
    config.parent.mkdir()
    for said, meant in (("~", "/home/me"), ("~/a b", "/home/me/a b"), ("a~", "a~"), ("./~", "./~")):
        config.write_text(f'{name} = "{said}"')
        at = {"XDG_CONFIG_HOME": str(tmp_path)}
        assert load_settings({}, at, Path("/nowhere")).shown(name) == meant
        environment = {f"IBID_{name.upper()}": said}
        assert load_settings({}, environment, Path("/nowhere")).shown(name) == meant
    assert load_settings({name: "~/a"}, {}, Path("/nowhere")).shown(name) == "~/a"


def test_the_home_folder_of_nobody_is_refused(tmp_path: Path):
    with pytest.raises(
        UsageError, match=r"index is '~nobody-here/x', and there is no such"
    ) as told:
        load_settings({}, {"IBID_INDEX": "~nobody-here/x"}, tmp_path)
    assert "./~nobody-here/x" in told.value.hint


def test_a_folder_s_own_file_may_not_name_a_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOME", "/home/me")
    (tmp_path / "ibid.toml").write_text('index = "~/elsewhere"')
    settings = load_settings({}, {}, tmp_path)
    assert settings.index == "index"
    assert "leads out" in settings.ignored["index"]


# What a folder's own file may give

GRANTS = {
    "server": "'http://10.9.9.9:8080'",
    "ollama": "'http://10.9.9.9:11434'",
    "allow_remote": "true",
    "add": "true",
    "keep": "'/somewhere'",
    "host": "'0.0.0.0'",
    "articles": "'/home/me/diary'",
    "index": "'../elsewhere'",
}


@pytest.mark.parametrize("name", GRANTS)
def test_a_folder_s_file_neither_allows_anything_nor_says_where_something_goes(
    tmp_path: Path, name: str
):
    path = tmp_path / "ibid.toml"
    path.write_text(f"{name} = {GRANTS[name]}\nport = 9000\n")
    settings = load_settings({}, {"XDG_CONFIG_HOME": str(tmp_path)}, tmp_path)
    assert getattr(settings, name) == getattr(Settings(), name)
    assert name not in settings.origins
    assert settings.ignored[name].startswith(f"{path}: ")
    assert settings.port == 9000
    assert list(settings.ignored) == [name]


def test_what_a_folder_s_file_may_not_give_the_user_may(tmp_path: Path):
    (tmp_path / "ibid").mkdir()
    (tmp_path / "ibid" / "config.toml").write_text("server = 'http://mine'\nallow_remote = true")
    (tmp_path / "ibid.toml").write_text("server = 'http://theirs'\nallow_remote = false")
    settings = load_settings({}, {"XDG_CONFIG_HOME": str(tmp_path)}, tmp_path)
    assert (settings.server, settings.allow_remote) == ("http://mine", True)
    assert set(settings.ignored) == {"server", "allow_remote"}


def test_a_folder_s_file_names_folders_below_its_own_and_no_link_out_of_it(tmp_path: Path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "private").mkdir()
    (folder / "link").symlink_to(tmp_path / "private")
    (folder / "ibid.toml").write_text("articles = 'texts/mine'\nindex = './index'")
    assert load_settings({}, {}, folder).articles == ("texts/mine",)
    (folder / "ibid.toml").write_text("articles = 'link'\nindex = 'link/index'")
    assert set(load_settings({}, {}, folder).ignored) == {"articles", "index"}


def test_a_relative_folder_of_xdg_counts_for_nothing(tmp_path: Path):
    """Else the user's own settings would come from where one stands."""
    relative = {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data"}
    assert user_config(relative) == Path.home() / ".config" / "ibid" / "config.toml"
    assert load_settings({}, relative, tmp_path).keep == Settings().keep


def make_huge(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)


STRANGE_FILES: dict[str, Callable[[Path], object]] = {
    "nested": lambda path: path.write_text("model = " + "[" * 9999),
    "tables": lambda path: path.write_text("[" + "a." * 4000 + "b]\nc = 1"),
    "long": lambda path: path.write_text(f"model = '{'x' * 20_000}'"),
    "huge": make_huge,
    "NUL": lambda path: path.write_bytes(b"model = 'a\0b'"),
    "escaped NUL": lambda path: path.write_text(r'index = "a\u0000b"'),
    "lone surrogate": lambda path: path.write_text(r'model = "\ud800"'),
    "date": lambda path: path.write_text("model = 2020-01-01"),
    "date for a switch": lambda path: path.write_text("allow_remote = 2020-01-01"),
    "table for a number": lambda path: path.write_text("port = {a = 1}"),
    "number for a switch": lambda path: path.write_text("allow_remote = 1.0"),
    "endless number": lambda path: path.write_text("port = " + "9" * 5000),
    "bytes": lambda path: path.write_bytes(b"model = '\xff'"),
    "pipe": os.mkfifo,
    "folder": lambda path: path.mkdir(),
    "device": lambda path: path.symlink_to("/dev/zero"),
    "dangling": lambda path: path.symlink_to("nowhere"),
    "loop": lambda path: path.symlink_to(path.name),
}


@pytest.mark.parametrize("kind", STRANGE_FILES)
@pytest.mark.parametrize("place", ["ibid.toml", "user/ibid/config.toml"])
def test_a_strange_file_of_settings_is_refused_in_one_line(tmp_path: Path, kind: str, place: str):
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    STRANGE_FILES[kind](path)
    with pytest.raises(UsageError) as caught:
        load_settings({}, {"XDG_CONFIG_HOME": str(tmp_path / "user")}, tmp_path)
    assert caught.value.hint
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("value", ["a\0b", "\udcff", "a\nb"])
@pytest.mark.parametrize("name", ["index", "articles", "model", "server", "keep"])
def test_a_variable_that_is_no_text_is_refused(tmp_path: Path, name: str, value: str):
    with pytest.raises(UsageError, match=f"environment: {name} holds"):
        load_settings({}, {f"IBID_{name.upper()}": value}, tmp_path)


@pytest.mark.parametrize(
    "given", ['exclude = ["drafts/", "!LICENSE.md"]', 'exclude = "drafts/, !LICENSE.md"']
)
def test_what_is_excluded_is_a_list(tmp_path: Path, given: str):
    (tmp_path / "ibid.toml").write_text(given)
    assert load_settings({}, {}, tmp_path).exclude == ("drafts/", "!LICENSE.md")


@pytest.mark.parametrize("given", ["exclude = 3", "exclude = [3]", 'exclude = ["a\\u0007"]'])
def test_what_is_excluded_is_refused_where_it_is_no_list_of_texts(tmp_path: Path, given: str):
    (tmp_path / "ibid.toml").write_text(given)
    with pytest.raises(UsageError, match="exclude takes a list of texts"):
        load_settings({}, {}, tmp_path)


@pytest.mark.parametrize(
    "pattern", ["\\", "a\\\\\\", "!", "/", "x" * 1000], ids=["\\", "a\\\\\\", "!", "/", "long"]
)
def test_what_is_no_pattern_is_refused_where_it_is_set(tmp_path: Path, pattern: str):
    (tmp_path / "ibid.toml").write_text(f"exclude = [{json.dumps(pattern)}]", "utf-8")
    with pytest.raises(UsageError, match="exclude has") as told:
        load_settings(environment=NOBODY, folder=tmp_path)
    assert (told.value.exit_code, told.value.hint[:11]) == (2, "ibid config")


def test_more_patterns_than_anybody_needs_are_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="more than 1,000 patterns"):
        load_settings({"exclude": ["a"] * 1001}, NOBODY, tmp_path)


@pytest.mark.parametrize("name", ["articles", "index", "keep", "embedder"])
@pytest.mark.parametrize("path", ["a" * 300, "a/" * 3000], ids=["name", "path"])
def test_a_path_that_no_folder_can_have_is_refused(tmp_path: Path, name: str, path: str):
    for origin in ({name: path}, {}):
        environment = NOBODY if origin else {**NOBODY, f"IBID_{name.upper()}": path}
        with pytest.raises(UsageError, match=f"{name} is too long"):
            load_settings(origin, environment, tmp_path)


def test_settings_that_cannot_be_read_just_now_are_no_bad_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("ibid.settings.read_file", fail)
    with pytest.raises(UsageError, match="cannot be read") as told:
        load_settings(environment=NOBODY, folder=tmp_path)
    assert told.value.hint == "try again"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ana:secret@db/x",
        "postgresql://db/x?password=secret",
        "postgres://db/x?sslpassword=secret",
    ],
)
def test_an_address_with_a_password_is_refused_and_not_repeated(address: str, tmp_path: Path):
    with pytest.raises(UsageError, match="has a password in it") as caught:
        load_settings({}, {**NOBODY, "IBID_INDEX": address}, tmp_path)
    assert "secret" not in f"{caught.value} {caught.value.hint}"
    assert "PGPASSWORD" in caught.value.hint


def test_a_local_file_cannot_send_articles_to_a_server(tmp_path: Path):
    (tmp_path / "ibid.toml").write_text('index = "postgresql://db/x"')
    settings = load_settings({}, NOBODY, tmp_path)
    assert settings.index == "index"
    assert "says where something goes" in settings.ignored["index"]
    chosen = load_settings({"index": "postgresql://db/x"}, NOBODY, tmp_path)
    assert chosen.index == "postgresql://db/x"


@pytest.mark.parametrize(
    "address",
    [
        "foo://db/x",
        "file:///home/ana/index",
        "FILE:/home/ana/index",
        "postgres:/db/x",
        "postgresql:/db/x",
        "postgresql:db",
        " postgresql://db/x",
        "postgresql+psycopg://db/x",
        "https://db/x",
    ],
)
@pytest.mark.parametrize("origin", ["flag", "environment", "file"])
def test_an_address_of_another_kind_is_no_folder(address: str, origin: str, tmp_path: Path):
    flags = {"index": address} if origin == "flag" else {}
    environment = {**NOBODY, "IBID_INDEX": address} if origin == "environment" else NOBODY
    if origin == "file":
        (tmp_path / "ibid.toml").write_text(f'index = "{address}"')
    with pytest.raises(UsageError, match="index is ") as caught:
        load_settings(flags, environment, tmp_path)
    assert "name the folder itself" in caught.value.hint
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("address", ["ana:secret@db/x", "db/x?password=secret"])
def test_an_address_of_another_kind_is_not_repeated_with_a_secret(address: str, tmp_path: Path):
    with pytest.raises(UsageError) as caught:
        load_settings({"index": f"mysql://{address}"}, NOBODY, tmp_path)
    assert "secret" not in f"{caught.value} {caught.value.hint}"


def test_a_path_of_python_that_was_an_address_is_refused():
    with pytest.raises(UsageError, match="index is "):
        Settings().changed({"index": str(Path("postgresql://db/x"))}, "argument")


def test_an_address_begins_in_letters_of_any_size(tmp_path: Path):
    settings = load_settings({"index": "PostgreSQL://Ana@db/X"}, NOBODY, tmp_path)
    assert settings.index == "postgresql://Ana@db/X"


@pytest.mark.parametrize("folder", ["a:b", "./foo:/x", "x y:/z", "12:/x", "notes: 2026/index"])
def test_a_folder_may_have_a_colon_in_its_name(folder: str, tmp_path: Path):
    assert load_settings({"index": folder}, NOBODY, tmp_path).index == folder
