"""A file as it is read here: bytes at hand, or a stream that can be wound back, such as an upload on the disk."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO

Source = bytes | IO[bytes]

BYTES_AT_ONCE = 256 * 1024


class UnreadableFile(ValueError):
    """A file that cannot be read; the message is a sentence for the person who brought it."""

    @property
    def sentence(self) -> str:
        """What is wrong and what to do."""
        return str(self.args[0])


def stream_of(source: Source) -> IO[bytes]:
    """The source as a stream at its beginning."""
    if isinstance(source, bytes):
        return io.BytesIO(source)
    source.seek(0)
    return source


def size_of(source: Source) -> int:
    """How many bytes it has."""
    return len(source) if isinstance(source, bytes) else source.seek(0, 2)


def beginning_of(source: Source, length: int = 8) -> bytes:
    """Its first bytes."""
    return source[:length] if isinstance(source, bytes) else stream_of(source).read(length)


def parts_of(source: Source) -> Iterator[bytes]:
    """All its bytes, a quarter of a megabyte at a time."""
    stream = stream_of(source)
    while part := stream.read(BYTES_AT_ONCE):
        yield part
