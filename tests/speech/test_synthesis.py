from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dialogue.types import AudioClip
from speech.tts.cache import PhraseCache, forget, settle
from speech.tts.coqui import CoquiSynthesizer
from speech.tts.kokoro import TIDY_SECONDS, KokoroSynthesizer
from speech.tts.pinyin import Phonemizer
from speech.tts.tone import ToneSynthesizer

STATM = Path("/proc/self/statm")


class Counting:
    """A synthesizer that remembers how often it worked."""

    language = "zh"

    def __init__(self) -> None:
        self.made = 0

    def speak(self, text: str, voice: str = "", speed: float = 1.0) -> Any:
        self.made += 1
        for number in (1, 2):
            yield AudioClip(np.full(1000 * number, 0.25, np.float32), 24_000)


class RecordedCoqui:
    """The part of TTS.api.TTS (coqui-tts 0.28) that is called, with its recorded signature."""

    is_multi_speaker, is_multi_lingual = True, True
    speakers = ("Ana", "Li")

    class synthesizer:  # noqa: N801 - named as in coqui-tts
        output_sample_rate = 22_050

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def tts(
        self,
        text: str,
        speaker: str | None = None,
        language: str | None = None,
        speaker_wav: str | None = None,
        split_sentences: bool = True,
        **kwargs: Any,
    ) -> list[float]:
        self.calls.append({"text": text, "speaker": speaker, "language": language, **kwargs})
        return [0.0] * 500 + [0.5] * 2000


def test_a_forgotten_phrase_is_gone_in_every_voice_and_from_memory_too(tmp_path: Path) -> None:
    engine = Counting()
    cache, other = (PhraseCache(engine, tmp_path, version) for version in ("v1", "v2"))
    for one in (cache, other):
        list(one.speak("张三，您好"))
        list(one.speak("您好"))
    assert forget(tmp_path, [" 张三，您好 "]) == 2
    assert not cache.holds("张三，您好")
    assert cache.holds("您好")
    assert forget(tmp_path, ["张三，您好"]) == 0


def test_who_wants_what_is_just_being_made_waits_for_it(tmp_path: Path) -> None:
    engine = Counting()
    cache = PhraseCache(engine, tmp_path, "v1")
    first = cache.speak("您好")
    next(first)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(lambda: list(cache.speak("您好")))
        with pytest.raises(TimeoutError):
            second.result(0.2)
        made = list(first)
        assert len(second.result(20)) == 1 + len(made)
    assert engine.made == 1


def test_a_phrase_is_made_once_and_survives_a_restart(tmp_path: Path) -> None:
    engine = Counting()
    cache = PhraseCache(engine, tmp_path, "v1")
    first = list(cache.speak("您好"))
    assert [len(c.samples) for c in cache.speak("您好")] == [len(c.samples) for c in first]
    settle()
    again = Counting()
    reborn = list(PhraseCache(again, tmp_path, "v1").speak("您好"))
    assert (engine.made, again.made) == (1, 0)
    np.testing.assert_allclose(reborn[1].samples, first[1].samples, atol=1e-4)


@pytest.mark.parametrize("change", ["text", "voice", "speed", "version"])
def test_another_phrase_voice_speed_or_engine_is_made_anew(tmp_path: Path, change: str) -> None:
    engine = Counting()
    list(PhraseCache(engine, tmp_path, "v1").speak("您好"))
    arguments = {"text": "您好", "voice": "", "speed": 1.0} | {
        "text": {"text": "再见"}, "voice": {"voice": "x"}, "speed": {"speed": 1.2}, "version": {}
    }[change]  # fmt: skip
    settle()
    other = PhraseCache(engine, tmp_path, "v2" if change == "version" else "v1")
    list(other.speak(**arguments))  # type: ignore[arg-type]
    assert engine.made == 2


def test_an_unfinished_phrase_is_not_kept(tmp_path: Path) -> None:
    cache = PhraseCache(Counting(), tmp_path, "v1")
    clips = cache.speak("您好")
    next(clips)
    assert not cache.holds("您好")


def test_a_broken_file_is_made_anew(tmp_path: Path) -> None:
    list(PhraseCache(Counting(), tmp_path, "v1").speak("您好"))
    settle()
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(file.read_bytes()[:100])
    engine = Counting()
    list(PhraseCache(engine, tmp_path, "v1").speak("您好"))
    assert engine.made == 1


def test_memory_gives_to_the_bit_what_the_disk_gives(tmp_path: Path) -> None:
    cache = PhraseCache(Counting(), tmp_path, "v1")
    list(cache.speak("您好"))
    remembered = next(cache.speak("您好"))
    settle()
    read = next(PhraseCache(Counting(), tmp_path, "v1").speak("您好"))
    assert np.array_equal(remembered.samples, read.samples)
    assert remembered.samples.dtype == np.float32


