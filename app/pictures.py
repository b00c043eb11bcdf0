"""Picture files in: JPEG, PNG, WebP, AVIF or HEIC becomes an upright, bounded `Picture`."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image, ImageOps

from app.errors import IntakeError
from app.signatures import AVIF, HEIC, JPEG, PNG, WEBP, Signature
from dialogue.types import Picture

FORMATS: dict[Signature, str] = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", AVIF: "AVIF"}
"""Pillow's names of what can be opened here."""

try:
    from pillow_heif import register_heif_opener
except ImportError:
    pass  # pictures of some phones are then refused with a sentence
else:
    register_heif_opener()
    FORMATS[HEIC] = "HEIF"

# A picture that Pillow only warns about is already beyond every limit of ours.
warnings.simplefilter("error", Image.DecompressionBombWarning)

LONG_SIDE = 2560
"""Pixels; larger pictures are scaled down, small print stays readable."""


def decode_picture(content: bytes, signature: Signature, limit: int) -> tuple[Picture, bytes]:
    """The picture of at most `limit` pixels, and a JPEG of it without the camera's notes.

    Of an animation the first frame. Raises IntakeError.
    """
    try:
        upright = _open(content, FORMATS[signature], limit)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(limit) from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, ArithmeticError) as error:
        # Each of these comes out of Pillow's decoders for some damaged file.
        raise IntakeError("picture_unreadable") from error
    kept = io.BytesIO()
    upright.save(kept, "JPEG", quality=88)
    return Picture(np.array(upright, dtype=np.uint8)), kept.getvalue()


def _open(content: bytes, name: str, limit: int) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=[name]) as image:
        if image.width * image.height > limit:
            raise _too_many_pixels(limit)
        image.draft("RGB", (LONG_SIDE, LONG_SIDE))
        image.thumbnail((LONG_SIDE, LONG_SIDE))
        return _opaque(ImageOps.exif_transpose(image))


def _opaque(image: Image.Image) -> Image.Image:
    """RGB on white, without what the camera noted."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        flat = image.convert("RGB")
    else:
        layered = image.convert("RGBA")
        flat = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)
        flat = flat.convert("RGB")
    flat.info.clear()
    flat.getexif().clear()
    return flat


def _too_many_pixels(limit: int) -> IntakeError:
    return IntakeError("picture_too_many_pixels", limit=limit // 10_000)
