"""A virtual environment per peer, made once and kept as long as its requirements stay the same."""

import hashlib
import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
REQUIREMENTS = Path(__file__).parent / "requirements"


class Environment:
    """The environment of one peer, in `folder`."""

    def __init__(self, name: str, folder: Path) -> None:
        self.requirements = REQUIREMENTS / f"{name}.txt"
        self.folder = folder / name

    @property
    def python(self) -> Path:
        return self.folder / "bin/python"

    def make(self) -> None:
        """Install what the peer needs, unless it is there. Raises CalledProcessError."""
        stamp = self.folder / "stamp"
        if stamp.exists() and stamp.read_text("utf-8") == self._digest():
            return
        print(f"Installing {self.requirements.stem}: a minute or two, this once.", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", self.folder], check=True)
        more = shlex.split(os.environ.get("PIP_ARGS", ""))
        command = [self.python, "-m", "pip", "install", "-qqq", *more, "-r", self.requirements]
        subprocess.run(command, cwd=ROOT, check=True)  # `-e .` is the repository
        stamp.write_text(self._digest(), "utf-8")

    def _digest(self) -> str:
        read = [self.requirements]
        if "-e ." in self.requirements.read_text("utf-8"):
            read += [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
        return hashlib.sha256(b"".join(path.read_bytes() for path in read)).hexdigest()

    @property
    def pins(self) -> list[str]:
        """The packages that are named, with their versions."""
        lines = self.requirements.read_text("utf-8").splitlines()
        return [line for line in lines if line and line[0] not in "#-"]

    @property
    def megabytes(self) -> float:
        """What is installed, without pip and setuptools."""
        return sum(
            path.lstat().st_size
            for path in self.folder.glob("lib/python*/site-packages/**/*")
            if not {"pip", "setuptools", "_distutils_hack"} & set(path.parts)
        ) / (1 << 20)
