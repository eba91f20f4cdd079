"""Nothing leaves the machine: every look-up and connection is watched while ibid works."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

LEFT_THE_MACHINE = 99

WATCHED = f"""
import ipaddress, os, sys

def is_here(host):
    if host in (None, "", "localhost") or isinstance(host, int):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

def watch(event, args):
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event in ("socket.connect", "socket.sendto", "socket.bind"):
        host = args[1][0] if isinstance(args[1], tuple) else None
    elif event in ("socket.gethostbyname", "socket.gethostbyaddr"):
        host = args[0]
    else:
        return
    if not is_here(host.decode() if isinstance(host, bytes) else host):
        os.write(2, f"{{event}} {{host}}\\n".encode())
        os._exit({LEFT_THE_MACHINE})

sys.addaudithook(watch)
sys.argv = ["ibid", *sys.argv[1:]]
"""
RUN = WATCHED + "from ibid.cli import main\nmain()\n"


def watched(source: str, *arguments: str, index: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "IBID_ARTICLES": str(ROOT / "seeds"),
        "IBID_INDEX": str(index),
        "IBID_OLLAMA": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://192.0.2.1:3128",
        "HTTPS_PROXY": "http://192.0.2.1:3128",
    }
    return subprocess.run(
        [sys.executable, "-c", source, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def test_the_watch_sees_a_connection_that_leaves_the_machine(tmp_path: Path) -> None:
    reach_out = WATCHED + "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=1)\n"
    assert watched(reach_out, index=tmp_path).returncode == LEFT_THE_MACHINE
    look_up = WATCHED + "import socket\nsocket.getaddrinfo('example.org', 80)\n"
    assert watched(look_up, index=tmp_path).returncode == LEFT_THE_MACHINE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORT_DISABLE_TELEMETRY", "1"),
        ("HF_HUB_DISABLE_TELEMETRY", "1"),
        ("GRADIO_ANALYTICS_ENABLED", "False"),
        ("FASTAPI_OTEL_AUTO_CONFIGURE", "false"),
    ],
)
def test_importing_ibid_turns_reports_off_even_where_the_user_has_them_on(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(name, "true" if value == "false" else "0")
    told = watched(f"import ibid, os\nprint(os.environ[{name!r}])", index=tmp_path)
    assert told.stdout.strip() == value


def test_a_build_with_the_real_model_stays_on_the_machine(tmp_path: Path) -> None:
    done = watched(RUN, "build", index=tmp_path / "index")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "command",
    [("search", "bias"), ("ask", "how important is data privacy?"), ("articles",), ("doctor",)],
)
def test_asking_stays_on_the_machine(command: tuple[str, ...], seed_index: Path) -> None:
    done = watched(RUN, *command, index=seed_index)
    assert done.returncode == 0, done.stderr


def test_a_server_elsewhere_is_refused_before_its_name_is_looked_up(seed_index: Path) -> None:
    remote = RUN.replace(
        "sys.argv = ", "os.environ['IBID_OLLAMA'] = 'http://ollama.example:11434'\nsys.argv = "
    )
    done = watched(remote, "ask", "how important is data privacy?", index=seed_index)
    assert done.returncode == 0, done.stderr
    assert "ollama.example" in done.stderr
