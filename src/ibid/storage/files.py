"""The one way to open a file that is ibid's own: a plain one, through no link, never waiting.

A link, a pipe or a device in the place of such a file would have something else read, emptied or
waited for. Where others may write to its folder, it is of this user, of the administrator or of
whoever owns the folder: nobody else puts a file there. In any other folder it does not matter who
owns it: it is at the place that the user named. What is only read may have other names, as in a
copy made of hard links.
"""

import errno
import os
import stat
from pathlib import Path

_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_ADMINISTRATOR, _OTHERS_WRITE = 0, stat.S_IWGRP | stat.S_IWOTH
_LASTING = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG})


class NotPlain(OSError):
    """What is at a path is no plain file, has other names, or is larger than it can be."""


def open_file(path: Path, flags: int = os.O_RDONLY, *, follow: bool = False) -> int:
    """Return the descriptor of a plain file; `follow` allows for links to it.

    One that is opened to be written is made if `flags` say so, and may have no second name.
    Raises OSError, NotPlain for what is there instead.
    """
    safe = os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags | safe, 0o600)
    except OSError as error:
        if kind := _strange_kind(path, follow=follow):
            raise NotPlain(error.errno, kind, str(path)) from error
        raise
    try:
        status = os.fstat(descriptor)
        if kind := _name_kind(status.st_mode):
            raise NotPlain(errno.EINVAL, kind, str(path))
        if flags & os.O_ACCMODE != os.O_RDONLY and status.st_nlink > 1:
            raise NotPlain(errno.EMLINK, "a file with other names", str(path))
        if not follow and _is_strangers(path, status):
            raise NotPlain(errno.EPERM, "a file of another user", str(path))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def read_file(path: Path, most: int, *, follow: bool = False) -> bytes:
    """Return the bytes of a plain file of at most `most`. Raises OSError."""
    with os.fdopen(open_file(path, follow=follow), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise NotPlain(errno.EFBIG, f"larger than {most:,} bytes", str(path))
        return file.read(size)


def require_folder(path: Path) -> None:
    """Raise NotPlain where there is no folder but a link to one, another user's, or no folder."""
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise NotPlain(errno.ENOTDIR, _name_kind(status.st_mode) or "no folder", str(path))
    if _is_strangers(path, status):
        raise NotPlain(errno.EPERM, "a folder of another user", str(path))


def _is_strangers(path: Path, status: os.stat_result) -> bool:
    """Tell whether somebody else has put a file or a folder where many may write."""
    if status.st_uid in (os.geteuid(), _ADMINISTRATOR):
        return False
    above = path.absolute().parent.stat()
    return status.st_uid != above.st_uid and bool(above.st_mode & _OTHERS_WRITE)


def is_lasting(error: OSError) -> bool:
    """Tell whether a file is not there as it was written; any other trouble may pass."""
    return isinstance(error, NotPlain) or error.errno in _LASTING


def hint_for(error: OSError) -> str:
    """Return what to do about trouble that may pass."""
    match error.errno:
        case errno.EMFILE | errno.ENFILE:
            return "allow for more open files (ulimit -n), then try again"
        case errno.ENOSPC | errno.EDQUOT:
            return "free some space, then try again"
        case errno.EFBIG:
            return "allow for larger files (ulimit -f), then try again"
        case _:
            return "try again"


def _strange_kind(path: Path, *, follow: bool) -> str:
    """Return what is at a path in words, nothing for a plain file or where nothing is."""
    try:
        return _name_kind((path.stat() if follow else path.lstat()).st_mode)
    except (OSError, ValueError):
        return "a link to nowhere" if path.is_symlink() else ""


def _name_kind(mode: int) -> str:
    return _KINDS.get(stat.S_IFMT(mode), "" if stat.S_ISREG(mode) else "no plain file")
