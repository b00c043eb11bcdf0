"""Intake: what browsers and phones send becomes a turn, told by content, measured and bounded."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from PIL import Image

from app.config import Limits
from app.errors import REFUSALS, IntakeError, describe
from app.intake import Envelope, Intake, Received, clean
from app.signatures import sniff
from dialogue.types import AudioClip
from speech.audio import encode_wav

SECONDS = 2


def envelope(*files: tuple[str, bytes], text: str = "") -> Envelope:
    """A message of these files."""
    return Envelope("c", "t", "zh", text, tuple(files))


def take(*files: tuple[str, bytes], text: str = "", **limits: float) -> Received:
    """The turn that comes of it."""
    return Intake(Limits(**limits)).open(envelope(*files, text=text))


def recorded(form: str, codec: str, rate: int, layout: str = "s16") -> bytes:
    """A hum of two seconds in some container."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form) as file:
        stream = file.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(stream.format, "mono", rate, frame_size=1024)
        wave = (8000 * np.sin(np.arange(rate * SECONDS) * 0.05)).astype(np.int16)[None, :]
        frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        frame.rate = rate
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            for packet in stream.encode(piece):
                file.mux(packet)
        for packet in stream.encode(None):
            file.mux(packet)
    return buffer.getvalue()


def drawn(form: str, size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    """A red picture in some format."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (220, 30, 30)).save(buffer, form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("form", "codec", "rate", "media_type"),
    [
        ("webm", "libopus", 48000, "audio/webm"),
        ("ogg", "libopus", 48000, "audio/ogg"),
        ("mp4", "aac", 44100, "audio/mp4"),
        ("adts", "aac", 44100, "audio/aac"),
        ("mp3", "libmp3lame", 44100, "audio/mpeg"),
        ("flac", "flac", 44100, "audio/flac"),
        ("wav", "pcm_s16le", 22050, "audio/wav"),
    ],
)
def test_every_recording_format_is_told_by_content_and_decoded(
    form: str, codec: str, rate: int, media_type: str
) -> None:
    received = take(("picture", recorded(form, codec, rate)))
    assert received.audio is not None
    assert received.audio.type == media_type, "sent as a picture, and still heard"
    assert received.turn.modalities == ("voice",)
    assert received.turn.audio is not None
    assert received.turn.audio.seconds == pytest.approx(SECONDS, abs=0.15)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_every_picture_format_is_decoded(form: str) -> None:
    received = take(("picture", drawn(form)))
    assert received.turn.modalities == ("picture",)
    (picture,) = received.turn.pictures
    assert (picture.width, picture.height) == (60, 40)
    assert np.abs(picture.pixels[20, 30].astype(int) - (220, 30, 30)).max() < 12
    assert received.pictures[0].type == "image/jpeg"


def test_a_phone_held_upright_gives_an_upright_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    (picture,) = take(("picture", drawn("JPEG", exif=exif))).turn.pictures
    assert (picture.width, picture.height) == (40, 60)


def test_of_an_animation_the_first_frame_counts_and_clear_parts_become_white() -> None:
    buffer = io.BytesIO()
    frames = [Image.new("RGBA", (20, 20), c) for c in ((0, 0, 0, 0), (0, 255, 0, 255))]
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    (picture,) = take(("picture", buffer.getvalue())).turn.pictures
    assert picture.pixels.min() > 245


def test_a_large_picture_is_scaled_down_to_what_is_needed() -> None:
    (picture,) = take(("picture", drawn("JPEG", (5000, 3000)))).turn.pictures
    assert picture.width == 2560


def test_a_picture_beyond_the_limit_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(IntakeError) as refused:
        take(("picture", drawn("PNG", (200, 200))), picture_pixels=30_000)
    assert refused.value.code == "picture_too_many_pixels"
    assert refused.value.status == 413


def test_each_modality_has_a_quality_and_noise_lowers_it() -> None:
    rng = np.random.default_rng(1)
    time = np.arange(32000) / 16000
    burst = np.where((time % 0.5) < 0.3, 0.3 * np.sin(2 * np.pi * 200 * time), 0)
    clear = encode_wav(AudioClip(burst.astype(np.float32), 16000))
    noisy = encode_wav(AudioClip((burst + rng.normal(0, 0.15, 32000)).astype(np.float32), 16000))
    good, bad = (take(("audio", s), text="hi").turn for s in (clear, noisy))
    assert good.quality_of("text") == 1.0
    assert good.quality_of("voice") > bad.quality_of("voice")
    measures = dict(good.quality[1].measures)
    assert {"level_dbfs", "snr_db"} <= set(measures)


def test_of_several_pictures_the_best_speaks_for_the_turn() -> None:
    rng = np.random.default_rng(1)
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (300, 300, 3), np.uint8)).save(buffer, "PNG")
    flat, sharp = ("picture", drawn("PNG", (300, 300))), ("picture", buffer.getvalue())
    assert take(flat, sharp, flat).turn.quality_of("picture") > 0.9
    assert take(flat).turn.quality_of("picture") < 0.1


def test_text_is_composed_trimmed_and_rid_of_control_characters() -> None:
    assert clean("  cafe\u0301\x00\x1b[31m 你好\r\n再见 ", 100) == "café[31m 你好\n再见"


def test_text_is_bounded_in_characters_not_bytes() -> None:
    assert len(clean("好" * 2000, 2000)) == 2000
    with pytest.raises(IntakeError, match="2000"):
        clean("好" * 2001, 2000)


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg/>", b"GIF89a......", b"%PDF-1.7", b"#EXTM3U\nfile:///etc/passwd", b"\xff"],
)
def test_what_is_none_of_ours_is_not_guessed(content: bytes) -> None:
    assert sniff(content) is None


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_speaks_both_languages_and_ends_its_sentence(code: str) -> None:
    values = {"limit": 4, "seconds": 5, "name": "Mei", "field": "text"}
    zh, en = describe(code, "zh", **values), describe(code, "en", **values)
    assert zh.endswith("。")
    assert en.endswith(".")
    assert any("\u4e00" <= c <= "\u9fff" for c in zh)
    assert en.isascii()
