"""Archives as an engine makes them, and as only somebody hostile would."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable
from typing import Any

Entry = tarfile.TarInfo | tuple[tarfile.TarInfo, bytes]


def a_file(name: str, content: bytes = b"", **attributes: Any) -> Entry:
    return an_entry(name, tarfile.REGTYPE, **({"size": len(content)} | attributes)), content


def a_folder(name: str) -> Entry:
    return an_entry(name, tarfile.DIRTYPE)


def an_entry(name: str, kind: bytes, **attributes: Any) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.mtime = kind, 0o644, 1_700_000_000
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info


def archive(*entries: Entry, pieces: int = 700) -> Iterable[bytes]:
    """Return an archive of these entries, in pieces of that many bytes."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in entries:
            info, content = entry if isinstance(entry, tuple) else (entry, b"")
            tar.addfile(info, io.BytesIO(content) if content else None)
    whole = file.getvalue()
    return [whole[begin : begin + pieces] for begin in range(0, len(whole), pieces)]
