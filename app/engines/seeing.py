"""How it was said, and what pictures show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.config import Settings
from app.engines.late import Late, LateTextReader
from dialogue.engines import Embedder

if TYPE_CHECKING:
    from fusion.feeling.reading import FeelingReader
    from fusion.understander import TurnUnderstander
    from fusion.vision.engines import TextReader
    from fusion.vision.products import ProductHead


def build_understander(
    settings: Settings, embedder: Embedder, reader: TextReader | None
) -> TurnUnderstander:
    """Feeling and pictures, whose text `reader` reads where there is one."""
    from fusion.feeling.tone import VoiceTone
    from fusion.understander import TurnUnderstander

    return TurnUnderstander(
        _feeling(settings, embedder),
        build_products(settings),
        reader,
        settings.fusion.picture_seconds,
        VoiceTone(),
    )


def _feeling(settings: Settings, embedder: Embedder) -> FeelingReader:
    match settings.fusion.feeling:
        case "head":
            from fusion.feeling.head import HeadFeeling

            return HeadFeeling(embedder, settings.models / "feeling")
        case "lexicon":
            from fusion.feeling.lexicon import LexiconFeeling

            return LexiconFeeling()


def build_products(settings: Settings) -> ProductHead | None:
    """Recognises the products of the catalogue; None where that is switched off."""
    match settings.fusion.products:
        case "efficientnet":
            from fusion.vision.lite import Lite0, prepare
            from fusion.vision.products import ProductHead

            folder = settings.models / "products"
            tuned = folder / "upper.safetensors"
            home = settings.var / "models" / "pictures"
            graphs = prepare(home, tuned if tuned.exists() else None)
            return ProductHead(Lite0(graphs, settings.speech.threads), folder)
        case "none":
            return None


def build_text_reader(settings: Settings) -> LateTextReader | None:
    """Reads text in pictures, loaded late; None where that is switched off."""
    match settings.fusion.ocr:
        case "rapidocr":
            return LateTextReader(Late(lambda: _rapid(settings.speech.threads)))
        case "none":
            return None


def _rapid(threads: int) -> TextReader:
    from fusion.vision.ocr import RapidTextReader

    return RapidTextReader(threads)
