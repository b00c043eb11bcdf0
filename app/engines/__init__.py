"""Engines: the only room that names back-ends; each is imported when it is chosen."""

from app.engines.assembly import Engines, build_engines
from app.engines.hearing import (
    build_detector,
    build_recognizer,
    build_sound_encoder,
    build_turn_detector,
)
from app.engines.joint import (
    build_joint,
    build_phone_reader,
    build_tongue,
    joint_weights,
    pack_hints,
    phones_file,
    weights_file,
)
from app.engines.progress import Progress, silently
from app.engines.seeing import build_products, build_text_reader, build_understander
from app.engines.shop import build_actions
from app.engines.speaking import build_voices
from app.engines.understanding import (
    Greeting,
    build_embedder,
    build_library,
    build_parser,
    build_responder,
    build_vectors,
)

__all__ = [
    "Engines",
    "Greeting",
    "Progress",
    "build_actions",
    "build_detector",
    "build_embedder",
    "build_engines",
    "build_joint",
    "build_library",
    "build_parser",
    "build_phone_reader",
    "build_products",
    "build_recognizer",
    "build_responder",
    "build_sound_encoder",
    "build_text_reader",
    "build_tongue",
    "build_turn_detector",
    "build_understander",
    "build_vectors",
    "build_voices",
    "joint_weights",
    "pack_hints",
    "phones_file",
    "silently",
    "weights_file",
]
