"""Real Whisper on real and synthesised voices."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
import torch
import whisper as openai

from dialogue.types import AudioClip, Hints
from speech.asr.convert import dimensions, state_dict
from speech.asr.faster_whisper import PAD_SECONDS, FasterWhisperRecognizer
from speech.asr.openai_whisper import OpenAIWhisperRecognizer
from speech.audio import decode, resample
from speech.tts.hibari import HibariSynthesizer
from speech.tts.kokoro import KokoroSynthesizer

# openai-whisper leaves its vocabulary file open once per process; nothing of ours may.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*multilingual.tiktoken:pytest.PytestUnraisableExceptionWarning"
)
RECORDINGS = Path(__file__).parent.parent / "assets" / "speech"


def spoken(engine: KokoroSynthesizer | HibariSynthesizer, text: str) -> AudioClip:
    clips = list(engine.speak(text))
    return resample(AudioClip(np.concatenate([c.samples for c in clips]), clips[0].rate), 16_000)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("drip_coffee", "drip coffee"),
        ("dark_roast", "dark roast iced coffee"),
        ("iced_coffee", "iced coffee"),
    ],
)
def test_real_orders_are_heard_once(
    whisper: FasterWhisperRecognizer, name: str, words: str
) -> None:
    heard = whisper.transcribe(decode((RECORDINGS / f"{name}.flac").read_bytes()), Hints())
    assert heard.language == "en"
    assert all(h.text.lower().replace("-", " ").count("coffee") <= 1 for h in heard.hypotheses)
    assert words in heard.text.lower().replace("-", " ")


@pytest.mark.parametrize(
    ("text", "key"), [("你们的配送费是多少钱？", "配送费"), ("请帮我取消这个订单。", "取消")]
)
def test_mandarin_is_heard_in_simplified_characters(
    whisper: FasterWhisperRecognizer, kokoro: KokoroSynthesizer, text: str, key: str
) -> None:
    heard = whisper.transcribe(spoken(kokoro, text), Hints(n=5))
    assert heard.language == "zh"
    assert any(key in h.text for h in heard.hypotheses)
    assert not set("訂單這個嗎幫請") & set("".join(h.text for h in heard.hypotheses))


def test_the_n_best_list_holds_different_words_best_first(
    whisper: FasterWhisperRecognizer, kokoro: KokoroSynthesizer
) -> None:
    heard = whisper.transcribe(spoken(kokoro, "我想换一个收货地址。"), Hints(n=5))
    texts = ["".join(c for c in h.text if c.isalnum()) for h in heard.hypotheses]
    assert 2 <= len(texts) <= 5
    assert len(set(texts)) == len(texts)
    scores = [h.logprob for h in heard.hypotheses]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("name", ["silence", "white", "faint", "hum"])
@pytest.mark.parametrize("language", [None, "zh", "en"])
def test_nothing_is_heard_where_nobody_speaks(
    whisper: FasterWhisperRecognizer,
    noises: dict[str, AudioClip],
    name: str,
    language: str | None,
) -> None:
    assert whisper.transcribe(noises[name], Hints(language=language)).hypotheses == ()  # type: ignore[arg-type]


def test_states_cover_the_utterance_and_the_silence_after_it(
    whisper: FasterWhisperRecognizer, order: AudioClip
) -> None:
    states = whisper.transcribe(order, Hints()).states
    assert states is not None
    assert states.dtype == np.float32
    assert states.shape == (int((order.seconds + PAD_SECONDS) * 50), 512)


def test_a_partial_gives_one_quick_guess(
    whisper: FasterWhisperRecognizer, order: AudioClip
) -> None:
    assert len(whisper.transcribe(order, Hints(partial=True)).hypotheses) == 1


def test_callers_at_once_do_not_mix_their_words(
    whisper: FasterWhisperRecognizer, order: AudioClip, hibari: HibariSynthesizer
) -> None:
    other = spoken(hibari, "Please cancel this order for me.")
    clips = [order, other] * 4
    with ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(lambda c: whisper.transcribe(c, Hints(n=1)).text.lower(), clips))
    assert all("coffee" in text for text in heard[::2])
    assert all("cancel" in text for text in heard[1::2])


def test_more_than_thirty_seconds_are_heard_in_pieces(
    whisper: FasterWhisperRecognizer, hibari: HibariSynthesizer
) -> None:
    start = spoken(hibari, "My parcel still has not arrived.").samples
    end = spoken(hibari, "Please cancel this order for me.").samples
    pause = np.zeros(3 * 16_000, np.float32)
    long = np.concatenate([start, pause] * 7 + [end])
    heard = whisper.transcribe(AudioClip(long, 16_000), Hints(language="en"))
    assert len(long) / 16_000 > 30
    assert "parcel" in heard.text.lower()
    assert "cancel" in heard.text.lower()


def test_the_converted_weights_fill_every_tensor(whisper_folder: Path) -> None:
    sizes = dimensions(state_dict(whisper_folder / "model.bin"))
    assert sizes["n_audio_state"] == sizes["n_text_state"] == 512
    assert (sizes["n_audio_layer"], sizes["n_text_layer"], sizes["n_vocab"]) == (6, 6, 51865)


@pytest.mark.slow
def test_the_converted_encoder_computes_what_ctranslate2_computes(
    whisper_folder: Path, order: AudioClip
) -> None:
    weights = state_dict(whisper_folder / "model.bin")
    sizes = openai.model.ModelDimensions(**dimensions(weights))
    model = openai.model.Whisper(sizes)
    model.load_state_dict(weights, strict=True)
    padding = 30 * 16_000 - len(order.samples)
    mel = openai.audio.log_mel_spectrogram(order.samples, padding=padding)[None]
    with torch.inference_mode():
        ours = model.eval().encoder(mel).numpy()
    public = ctranslate2.models.Whisper(str(whisper_folder), compute_type="float32")
    fed = ctranslate2.StorageView.from_array(np.ascontiguousarray(mel.numpy()))
    theirs = np.array(public.encode(fed, to_cpu=True))
    assert np.abs(ours - theirs).max() < 0.02 * np.abs(theirs).max()
    assert np.abs(ours - theirs).mean() < 0.002 * np.abs(theirs).mean()


@pytest.mark.slow
def test_torch_and_ctranslate2_hear_the_same_words(
    whisper_folder: Path, whisper: FasterWhisperRecognizer, order: AudioClip
) -> None:
    other = OpenAIWhisperRecognizer(whisper_folder)
    ours, theirs = (e.transcribe(order, Hints(n=1)) for e in (whisper, other))
    assert ours.text.lower().strip(".") == theirs.text.lower().strip(".")
    assert ours.states is not None
    assert theirs.states is not None
    assert theirs.states.shape == (1500, 512)  # the whole window


@pytest.mark.slow
def test_torch_hears_several_callers_at_once_as_it_hears_each_alone(whisper_folder: Path) -> None:
    hearing = OpenAIWhisperRecognizer(whisper_folder)
    names = ("drip_coffee", "dark_roast", "iced_coffee")
    clips = [decode((RECORDINGS / f"{name}.flac").read_bytes()) for name in names]
    silence = AudioClip(np.zeros(8000, np.float32), 16_000)
    asked = [
        (clips[0], Hints(n=3)),
        (silence, Hints()),
        (clips[1], Hints(n=1, language="en")),
        (clips[2], Hints(n=3)),
    ]
    together = hearing.transcribe_all(asked)
    for heard, (clip, hints) in zip(together, asked, strict=True):
        alone = hearing.transcribe(clip, hints)
        assert heard.language == alone.language
        assert [h.text for h in heard.hypotheses] == [h.text for h in alone.hypotheses]
        for ours, theirs in zip(heard.hypotheses, alone.hypotheses, strict=True):
            assert ours.logprob == pytest.approx(theirs.logprob, abs=2e-3)
    assert together[1].hypotheses == ()
    assert len({h.text for h in together if h.hypotheses}) == 3
