"""What programs send beyond this machine, counted below Python: strace sees each call of theirs."""

import ipaddress
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# What is sent through an io_uring would not be seen, so that setting one up counts.
_CALLS = "connect,sendto,sendmsg,sendmmsg,io_uring_setup"
_FAMILY = re.compile(r"sa_family=AF_(\w+)")
_ADDRESS = re.compile(r'inet_(?:addr\(|pton\(AF_INET6, )"([^"]+)"')
# nscd is asked for users, too: only its table of hosts counts.
_RESOLVER = re.compile(r'sun_path=@?"[^"]*(?:resolve|avahi)|sendto\(\d+, "[^"]*hosts\\0')
_LOCAL_FAMILIES = {"UNIX", "NETLINK", "UNSPEC"}


def strace(trace: Path, *options: str) -> list[str]:
    """Return what has to stand before a command, so that its calls are written to `trace`."""
    seen = [f"--trace={_CALLS}", f"--output={trace}"]
    return ["strace", "--follow-forks", "--seccomp-bpf", "-qq", *seen, *options]


def why_not_traced() -> str:
    """Return why programs cannot be traced here, empty where they can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(
        strace(Path(os.devnull), "true"), capture_output=True, text=True, check=False
    )
    return "" if tried.returncode == 0 else f"strace may not trace here: {tried.stderr.strip()}"


def leaves(call: str) -> bool:
    """Tell whether a line of strace is a look-up, or reaches for another machine."""
    families = set(_FAMILY.findall(call)) - _LOCAL_FAMILIES
    if not families:
        return "io_uring_setup(" in call or _RESOLVER.search(call) is not None
    addresses = _ADDRESS.findall(call)
    return (
        not families <= {"INET", "INET6"}
        or "htons(53)" in call  # a name server may well be on this machine
        or not all(_is_here(address) for address in addresses)
    )


def _is_here(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_loopback or ip.is_unspecified


class Traced:
    """A program under strace, in a home that a test gave it and in no other environment."""

    def __init__(self, name: str, command: Sequence[str], home: Path, **more: str) -> None:
        self._trace = home.parent / f"{name}.trace"
        self._log = home.parent / f"{name}.log"
        self._trace.parent.mkdir(parents=True, exist_ok=True)
        self._trace.touch()
        temporary = home / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        # Nothing is inherited: where it says CI, many a library leaves its reports out.
        path = os.environ.get("PATH", os.defpath)
        clean = {"PATH": path, "HOME": str(home), "TMPDIR": str(temporary), "LANG": "C.UTF-8"}
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [*strace(self._trace), *command],
                env={**clean, **more},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def printed(self) -> str:
        return self._log.read_text("utf-8", "replace")

    @property
    def left(self) -> list[str]:
        """Return the calls so far that reached beyond this machine."""
        return [call for call in self._trace.read_text().splitlines() if leaves(call)]

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until it has printed `text` so often."""
        wait_until(lambda: self.printed.count(text) >= times or self.process.poll() is not None)
        assert self.printed.count(text) >= times, self.printed

    def end(self) -> int:
        """Interrupt it, as Ctrl-C does, and return its exit code; strace itself lets that pass."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        return self.finish()

    def finish(self) -> int:
        """Close its input, and return its exit code once it has ended."""
        self.process.communicate(timeout=120)
        return self.process.returncode


def wait_until(happened: Callable[[], object], seconds: float = 120) -> None:
    """Wait for something that another program does."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)
