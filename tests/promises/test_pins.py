"""What is pinned: one version for each package, and the digests of its files."""

import re

from conftest import ROOT
from ibid.doctor import LEFT_OUT

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
    light = {pin.partition("==")[0] for pin in pins((ROOT / "light.txt").read_text("utf-8"))}
    assert {name.lower().replace("_", "-") for name in needed} - light == {*LEFT_OUT}
    assert "mcp" in light
    assert not light & {"torch", "scikit-learn", "pandas", "triton", "gradio-client", "numba"}


def test_the_light_install_takes_files_that_the_whole_one_takes() -> None:
    whole, light = ((ROOT / name).read_text("utf-8") for name in ("hashes.txt", "light.txt"))
    entries, fewer = (set(re.split(r"\n(?=\w)", text)[1:]) for text in (whole, light))
    assert {entry.strip() for entry in fewer} < {entry.strip() for entry in entries}


def test_the_image_is_made_of_the_light_install_and_runs_as_nobody_in_particular() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    assert "RUN pip install --require-hashes --no-deps -r /src/light.txt" in lines
    last_user = [line for line in lines if line.startswith("USER ")][-1]
    assert int(last_user.split()[1]) > 0
    assert sum(line.startswith("HEALTHCHECK ") for line in lines) == 1
    assert all(":" in line.split()[1] for line in lines if line.startswith("FROM "))


def test_every_pin_has_digests_of_its_files() -> None:
    for entry in re.split(r"\n(?=\w)", (ROOT / "hashes.txt").read_text("utf-8"))[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry
        assert not WITHOUT_DIGESTS.fullmatch(entry.partition("==")[0])
