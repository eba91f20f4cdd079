"""What is pinned: one version for each package, and the digests of its files."""

import re

from conftest import ROOT

WITHOUT_DIGESTS = re.compile(r"torch|triton|cuda-.*|nvidia-.*")  # which build is the user's choice
NEEDS = re.compile(r'^  "([\w.-]+)', re.MULTILINE)


def pins(text: str) -> set[str]:
    return {line.split()[0] for line in text.splitlines() if re.match(r"\w", line)}


def test_hashes_are_those_of_the_versions_that_were_tested() -> None:
    hashed = pins((ROOT / "hashes.txt").read_text("utf-8"))
    assert hashed <= pins((ROOT / "constraints.txt").read_text("utf-8"))


def test_every_package_that_ibid_needs_is_hashed() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    needed = NEEDS.findall(
        project[project.index("dependencies = [") : project.index("[project.opt")]
    )
    hashed = {pin.partition("==")[0] for pin in pins((ROOT / "hashes.txt").read_text("utf-8"))}
    assert {name.lower().replace("_", "-") for name in needed} <= hashed


def test_every_pin_has_digests_of_its_files() -> None:
    for entry in re.split(r"\n(?=\w)", (ROOT / "hashes.txt").read_text("utf-8"))[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry
        assert not WITHOUT_DIGESTS.fullmatch(entry.partition("==")[0])
