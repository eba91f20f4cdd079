"""Nothing leaves this machine, nothing runs that an article or a model wrote."""

import os
import re
import signal
import socket
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from ibid.errors import IbidError, UsageError
from ibid.library import Library
from ibid.settings import Settings
from ibid.testing import HashEmbedder, ScriptedGenerator
from ibid.ui.server.app import serve
from markdown_texts import DATA, needs_data

from .scene import HOSTILE, open_library, serving

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
PROBE = """
import runpy, sys
def hook(event, args):
    if event == "socket.getaddrinfo": print("NAME", args[0], flush=True)
    if event == "socket.connect": print("CONNECT", args[1], flush=True)
sys.addaudithook(hook)
runpy.run_path("app.py", run_name="__main__")
"""
ACTIVE = "script, iframe, form, img, style, a, object, embed, [onload], [onerror], [onclick]"
LOCAL = re.compile(r"127\.0\.0\.1|localhost|::1")


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return str(listening.getsockname()[1])


@pytest.mark.ui(number=1)
def test_the_page_asks_nobody_but_the_chat(visit, chat):
    seen = visit(chat).open()
    seen.ask()
    seen.page.locator(".chip").first.click()
    seen.page.wait_for_selector(".pane mark.cited")
    assert seen.requests
    assert seen.elsewhere == []


@pytest.mark.ui(number=19)
@pytest.mark.ui(number=20)
def test_the_console_stays_clean(visit, chat):
    seen = visit(chat).open()
    seen.ask()
    seen.page.locator(".chip").first.click()
    seen.page.wait_for_selector(".pane mark.cited")
    seen.page.keyboard.press("Escape")
    assert seen.complaints == []


@pytest.mark.ui(number=2)
@pytest.mark.ui(number=22)
def test_app_py_starts_behind_a_proxy_and_resolves_no_name(visit, index):
    proxied = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    settings = {"IBID_INDEX": str(index), "IBID_PORT": free_port(), "IBID_MODEL": "none"}
    env = {k: v for k, v in os.environ.items() if k.lower() != "no_proxy"} | proxied | settings
    command = [sys.executable, "-c", PROBE]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as process:
        said = list(takewhile(lambda line: not line.startswith("ibid is at "), process.stdout))
        seen = visit(f"http://127.0.0.1:{settings['IBID_PORT']}/").open()
        seen.ask()
        process.send_signal(signal.SIGINT)
        said += process.stdout.readlines()
        assert process.wait(60) is not None
    asked = [line for line in said if line.startswith(("NAME", "CONNECT"))]
    assert [line for line in asked if not LOCAL.search(line)] == []


@pytest.mark.ui(number=8)
def test_hostile_articles_are_only_text(visit, hostile_chat):
    seen = visit(hostile_chat).open()
    seen.ask("what do dragons breathe over the village?")
    opened = set()
    for place in range(seen.page.locator(".chip").count()):
        chip = seen.page.locator(".chip").nth(place)
        chip.hover()
        chip.click()
        seen.page.wait_for_selector(".pane mark.cited")
        opened.add(seen.page.inner_text(".pane-title"))
    assert len(opened) >= 3
    assert seen.page.evaluate("window.hurt") is None
    assert seen.elsewhere == []
    foreign = "script, iframe, form, img, style, a, [onload], [onerror]"
    shown = "#transcript, .pane :is(.names, .text)"
    expect(seen.page.locator(f":is({shown}) :is({foreign})")).to_have_count(0)


@pytest.mark.ui(number=8)
@needs_data
def test_thousands_of_payloads_as_text_title_heading_and_file_name_do_nothing(visit, tmp_path):
    payloads = (DATA / "xss" / "xss-payload-list.txt").read_text("utf-8", "replace").splitlines()
    folder = tmp_path / "payloads"
    folder.mkdir()
    for number, start in enumerate(range(0, len(payloads), 200)):
        some = [line for line in payloads[start : start + 200] if line.strip()]
        title = some[0].replace("'", "")
        body = "\n\n".join(f"Payload {each} says so." for each in some)
        text = f"---\ntitle: '{title}'\n---\n\n## Attack {some[1]}\n\n{body}\n"
        name = re.sub(r"[/\0]", "", some[2])[:80]
        (folder / f"{number:03} {name}.md").write_text(text, "utf-8")
    library = open_library(tmp_path / "index", folder, embedder=HashEmbedder())
    assert library.build().articles >= 30
    with serving(library) as address:
        seen = visit(address)
        seen.open().ask("What says the payload of the attack?")
        seen.page.get_by_role("link", name="Articles").click()
        seen.page.wait_for_selector(".shelf tbody tr")
        for opens in seen.page.locator("th .opens").all():
            title = opens.inner_text()
            opens.click()
            seen.page.wait_for_function(
                "t => document.querySelector('.pane-title').innerText === t", arg=title
            )
            seen.page.keyboard.press("Escape")
        seen.page.wait_for_timeout(200)
        assert seen.dialogs == []
        assert seen.elsewhere == []
        assert seen.complaints == []
        shown = ".shelf, .pane :is(.names, .text)"
        expect(seen.page.locator(f":is({shown}) :is({ACTIVE})")).to_have_count(0)


