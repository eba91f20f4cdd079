"""A server of Milvus for the tests: milvus-lite in a process of its own, which asks for a token."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from served_libraries import SECRET

TOKEN = SECRET
_NUMBERS = count()

_SERVER = """
import base64, sys
from pathlib import Path
from concurrent.futures import ThreadPoolExecutor
import grpc
from pymilvus.grpc_gen import milvus_pb2, milvus_pb2_grpc
from milvus_lite.adapter.grpc.servicer import MilvusServicer
from milvus_lite.db import MilvusLite

folder, port, token, version = sys.argv[1:]
wanted = base64.b64encode(token.encode()).decode()

class Guard(grpc.ServerInterceptor):
    def intercept_service(self, go_on, call):
        if ("authorization", wanted) in [(key, value) for key, value in call.invocation_metadata]:
            return go_on(call)
        def refuse(request, context):
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "auth check failure")
        return grpc.unary_unary_rpc_method_handler(refuse)

class Servicer(MilvusServicer):
    def GetVersion(self, request, context):
        answer = super().GetVersion(request, context)
        if Path(version).exists():
            answer.version = Path(version).read_text()
        return answer

server = grpc.server(ThreadPoolExecutor(10), interceptors=[Guard()], options=[
    ("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1),
    ("grpc.http2.max_ping_strikes", 0)])  # clients ping every 10 s, which Milvus allows
milvus_pb2_grpc.add_MilvusServiceServicer_to_server(Servicer(MilvusLite(folder)), server)
server.add_insecure_port(f"127.0.0.1:{port}")
server.start()
print("ready", flush=True)
server.wait_for_termination()
"""


@dataclass
class Server:
    """A server and its data."""

    folder: Path
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    def address(self, library: str = "") -> str:
        """Return the address of a library, by default of one that is not there yet."""
        return f"milvus://127.0.0.1:{self.port}/{library or f'library{next(_NUMBERS)}'}"

    def client(self) -> Any:
        from pymilvus import MilvusClient

        return MilvusClient(uri=f"http://127.0.0.1:{self.port}", token=TOKEN, dedicated=True)

    def collections(self, library: str) -> list[str]:
        """Return the collections of a library."""
        client = self.client()
        found = sorted(each for each in client.list_collections() if each.startswith(library))
        client.close()
        return found

    @contextmanager
    def of_version(self, version: str) -> Iterator[None]:
        """Let the server say that it has another version."""
        self._version.write_text(version, "ascii")
        yield
        self._version.unlink()

    @property
    def _version(self) -> Path:
        return self.folder.with_name("version")

    def start(self) -> None:
        if not self.port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
        arguments = [str(self.folder), str(self.port), TOKEN, str(self._version)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVER, *arguments], stdout=subprocess.PIPE
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == b"ready\n"

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout
            self.process.stdout.close()
            time.sleep(0.1)


@contextmanager
def run_milvus() -> Iterator[Server]:
    """Run a server until the tests are over. Skips them where it is not installed."""
    for name in ("pymilvus", "milvus_lite"):
        if not find_spec(name):
            if os.environ.get("CI"):
                raise RuntimeError(f"CI has to test Milvus, and {name} is not installed")
            pytest.skip(f"{name} is not installed")
    with TemporaryDirectory(prefix="ibid-milvus-") as folder:
        server = Server(Path(folder) / "data")
        server.start()
        try:
            yield server
        finally:
            server.stop()
