"""How it was said, and what pictures show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.config import Settings
from dialogue.engines import Embedder

if TYPE_CHECKING:
    from fusion.feeling.reading import FeelingReader
    from fusion.understander import TurnUnderstander
    from fusion.vision.engines import ProductRecognizer, TextReader


def build_understander(settings: Settings, embedder: Embedder) -> TurnUnderstander:
    """Feeling and pictures."""
    from fusion.understander import TurnUnderstander

    return TurnUnderstander(
        _feeling(settings, embedder),
        _products(settings),
        _text_reader(settings),
        settings.fusion.picture_seconds,
    )


def _feeling(settings: Settings, embedder: Embedder) -> FeelingReader:
    match settings.fusion.feeling:
        case "head":
            from fusion.feeling.head import HeadFeeling

            return HeadFeeling(embedder, settings.models / "feeling")
        case "lexicon":
            from fusion.feeling.lexicon import LexiconFeeling

            return LexiconFeeling()


def _products(settings: Settings) -> ProductRecognizer | None:
    match settings.fusion.products:
        case "efficientnet":
            from fusion.vision.efficientnet import EfficientNetLite0
            from fusion.vision.products import ProductHead

            return ProductHead(EfficientNetLite0(), settings.models / "products")
        case "none":
            return None


def _text_reader(settings: Settings) -> TextReader | None:
    match settings.fusion.ocr:
        case "rapidocr":
            from fusion.vision.ocr import RapidTextReader

            return RapidTextReader(settings.speech.threads)
        case "none":
            return None
