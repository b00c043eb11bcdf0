"""Signatures: what kind of file some bytes are, whatever their name or sender says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["audio", "picture"]


@dataclass(frozen=True, slots=True)
class Signature:
    """A file format we read."""

    kind: Kind
    type: str
    """Media type, e.g. audio/webm."""


WAV = Signature("audio", "audio/wav")
WEBM = Signature("audio", "audio/webm")
OGG = Signature("audio", "audio/ogg")
FLAC = Signature("audio", "audio/flac")
MP3 = Signature("audio", "audio/mpeg")
MP4 = Signature("audio", "audio/mp4")
AAC = Signature("audio", "audio/aac")
JPEG = Signature("picture", "image/jpeg")
PNG = Signature("picture", "image/png")
WEBP = Signature("picture", "image/webp")
HEIC = Signature("picture", "image/heic")
AVIF = Signature("picture", "image/avif")

_PREFIXES = (
    (b"\x1a\x45\xdf\xa3", WEBM),
    (b"OggS", OGG),
    (b"fLaC", FLAC),
    (b"ID3", MP3),
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
)
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def sniff(content: bytes) -> Signature | None:
    """The format of `content`; None where it is none of ours."""
    for prefix, signature in _PREFIXES:
        if content.startswith(prefix):
            return signature
    if content[:4] == b"RIFF":
        return {b"WAVE": WAV, b"WEBP": WEBP}.get(content[8:12])
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        return HEIC if brand in _HEIC_BRANDS else AVIF if brand in _AVIF_BRANDS else MP4
    return _mpeg_frame(content)


def _mpeg_frame(content: bytes) -> Signature | None:
    """ADTS and bare MP3 begin with eleven or twelve set bits and a layer."""
    if len(content) < 4 or content[0] != 0xFF or content[1] & 0xE0 != 0xE0:
        return None
    layer = content[1] >> 1 & 0b11
    if layer == 0 and content[1] & 0xF0 == 0xF0:
        return AAC
    reserved = content[1] >> 3 & 0b11 == 1 or content[2] >> 4 == 0b1111
    return MP3 if layer != 0 and not reserved else None
