"""No byte of an index is used before the block it lies in was found to be what was written."""

from pathlib import Path

import pytest

from ibid.errors import IndexDamaged
from ibid.storage.verified_files import BLOCK, DIGEST, FileRecord, VerifiedFile, record

DATA = bytes(range(256)) * (BLOCK // 256) * 3 + b"and a bit"
LONG = b"".join(number.to_bytes(8, "big") * (BLOCK // 8) for number in range(200)) + b"the end"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(DATA)
    return path


def opened(path: Path, data: bytes = DATA) -> VerifiedFile:
    return VerifiedFile(path, "file", record([data]))


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("step", [1000, BLOCK - 1, BLOCK, BLOCK + 1, len(DATA)])
def test_a_record_does_not_depend_on_how_the_bytes_come(step: int):
    pieces = [DATA[start : start + step] for start in range(0, len(DATA), step)]
    assert record([b"", *pieces]) == record([DATA])
    assert len(record([DATA]).digests) == 4 * DIGEST


@pytest.mark.parametrize("data", [b"", b"x", DATA[:BLOCK], DATA[: BLOCK + 1], DATA])
def test_what_was_written_is_read(path: Path, data: bytes):
    path.write_bytes(data)
    file = opened(path, data)
    assert b"".join(file.blocks()) == file.read(0, len(data)) == data
    assert file.read(len(data) // 2, len(data) // 3) == data[len(data) // 2 :][: len(data) // 3]
    assert file.verify() == path


@pytest.mark.parametrize("place", [0, BLOCK - 1])
def test_a_changed_bit_in_the_first_block_is_found_when_the_file_is_opened(path: Path, place: int):
    flip(path, place)
    with pytest.raises(IndexDamaged, match="file is not the file that was written"):
        opened(path)


@pytest.mark.parametrize("place", [BLOCK, 2 * BLOCK - 1, 3 * BLOCK + 8])
def test_a_changed_bit_is_found_before_a_byte_of_its_block_is_used(path: Path, place: int):
    flip(path, place)
    file = opened(path)
    assert file.read(0, BLOCK) == DATA[:BLOCK]
    for start, size in ((place, 1), (place // BLOCK * BLOCK, 1), (0, len(DATA)), (place - 9, 19)):
        with pytest.raises(IndexDamaged, match="not the file that was written"):
            file.read(start, min(size, len(DATA) - start))
    with pytest.raises(IndexDamaged, match="not the file that was written"):
        file.verify()
    with pytest.raises(IndexDamaged, match="not the file that was written"):
        list(file.blocks())


@pytest.mark.parametrize("data", [b"", DATA[:-1], DATA[:BLOCK], DATA + b"\n"])
def test_a_file_of_another_length_is_refused(path: Path, data: bytes):
    path.write_bytes(data)
    with pytest.raises(IndexDamaged, match="not the file that was written"):
        opened(path)


def test_a_file_that_is_cut_after_it_was_opened_is_refused(path: Path):
    file = opened(path)
    path.write_bytes(DATA[:BLOCK])
    with pytest.raises(IndexDamaged):
        file.read(2 * BLOCK, 9)
    with pytest.raises(IndexDamaged):
        file.verify()


def test_a_record_with_too_few_digests_is_refused(path: Path):
    file = VerifiedFile(path, "file", FileRecord(len(DATA), record([DATA]).digests[:-DIGEST]))
    assert file.read(2 * BLOCK, 9) == DATA[2 * BLOCK :][:9]
    for start in (BLOCK, 3 * BLOCK):
        with pytest.raises(IndexDamaged):
            file.read(start, len(DATA) - start)


def test_bytes_behind_the_end_cannot_be_read(path: Path):
    file = opened(path)
    for start in (len(DATA) - 1, len(DATA), 9 * BLOCK):
        with pytest.raises(IndexDamaged):
            file.read(start, 2)
    assert file.verify() == path


@pytest.mark.parametrize("block", [1, 63, 64, 65, 128, 199, 200])
def test_a_changed_bit_is_found_among_many_blocks_that_are_read_together(path: Path, block: int):
    path.write_bytes(LONG)
    flip(path, block * BLOCK)
    file = opened(path, LONG)
    for start, size in ((block * BLOCK, 1), (0, len(LONG)), (block * BLOCK, BLOCK)):
        with pytest.raises(IndexDamaged, match="not the file that was written"):
            file.read(start, min(size, len(LONG) - start))
    with pytest.raises(IndexDamaged, match="not the file that was written"):
        list(file.blocks())
    flip(path, block * BLOCK)
    assert file.read(0, len(LONG)) == b"".join(file.blocks()) == LONG


def test_a_block_is_verified_once_and_again_where_all_are_asked_for(path: Path):
    path.write_bytes(LONG)
    file = opened(path, LONG)
    file.read(70 * BLOCK, 1)
    flip(path, 70 * BLOCK)
    assert file.verify() == path
    with pytest.raises(IndexDamaged):
        list(file.blocks())


def test_a_file_that_a_build_removed_can_still_be_read(path: Path):
    file = opened(path)
    path.unlink()
    assert file.read(2 * BLOCK, 9) == DATA[2 * BLOCK :][:9]
