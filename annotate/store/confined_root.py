"""Names of files that come from elsewhere, looked up below one folder: none leads out of it, none is a device."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath, PureWindowsPath

from annotate.errors import SemoError


class Root:
    """A folder below which files may be named by a manifest, a table or a recipe that somebody else wrote.

    Args:
        folder: the folder.
        what: what it is to the user: the option, or the data set.
    """

    def __init__(self, folder: Path, what: str) -> None:
        self.folder, self.what = folder, what
        self._real = [os.path.realpath(folder)]
        # the Hub's cache keeps the files of a snapshot elsewhere, and links to them
        if folder.parent.name == "snapshots":
            self._real.append(os.path.realpath(folder.parent.parent / "blobs"))

    def file(self, name: object) -> Path:
        """The file of a name.

        Raises:
            SemoError: the name is none, is absolute or leads out of the folder, by ``..`` or by a link, or there is
                no regular file.
        """
        if not isinstance(name, str) or not name or "\0" in name:
            raise SemoError(f"{self.what}: expected the name of a file, found {str(name)[:80]!r}")
        if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or ".." in PurePosixPath(name).parts:
            raise SemoError(f"{self.what}: the path {name[:200]!r} leads outside; it is not read")
        path = self.folder / name
        try:
            real = os.path.realpath(path)
            if not any(real.startswith(base.rstrip(os.sep) + os.sep) for base in self._real):
                raise SemoError(f"{self.what}: the path {name[:200]!r} is a link that leads outside; it is not read")
            if not stat.S_ISREG(os.stat(path).st_mode):
                raise SemoError(f"{self.what}: {name[:200]!r} is not a file")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            missing = isinstance(error, FileNotFoundError)
            raise SemoError(f"{self.what}: {name[:200]!r}: {'there is no such file' if missing else reason}") from None
        return path