@pytest.mark.ui(number=8)
@needs_data
def test_payloads_that_a_model_writes_are_only_text(visit, index):
    lines = (DATA / "xss" / "xss-payload-list.txt").read_text("utf-8", "replace").splitlines()
    true = (
        "Data scarcity, data bias, and ethical concerns surrounding data privacy are "
        "significant hurdles."
    )
    reply = "\n\n".join(f"{true} {each}" for each in lines[::20])
    with serving(open_library(index, generator=ScriptedGenerator(reply))) as address:
        seen = visit(address)
        seen.open().ask()
        seen.page.wait_for_timeout(200)
        assert seen.dialogs == []
        assert seen.elsewhere == []
        assert seen.complaints == []
        expect(seen.page.locator(f"#transcript :is({ACTIVE})")).to_have_count(0)


@pytest.mark.ui(number=9)
def test_hostile_text_is_shown_as_it_stands(hostile_library, hostile_chat):
    for article in hostile_library.articles:
        passage = hostile_library.passages(article.id)[-1]
        response = httpx.get(f"{hostile_chat}source/{passage.id}-0-{len(passage.text)}").json()
        assert response["title"] == article.title
        assert "<img" not in response["html"]
        assert "<script" not in response["html"]
        for attack in HOSTILE:
            if attack.startswith("${") and attack in article.text:
                assert attack in response["html"]


@pytest.mark.ui(number=8)
@pytest.mark.ui(number=9)
def test_a_hostile_question_and_a_hostile_model_are_only_text(visit, written_chat, model):
    sentence = (
        "Data scarcity, data bias, and ethical concerns surrounding data privacy are "
        "significant hurdles."
    )
    written = "\n\n".join(f"{sentence} {attack}" for attack in HOSTILE)
    model.will_write(written)
    seen = visit(written_chat).open()
    question = f"{HOSTILE[1]} ${{1+1}} {{{{1+1}}}}?"
    seen.ask(question)
    expect(seen.page.locator(".question")).to_have_text(question)
    seen.ask()
    shown = seen.page.inner_text("#transcript")
    assert "${window.hurt=1}" in shown
    assert "<script>window.hurt=1</script>" in shown
    assert seen.page.evaluate("window.hurt") is None
    expect(seen.page.locator("#transcript :is(img, script, form, iframe, a)")).to_have_count(0)
    assert seen.elsewhere == []


@pytest.mark.ui(number=19)
def test_every_answer_carries_the_policy(chat):
    for path in ("", "chat/main.js", "source/nothing", "gradio_api/upload"):
        policy = httpx.get(chat + path).headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy


@pytest.mark.ui(number=18)
def test_another_host_name_is_refused(chat):
    assert httpx.get(chat, headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.ui(number=18)
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_another_origin_is_refused(chat, origin):
    join = f"{chat}gradio_api/queue/join"
    assert httpx.post(join, json={}, headers={"Origin": origin}).status_code == 403
    assert httpx.get(chat, headers={"Origin": origin}).status_code == 403


def test_a_foreign_page_cannot_embed_what_the_chat_serves(chat):
    foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert httpx.get(f"{chat}chat/main.js", headers=foreign).status_code == 403


@pytest.mark.ui(number=18)
@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/upload",
        "gradio_api/file=/etc/passwd",
        "gradio_api/proxy=http://127.0.0.2/",
        "gradio_api/component_server",
        "gradio_api/run/predict",
        "gradio_api/call/answer",
        "gradio_api/info",
        "gradio_api/runs",
        "openapi.json",
        "docs",
        "monitoring",
    ],
)
def test_what_the_chat_does_not_need_does_not_exist(chat, path):
    assert httpx.get(chat + path).status_code == 404
    assert httpx.post(chat + path, json={}).status_code == 404


@pytest.mark.ui(number=18)
def test_an_upload_is_refused(chat):
    files = {"files": ("note.txt", b"hello")}
    assert httpx.post(f"{chat}gradio_api/upload", files=files).status_code == 404


def test_a_request_that_is_too_large_is_refused(chat):
    response = httpx.post(f"{chat}gradio_api/queue/join", content=b"x" * 100_000)
    assert response.status_code == 413


@pytest.mark.ui(number=18)
def test_no_function_can_be_called_as_an_api(chat):
    assert httpx.get(f"{chat}config").json()["dependencies"]
    for dependency in httpx.get(f"{chat}config").json()["dependencies"]:
        assert dependency["api_visibility"] == "private"


@pytest.mark.parametrize("key", ["nothing", "..%2F..%2Fetc", "0000-0-1", "a-1-0", "x" * 200])
def test_a_key_that_names_no_quote_finds_nothing(chat, key):
    assert httpx.get(f"{chat}source/{key}").status_code == 404


def test_the_chat_listens_on_this_machine_only():
    with pytest.raises(UsageError, match="this machine only"):
        serve(Library.open(settings=Settings(host="192.0.2.1")), print)


def test_a_port_that_is_taken_is_told_with_the_way_out(chat):
    port = int(chat.rstrip("/").rsplit(":", 1)[1])
    with pytest.raises(IbidError, match="taken") as caught:
        serve(Library.open(settings=Settings(port=port)), print)
    assert caught.value.hint == "ibid chat --port 7861"
