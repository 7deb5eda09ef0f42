"""From what the user typed (path, glob, folder, ``-``) to byte sources, each with its format and compression.

Formats go by extension: ``.csv``, ``.tsv``/``.tab``, ``.ndjson``/``.jsonl``/``.json`` (one object a line),
``.parquet``/``.pq``, ``.arrow``/``.feather``/``.ipc``, each also with ``.gz``, ``.zst`` or ``.bz2`` behind it.
Standard input and files with another extension are told apart by their first bytes and first line only: the
signatures of Parquet, Arrow and the three compressions; ``{`` begins JSON lines; a tab in the first line means
TSV; anything else is CSV. A folder means every file in it (not below it) with one of these extensions, by name.
"""

from __future__ import annotations

import glob
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

import pyarrow as pa

from calcopt.data.spool import Spool
from calcopt.errors import DataError, did_you_mean

Format = Literal["csv", "tsv", "ndjson", "parquet", "arrow"]
Compression = Literal["gzip", "zstd", "bz2"]

STANDARD_INPUT = "standard input"
_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "ndjson",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
_COMPRESSIONS: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}
_SIGNATURES: dict[bytes, Compression] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2"}


@dataclass(frozen=True)
class Source:
    """Bytes that can be opened again and again, with their label for messages, format and compression."""

    label: str
    origin: Path | Spool | bytes | pa.Buffer
    format: Format
    compression: Compression | None = None

    @property
    def path(self) -> str | None:
        """The absolute path; None for what is not a regular file."""
        return str(self.origin) if isinstance(self.origin, Path) and self.origin.is_file() else None

    def open(self) -> pa.NativeFile:
        """The decompressed bytes as a stream, from the beginning."""
        return _open(self.origin, self.compression, self.label)

    def open_seekable(self) -> pa.NativeFile:
        """The bytes with random access (Parquet, Arrow); a compressed or piped source is read whole first."""
        if self.compression is not None:
            return pa.BufferReader(self.open().read())
        if isinstance(self.origin, Spool):
            self.origin.drain()  # readers of live streams may get less than they ask for, and Arrow asks once
        return self.open()

    def open_text(self) -> io.TextIOWrapper:
        """The decompressed text, no byte order mark, line ends as they are; bytes that are not UTF-8 are surrogates."""
        raw = io.BufferedReader(cast("io.RawIOBase", self.open()), buffer_size=1 << 16)
        return io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")


def resolve(source: str, stdin: BinaryIO | None) -> list[Source]:
    """The byte sources that ``source`` names, in reading order; ``DataError`` when there is none."""
    if source == "-":
        if stdin is None:
            raise DataError("there is no standard input to read", "-", hint="name a file")
        return [_sniffed(STANDARD_INPUT, Spool(stdin), "there is nothing to read")]
    if not source.strip():  # such as "$FILE" with no value: never the present folder, which nobody named
        raise DataError("no file is named", "DATA", hint="name a file, a glob or a folder; . is this folder")
    path = Path(source).expanduser()
    if path.is_dir():
        return [_by_extension(file) for file in _files_in(path, source)]
    if not path.exists() and glob.has_magic(source):
        matches = sorted(glob.glob(str(path), recursive=True))
        files = [Path(match) for match in matches if Path(match).is_file()]
        if not files:
            raise DataError("no file matches this pattern", source, hint=_nearby(path))
        return [_by_extension(file) for file in files]
    if not path.exists():
        raise DataError("no such file", source, hint=_nearby(path))
    return [_by_extension(path)]


def known_extension(path: Path) -> Format | None:
    """The format that the extension of ``path`` stands for, compression aside; None when it is not one of ours."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _COMPRESSIONS:
        suffixes.pop()
    return _FORMATS.get(suffixes[-1]) if suffixes else None


def _files_in(folder: Path, typed: str) -> list[Path]:
    visible = sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "_")))
    files = [entry for entry in visible if entry.is_file() and known_extension(entry) is not None]
    if not files:
        deeper = any(entry.is_dir() for entry in visible)
        hint = f"its folders are not searched; try '{typed.rstrip('/')}/**/*.csv'" if deeper else None
        raise DataError("this folder holds no CSV, TSV, JSON lines, Parquet or Arrow file", typed, hint=hint)
    return files


def _by_extension(path: Path) -> Source:
    label, path = str(path), path.absolute()  # a worker's present folder is another
    if not os.access(path, os.R_OK):
        raise DataError("this file cannot be read: permission denied", label)
    known = known_extension(path)
    if known is None:
        return _sniffed(label, path, "this file is empty")
    if path.is_file() and path.stat().st_size == 0:
        raise DataError("this file is empty", label)
    return Source(label, path, known, _COMPRESSIONS.get(path.suffix.lower()))


def _sniffed(label: str, origin: Path | Spool, empty: str) -> Source:
    if isinstance(origin, Path) and not origin.is_file():  # a named pipe or a device: it can be read only once
        origin = Spool(origin.open("rb"))
    head = _head(_open(origin, None, label), label)
    compression = next((name for mark, name in _SIGNATURES.items() if head.startswith(mark)), None)
    if compression is not None:
        head = _head(_open(origin, compression, label), label)
    if not head.strip():
        raise DataError(empty, label)
    return Source(label, origin, _format_of(head), compression)


def _format_of(head: bytes) -> Format:
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return "arrow"
    first_line = head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
    if first_line.startswith((b"{", b"[")):
        return "ndjson"
    return "tsv" if b"\t" in first_line else "csv"


def _head(stream: pa.NativeFile, label: str) -> bytes:
    """The first line (at most 64 KiB), without waiting for more than it takes."""
    head = b""
    while len(head) < 1 << 16 and b"\n" not in head.lstrip():
        try:
            chunk = stream.read1(1 << 12)  # type: ignore[call-arg]
        except OSError as error:
            raise DataError(f"this file cannot be read: {error}", label) from error
        if not chunk:
            break
        head += chunk
    return head


def _open(origin: Path | Spool | bytes | pa.Buffer, compression: Compression | None, label: str) -> pa.NativeFile:
    if isinstance(origin, (bytes, pa.Buffer)):
        return pa.BufferReader(origin)
    try:
        raw = pa.PythonFile(origin.open(), mode="r") if isinstance(origin, Spool) else pa.OSFile(str(origin), "rb")
        return raw if compression is None else pa.CompressedInputStream(raw, compression)
    except OSError as error:
        raise DataError(f"this file cannot be read: {error.strerror or error}", label) from error


def _nearby(path: Path) -> str | None:
    folder = path.parent
    if glob.has_magic(str(folder)):
        return None
    if not folder.is_dir():
        return f"there is no folder '{folder}'"
    names = [entry.name for entry in folder.iterdir() if not entry.name.startswith(".")]
    close = did_you_mean(path.name, names)
    if close is not None:
        return f"did you mean '{folder / close}'?"
    readable = sorted(name for name in names if known_extension(Path(name)) is not None)
    if not readable:
        return None
    return f"'{folder}' holds " + ", ".join(readable[:6]) + (" …" if len(readable) > 6 else "")
