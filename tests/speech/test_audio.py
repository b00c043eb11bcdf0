from __future__ import annotations

import io

import av
import numpy as np
import pytest

from dialogue.types import AudioClip
from speech import level
from speech.audio import (
    SPEECH_RATE,
    TooLong,
    Undecodable,
    decode,
    encode_mp3,
    encode_wav,
    resample,
    trim,
    trim_silence,
)


def tone(seconds: float = 1.5, rate: int = SPEECH_RATE, hz: float = 440.0) -> AudioClip:
    time = np.arange(round(seconds * rate)) / rate
    return AudioClip((0.3 * np.sin(2 * np.pi * hz * time)).astype(np.float32), rate)


def packed(container: str, codec: str, rate: int) -> bytes:
    buffer = io.BytesIO()
    samples = resample(tone(), rate).samples
    with av.open(buffer, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.stack([samples, samples]), "fltp", "stereo")
        frame.rate = rate
        fit = av.AudioResampler(stream.codec_context.format, "stereo", rate)
        for piece in (*fit.resample(frame), *fit.resample(None)):
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return buffer.getvalue()


FORMATS = {
    "wav": ("wav", "pcm_s16le", 44_100),
    "webm/opus": ("webm", "libopus", 48_000),
    "ogg/opus": ("ogg", "libopus", 48_000),
    "mp4/aac": ("mp4", "aac", 44_100),
    "adts/aac": ("adts", "aac", 44_100),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "flac": ("flac", "flac", 44_100),
}


@pytest.mark.parametrize("name", FORMATS)
def test_what_browsers_and_phones_send_is_understood(name: str) -> None:
    clip = decode(packed(*FORMATS[name]))
    assert clip.rate == 16_000
    assert clip.seconds == pytest.approx(1.5, abs=0.1)
    middle = clip.samples[8_000:16_000]
    spectrum = np.abs(np.fft.rfft(middle))
    assert np.argmax(spectrum) * 2 == pytest.approx(440, abs=3)


@pytest.mark.parametrize("name", FORMATS)
def test_a_longer_recording_than_allowed_is_refused(name: str) -> None:
    with pytest.raises(TooLong, match=r"at most 1 s|more than 1 s"):
        decode(packed(*FORMATS[name]), max_seconds=1.0)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00", b"hello there", b"%PDF-1.7 ...", b"#EXTM3U\nfile:///etc/passwd", b"\xff" * 400],
)
def test_what_is_no_sound_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(content)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_cut_to_its_header_is_refused(name: str) -> None:
    with pytest.raises(Undecodable):
        decode(packed(*FORMATS[name])[:40])


@pytest.mark.parametrize("name", ["wav", "webm/opus", "flac", "mp3"])
def test_a_file_that_breaks_off_keeps_what_came_before(name: str) -> None:
    content = packed(*FORMATS[name])
    assert 0.1 < decode(content[: len(content) * 2 // 3]).seconds < 1.5


def test_a_picture_with_a_wav_header_is_refused() -> None:
    with pytest.raises(Undecodable):
        decode(b"RIFF\x24\x00\x00\x00WAVE" + b"\x89PNG" * 20)


def test_mp3_and_wav_come_back_as_they_went() -> None:
    for content in (encode_mp3(tone()), encode_wav(tone())):
        again = decode(content, rate=SPEECH_RATE)
        assert again.seconds == pytest.approx(1.5, abs=0.06)
        assert np.sqrt(np.mean(again.samples**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.1)
    assert len(encode_mp3(tone())) < len(encode_wav(tone())) / 4


def test_an_mp3_carries_its_tags() -> None:
    content = encode_mp3(tone(), {"AIGC": '{"Label": "1"}', "comment": "AI-generated speech"})
    with av.open(io.BytesIO(content)) as file:
        assert file.metadata["AIGC"] == '{"Label": "1"}'
        assert file.metadata["comment"] == "AI-generated speech"


def test_trimmed_speech_sounds_at_once() -> None:
    silence = np.zeros(8_000, np.float32)
    clip = AudioClip(np.concatenate([silence, tone().samples, silence]), SPEECH_RATE)
    assert trim_silence(clip).seconds == pytest.approx(1.525, abs=0.001)
    assert trim(clip, [(0.3, 0.5), (0.8, 1.0)]).seconds == pytest.approx(0.7)
    assert trim(clip, []).seconds == 0


def test_quality_falls_with_noise_clipping_and_silence() -> None:
    noise = np.random.default_rng(1).normal(0, 1, 48_000).astype(np.float32)
    speech = np.zeros(48_000, np.float32)
    speech[16_000:40_000] = tone(1.0).samples
    spoken = [(16_000 / SPEECH_RATE, 40_000 / SPEECH_RATE)]

    def score(samples: np.ndarray) -> float:
        return level.score(level.measure(AudioClip(samples, SPEECH_RATE), spoken))

    clean = score(speech + 0.001 * noise)
    assert clean > 0.9
    assert score(speech + 0.1 * noise) < 0.7 * clean
    assert score(np.clip(40 * speech, -1, 1) + 0.0001 * noise) < 0.2
    assert level.score(level.measure(AudioClip(speech, SPEECH_RATE), [])) == 0


def test_snr_is_what_was_mixed() -> None:
    noise = np.random.default_rng(2).normal(0, 0.02, 3 * SPEECH_RATE)
    noise[SPEECH_RATE : 2 * SPEECH_RATE] += tone(1.0).samples
    clip = AudioClip(noise.astype(np.float32), SPEECH_RATE)
    expected = 10 * np.log10(0.045 / 0.02**2)
    assert level.measure(clip, [(1.0, 2.0)])["snr_db"] == pytest.approx(expected, abs=1)