def test_memory_and_folder_stay_within_their_bounds(tmp_path: Path) -> None:
    engine = Counting()
    cache = PhraseCache(engine, tmp_path, "v1", memory_bytes=13_000, folder_bytes=20_000)
    for number in range(8):
        list(cache.speak(f"第{number}句"))
    settle()
    assert 1 <= len(list(tmp_path.glob("*.npz"))) <= 3
    assert cache.holds("第7句")
    assert not cache.holds("第0句")


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Nothing reaches the disk before the event is set."""
    free, write = threading.Event(), PhraseCache._write

    def wait(self: PhraseCache, key: str, clips: tuple[AudioClip, ...]) -> None:
        assert free.wait(20)
        write(self, key, clips)

    monkeypatch.setattr(PhraseCache, "_write", wait)
    yield free
    free.set()
    settle()


def test_a_new_phrase_sounds_before_it_is_on_disk(
    tmp_path: Path, slow_disk: threading.Event
) -> None:
    engine = Counting()
    cache = PhraseCache(engine, tmp_path, "v1")
    assert len(list(cache.speak("您好"))) == 2
    assert not list(tmp_path.glob("*.npz"))
    assert cache.holds("您好")
    assert len(list(cache.speak("您好"))) == 2
    assert engine.made == 1
    slow_disk.set()
    settle()
    assert len(list(tmp_path.glob("*.npz"))) == 1


def test_a_phrase_forgotten_on_its_way_to_the_disk_does_not_come_back(
    tmp_path: Path, slow_disk: threading.Event
) -> None:
    cache = PhraseCache(Counting(), tmp_path, "v1")
    list(cache.speak("张三，您好"))
    with ThreadPoolExecutor(1) as pool:
        gone = pool.submit(forget, tmp_path, ["张三，您好"])
        with pytest.raises(TimeoutError):
            gone.result(0.2)
        slow_disk.set()
        assert gone.result(20) == 1
    assert not list(tmp_path.glob("*.npz"))
    assert not cache.holds("张三，您好")


def test_phrases_that_wait_for_a_slow_disk_are_bounded(
    tmp_path: Path, slow_disk: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("speech.tts.cache._BACKLOG", 1)
    cache = PhraseCache(Counting(), tmp_path, "v1")
    list(cache.speak("第一句"))
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(lambda: list(cache.speak("第二句")))
        with pytest.raises(TimeoutError):
            second.result(0.2)
        slow_disk.set()
        assert len(second.result(20)) == 2


def test_a_full_disk_costs_the_phrase_not_the_reply(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PhraseCache, "_write", full)
    cache = PhraseCache(Counting(), tmp_path, "v1")
    assert len(list(cache.speak("您好"))) == 2
    settle()
    assert "could not be kept" in caplog.text
    assert not cache.holds("您好")


def test_coqui_is_called_with_the_arguments_it_knows() -> None:
    recorded = RecordedCoqui()
    clips = list(CoquiSynthesizer("zh", "any", engine=recorded).speak("您好，一共¥12.50。"))
    assert recorded.calls == [
        {"text": "您好，一共十二元五角。", "speaker": "Ana", "language": "zh-cn", "speed": 1.0}
    ]
    assert clips[0].rate == 22_050
    assert abs(clips[0].samples[500]) > 0.01


def test_without_coqui_the_extra_to_install_is_named() -> None:
    try:
        import TTS.api  # noqa: F401
    except ImportError:
        with pytest.raises(RuntimeError, match=r"pip install -e .*coqui"):
            CoquiSynthesizer("en", "tts_models/en/ljspeech/vits")
    else:
        pytest.skip("coqui-tts is installed")


def test_a_tone_lasts_as_long_as_the_words() -> None:
    def seconds(text: str, speed: float = 1.0) -> float:
        return sum(c.seconds for c in ToneSynthesizer("zh").speak(text, speed=speed))

    assert seconds("今天天气很好。") == pytest.approx(1.2)
    assert seconds("今天天气很好。", speed=2.0) == pytest.approx(0.6)


def test_chinese_with_latin_words_has_phonemes_that_kokoro_knows(
    kokoro: KokoroSynthesizer,
) -> None:
    phonemes = Phonemizer(lambda word: "wˈIfI")("您的F D 二零，Wifi坏了，APP呢？")
    unknown = {p for p in phonemes if p not in kokoro._vocabulary}
    assert not unknown
    assert "ˈɛf" in phonemes
    assert "wˈIfI" in phonemes


def test_shares_of_voices_give_one_between_or_beyond(kokoro: KokoroSynthesizer) -> None:
    one, other = kokoro._style("jm_kumo"), kokoro._style("jf_alpha")
    assert np.allclose(kokoro._style("jm_kumo+jf_alpha"), (one + other) / 2)
    beyond = kokoro._style("1.5*jm_kumo+-0.5*jf_alpha")
    assert np.allclose(beyond, one + (one - other) / 2, atol=1e-5)


@pytest.mark.parametrize("voice", ["nobody", "x*jm_kumo", "1*jm_kumo+-1*jf_alpha", "2*"])
def test_a_voice_that_cannot_be_made_is_refused(kokoro: KokoroSynthesizer, voice: str) -> None:
    with pytest.raises(ValueError, match="choose one of"):
        kokoro._style(voice)


@pytest.mark.skipif(not STATM.exists(), reason="how much memory is used is asked of Linux")
def test_a_long_sentence_does_not_keep_its_memory_for_good(
    kokoro: KokoroSynthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "您的订单正在配送当中预计今天下午四点送达请保持电话畅通以便骑手和您联系"
    assert list(kokoro.speak(said))
    held = own_mb()
    monkeypatch.setattr(kokoro, "_tidied", -TIDY_SECONDS)
    assert list(kokoro.speak("好"))
    assert own_mb() < held - 50


def own_mb() -> float:
    """MB of this process's memory that are no pages of files."""
    _, resident, shared, *_ = map(int, STATM.read_text().split())
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE") / 2**20
