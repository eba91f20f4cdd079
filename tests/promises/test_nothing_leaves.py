"""Nothing leaves the machine: the verbs and the chat run under strace, which sees native code too.

What ibid's own Python does is watched in test_privacy.py; this is what the libraries below it do.
"""

import json
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI
from playwright.sync_api import Page, sync_playwright

from agents import Agent
from conftest import ROOT
from fakes import FakeOpenAI
from leaving import Traced, leaves, wait_until, why_not_traced
from model_servers import raw_server
from web_pages import COSTS, PAGE

CHROMIUM = Path("/usr/bin/chromium")
WHY_NOT = why_not_traced() or ("" if CHROMIUM.exists() else f"no Chromium at {CHROMIUM}")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(WHY_NOT) and not os.environ.get("CI"), reason=WHY_NOT),
]

QUESTION = "what challenges are cited for AI drug discovery?"
ELSEWHERE = "http://192.0.2.1:4318"
TEMPTING = {
    # Everything that could send, where somebody has set it on.
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"), ELSEWHERE),
    **dict.fromkeys(("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY"), "0"),
    **dict.fromkeys(
        ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGSMITH_OTEL_ENABLED"), "true"
    ),
    "LANGSMITH_ENDPOINT": ELSEWHERE,
    "LANGSMITH_API_KEY": "key",
    "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
    "OTEL_EXPORTER_OTLP_ENDPOINT": ELSEWHERE,
    **dict.fromkeys(("GRADIO_ANALYTICS_ENABLED", "GRADIO_SHARE", "GRADIO_SSR_MODE"), "True"),
    **dict.fromkeys(("GRADIO_MCP_SERVER", "GRADIO_RUN_HISTORY"), "True"),
    "GRADIO_ROOT_PATH": ELSEWHERE,
    "HF_TOKEN": "token",
}
NOTEBOOK = f"""
import sys, ibid, onnxruntime
library = ibid.Library.open()
print(library.ask({QUESTION!r}).text, library.compare("data privacy"))
print("ready", flush=True)
sys.stdin.read()
"""
VERBS = """
import json, sys
from ibid.cli import main
for sys.argv in json.loads(sys.argv[1]):
    try:
        main()
    except SystemExit as leaving:
        print(sys.argv[1], "ended with", leaving.code, flush=True)
"""
"""One after the other in one process, which lives longer than each of them would."""
REPORTING = """
import os, sys, ibid
os.environ.pop("ORT_DISABLE_TELEMETRY", None)
import onnxruntime
sys.stdin.read()
"""


