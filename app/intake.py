"""Bytes → Turn: sniff, decode, bound, measure; says which modalities are really here."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from app.config import Limits
from app.errors import IntakeError
from app.pictures import FORMATS, decode_picture
from app.signatures import Kind, Signature, sniff
from dialogue.types import AudioClip, Device, Language, Picture, Quality, Turn
from fusion.quality import picture_quality
from speech import level
from speech.audio import TooLong, Undecodable, decode
from speech.engines import VoiceDetector

logger = logging.getLogger(__name__)

_MEGA = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message as it came over a wire, unopened."""

    conversation_id: str
    turn_id: str
    locale: Language
    text: str | None = None
    files: tuple[tuple[Kind, bytes], ...] = ()
    """Each with what its sender says it is; the content decides."""
    wants_speech: bool | None = None
    device: tuple[Device, ...] = ()


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file of a turn as it is kept and shown again."""

    type: str
    """Media type."""
    content: bytes
    seconds: float | None = None
    """Length of sound."""


@dataclass(frozen=True, slots=True, eq=False)
class Received:
    """A turn and the files it came in."""

    turn: Turn
    audio: Artefact | None = None
    pictures: tuple[Artefact, ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    """Opens envelopes."""

    limits: Limits
    detector: VoiceDetector | None = None
    """Finds speech for the measuring of level and noise; None takes a clip as all speech."""

    def open(self, envelope: Envelope) -> Received:
        """The decoded, bounded, measured turn. Raises IntakeError saying what to do instead."""
        text = clean(envelope.text or "", self.limits.text_characters)
        recordings, pictures = self._sorted(envelope.files)
        if not (text or recordings or pictures):
            raise IntakeError("empty_message")
        heard = [self._recording(*found) for found in recordings]
        seen = [self._picture(*found) for found in pictures]
        clip, kept = heard[0] if heard else (None, None)
        turn = Turn(
            id=envelope.turn_id,
            conversation_id=envelope.conversation_id,
            locale=envelope.locale,
            text=text or None,
            audio=clip,
            pictures=tuple(picture for picture, _ in seen),
            quality=self._quality(text, clip, [picture for picture, _ in seen]),
            wants_speech=envelope.wants_speech,
            device=envelope.device,
        )
        return Received(turn, kept, tuple(artefact for _, artefact in seen))

    def speech(
        self,
        turn_id: str,
        conversation_id: str,
        locale: Language,
        clip: AudioClip,
        device: tuple[Device, ...] = (),
    ) -> Turn:
        """A turn that was spoken live, measured."""
        return Turn(
            id=turn_id,
            conversation_id=conversation_id,
            locale=locale,
            audio=clip,
            quality=(self._voice(clip),),
            wants_speech=True,
            device=device,
        )

    def _sorted(self, files: tuple[tuple[Kind, bytes], ...]) -> tuple[_Sniffed, _Sniffed]:
        """Recordings and pictures, told apart by content and counted."""
        found = [(content, self._signature(kind, content)) for kind, content in files]
        recordings = [(c, s) for c, s in found if s.kind == "audio"]
        pictures = [(c, s) for c, s in found if s.kind == "picture"]
        if len(recordings) > 1:
            raise IntakeError("too_many_recordings")
        if len(pictures) > self.limits.pictures:
            raise IntakeError("too_many_pictures", limit=self.limits.pictures)
        return recordings, pictures

    def _signature(self, kind: Kind, content: bytes) -> Signature:
        if not content:
            raise IntakeError("audio_empty" if kind == "audio" else "picture_unreadable")
        if len(content) > self.limits.upload_bytes:
            raise IntakeError(f"{kind}_too_large", limit=self.limits.upload_bytes // _MEGA)
        signature = sniff(content)
        if signature is None or (signature.kind == "picture" and signature not in FORMATS):
            raise IntakeError(f"{kind}_unsupported")
        return signature

    def _recording(self, content: bytes, signature: Signature) -> tuple[AudioClip, Artefact]:
        limit = self.limits.audio_seconds
        try:
            # Recorders stop a little late: half a second beyond the limit is still taken.
            clip = decode(content, max_seconds=limit + 0.5)
        except TooLong as error:
            raise IntakeError("audio_too_long", limit=round(limit)) from error
        except Undecodable as error:
            raise IntakeError("audio_unreadable") from error
        return clip, Artefact(signature.type, content, round(clip.seconds, 3))

    def _picture(self, content: bytes, signature: Signature) -> tuple[Picture, Artefact]:
        picture, kept = decode_picture(content, signature, self.limits.picture_pixels)
        return picture, Artefact("image/jpeg", kept)

    def _quality(
        self, text: str, clip: AudioClip | None, pictures: list[Picture]
    ) -> tuple[Quality, ...]:
        """One quality per modality that is here; of several pictures the best counts."""
        found = [Quality("text", 1.0)] if text else []
        if clip is not None:
            found.append(self._voice(clip))
        if pictures:
            found.append(picture_quality(pictures))
        return tuple(found)

    def _voice(self, clip: AudioClip) -> Quality:
        measures = level.measure(clip, self._stretches(clip))
        return Quality("voice", level.score(measures), tuple(measures.items()))

    def _stretches(self, clip: AudioClip) -> Sequence[tuple[float, float]]:
        """Where somebody speaks, in seconds; all of it where no detector can tell."""
        whole = ((0.0, clip.seconds),)
        if self.detector is None:
            return whole
        try:
            return self.detector.speech(clip)
        except Exception:  # a recording is kept all the same: what was said must not be lost
            logger.exception("a recording could not be measured")
            return whole


_Sniffed = list[tuple[bytes, Signature]]


def clean(text: str, limit: int) -> str:
    """`text` in NFC without control characters, trimmed. Raises IntakeError beyond `limit`."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if len(composed) > limit:
        raise IntakeError("text_too_long", limit=limit)
    return "".join(c for c in composed if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