@pytest.fixture(scope="module", autouse=True)
def able() -> None:
    """Fail where CI cannot look: it would promise what nobody saw."""
    assert not WHY_NOT


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with articles of each kind, and a home that is empty at first."""
    root = tmp_path_factory.mktemp("place")
    shutil.copytree(ROOT / "seeds", root / "articles")
    (root / "articles" / "rare.html").write_text(PAGE, "utf-8")
    (root / "articles" / "costs.pdf").write_bytes(COSTS)
    return root


def ibid(place: Path, name: str, *arguments: str, index: str = "index") -> Traced:
    """Start the command, tempted by everything that could send."""
    return program(place, name, "-m", "ibid", *arguments, index=index)


def program(place: Path, name: str, *arguments: str, index: str = "index") -> Traced:
    settings = {
        "IBID_ARTICLES": str(place / "articles"),
        "IBID_INDEX": str(place / index),
        "IBID_OLLAMA": "http://localhost:9",
        "IBID_PORT": str(free_port()),
    }
    command = [sys.executable, *arguments]
    return Traced(name, command, place / "home", **TEMPTING, **settings)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@pytest.fixture(scope="module")
def anew(place: Path) -> Traced:
    """A build anew of articles of each kind, with the real model, that has ended."""
    build = ibid(place, "build-anew", "build")
    assert build.finish() == 0, build.printed
    assert "Index built: 7 articles" in build.printed
    return build


@pytest.fixture(scope="module")
def long_runs(place: Path, anew: Traced) -> Iterator[dict[str, Traced]]:
    """What runs for long: the chat, a build that watches, a notebook; all of them ready."""
    started = {
        "chat": ibid(place, "chat", "chat"),
        "notebook": program(place, "notebook", "-c", NOTEBOOK),
        "serve": ibid(place, "serve", "serve"),
        "watch": ibid(place, "watch", "build", "--watch", index="watched"),
    }
    started["chat"].wait_for("ibid is at ")
    started["notebook"].wait_for("ready")
    started["serve"].wait_for("ibid serves ")
    started["watch"].wait_for("Index built")
    yield started
    for each in started.values():
        each.end()


@pytest.fixture(scope="module", autouse=True)
def reporting(place: Path, long_runs: dict[str, Traced]) -> Iterator[Traced]:
    """A program that uses ONNX Runtime with its reports on, started after all the others."""
    started = Traced("reporting", [sys.executable, "-c", REPORTING], place / "telling" / "home")
    yield started
    started.end()


@pytest.mark.parametrize(
    ("call", "counts"),
    [
        ('connect(7, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("1.2.3.4")}', 1),
        ('connect(7, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.9.0.1")}', 0),
        ('connect(7, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}', 1),
        ('sendto(3, "x", 1, 0, {sa_family=AF_INET6, inet_pton(AF_INET6, "fe80::1", …)}', 1),
        ('sendto(3, "x", 1, 0, {sa_family=AF_INET6, inet_pton(AF_INET6, "::1", …)}', 0),
        ('connect(3, {sa_family=AF_INET6, inet_pton(AF_INET6, "::ffff:127.0.0.1", …)}', 0),
        ('connect(3, {sa_family=AF_INET6, inet_pton(AF_INET6, "::ffff:8.8.8.8", …)}', 1),
        ('connect(3, {sa_family=AF_UNIX, sun_path="/run/systemd/resolve/io.systemd.Resolve"}', 1),
        ('connect(3, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}', 0),
        (r'sendto(3, "\2\0\0\0\r\0\0\0\6\0\0\0hosts\0", 18, MSG_NOSIGNAL, NULL, 0) = 18', 1),
        ("sendto(3, …, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}", 0),
        ("sendto(3, …, {sa_family=AF_PACKET, sll_protocol=htons(ETH_P_IP)}", 1),
        ("io_uring_setup(8, {flags=0}) = 4", 1),
    ],
)
def test_a_call_counts_that_looks_up_or_reaches_beyond(call: str, counts: int) -> None:
    assert leaves(call) == bool(counts)


def test_no_verb_sends_anything(place: Path, anew: Traced) -> None:
    verbs = (
        ("ask", QUESTION),
        ("search", "bias", "--explain"),
        ("compare", "data privacy"),
        ("articles",),
        ("show", "001_0f60af31d4d535c7.txt", "--claims"),
        ("lint",),
        ("check",),
        ("config",),
        ("completion", "bash"),
        ("eval", "--self", "--limit", "2"),
    )
    run = program(place, "verbs", "-c", VERBS, json.dumps([("ibid", *verb) for verb in verbs]))
    assert run.finish() == 0, run.printed
    assert re.findall(r"^(\w+) ended with 0$", run.printed, re.MULTILINE) == [v for v, *_ in verbs]
    assert run.left == []


@pytest.mark.parametrize("verb", [("ask", QUESTION), ("doctor", "--canary")], ids=["ask", "doctor"])
def test_a_model_on_this_machine_is_all_that_is_asked(place: Path, verb: tuple[str, ...]) -> None:
    with FakeOpenAI() as server:
        run = ibid(place, f"{verb[0]}-model", *verb, "--server", server.address)
        run.finish()
        assert server.chats, run.printed
    assert run.left == []


def test_a_build_sends_nothing_however_often_it_builds(
    place: Path, anew: Traced, long_runs: dict[str, Traced]
) -> None:
    (place / "articles" / "plums.md").write_text("# Plums\n\nPlums ripen in September.\n", "utf-8")
    again = ibid(place, "build-again", "build")
    assert again.finish() == 0, again.printed
    long_runs["watch"].wait_for("Index built", times=2)
    assert [*anew.left, *again.left] == []


def test_the_page_reaches_for_nothing_but_the_chat(
    tmp_path: Path, long_runs: dict[str, Traced]
) -> None:
    address = re.findall(r"ibid is at (\S+)", long_runs["chat"].printed)[0]
    log = tmp_path / "net.json"
    own = "--disable-features=AutofillServerCommunication"  # Chromium's own, on any page
    flags = ["--headless", "--no-sandbox", "--disable-gpu", own, f"--log-net-log={log}"]

    def browse() -> None:
        with sync_playwright() as playwright, raw_server(LEAKY_PAGE) as leaky:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
            use_chat(browser.new_page(), address)
            browser.new_page().goto(leaky)  # so that the log is seen to show what a page looks up
            browser.close()

    with ThreadPoolExecutor() as thread:  # other tests may hold a browser in this one
        thread.submit(browse).result()
    assert looked_up(log) == {"https://leak.example"}


LEAKY_PAGE = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<img src=https://leak.example>"


def use_chat(page: Page, address: str) -> None:
    """Ask, compare and look at the articles, and see that the page names no other address."""
    page.set_default_timeout(60_000)
    page.goto(address)
    page.wait_for_selector(".welcome")
    page.fill("#question textarea", QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-turn='1'][data-state=done]")
    page.get_by_role("link", name="Compare").click()
    page.fill("#topic", "data privacy")
    page.keyboard.press("Enter")
    page.wait_for_selector(".compared .question")
    page.get_by_role("link", name="Articles").click()
    page.wait_for_selector(".shelf tbody tr")
    linked = "[...document.querySelectorAll('link, script, img, iframe')].map(e => e.href ?? e.src)"
    assert [url for url in page.evaluate(linked) if url and not url.startswith(address)] == []


def looked_up(log: Path) -> set[str]:
    """Return which hosts pages of this machine made Chromium look up, by its own network log."""
    written = json.loads(log.read_text("utf-8"))
    kind = written["constants"]["logEventTypes"]["HOST_RESOLVER_MANAGER_REQUEST"]
    asked = [event.get("params", {}) for event in written["events"] if event["type"] == kind]
    ours = [each for each in asked if "127.0.0.1" in each.get("network_anonymization_key", "")]
    assert ours
    return {each["host"] for each in ours if not re.match(r"\w+://127\.0\.0\.1[:/]", each["host"])}


def test_programs_are_answered(long_runs: dict[str, Traced]) -> None:
    """So that the server has done all that it can when it is looked at."""
    address = re.findall(r"ibid serves (\S+)/api", long_runs["serve"].printed)[0]
    agent = Agent(f"{address}/mcp")
    assert "paramount" in agent.call("verify_quote", quote="Security is paramount.").text
    assert "Status: answered" in agent.call("ask", question=QUESTION).own
    client = OpenAI(base_url=f"{address}/v1", api_key="none")
    asked: Any = [{"role": "user", "content": QUESTION}]
    assert client.chat.completions.create(model="ibid", messages=asked).choices[0].message.content


def test_what_runs_for_long_sends_nothing(long_runs: dict[str, Traced], reporting: Traced) -> None:
    """ONNX Runtime sends about ten seconds after its start: whoever lives longer would show it."""
    wait_until(lambda: reporting.left or reporting.process.poll() is not None)
    assert reporting.left
    assert {name: run.left for name, run in long_runs.items() if run.left} == {}
    assert "telemetry" not in long_runs["chat"].printed  # FastAPI says so where it has begun to


def test_no_library_leaves_a_file_in_the_home(place: Path, reporting: Traced) -> None:
    ours = (".cache/ibid/", ".local/share/ibid/", "tmp/ibid-", ".cache/matplotlib/fontlist-")
    left = {path.relative_to(place / "home").as_posix() for path in files(place / "home")}
    assert {name for name in left if not name.startswith(ours)} == set()
    assert any(path.name == "deviceid" for path in files(place / "telling"))


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
