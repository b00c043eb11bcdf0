"""Which: settles "the green one" or 红的 among the products a customer was asked to choose from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dialogue.domain import OPTION, Product
from dialogue.nlu.catalogue import latin_key, plain_letters
from dialogue.nlu.patterns import DATE
from dialogue.types import Slot

_LATIN = re.compile(r"[a-z]+")
_COMPOUND = re.compile(r"[a-z][a-z-]*")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_FILLER_HAN = re.compile(
    r"那[个种款]?|这[个种款]?|就|要|想|我|是|的|问|看看?|请|一?[个种款]|吧|呢|啊|说|颜色|味道?|口味"
)
_FILLER = frozenset(
    re.findall(
        r"\w+",
        "the a an one ones that those this these please i want mean meant of kind sort type it is"
        " was with flavour flavor colour color juice milk just think maybe uh um",
    )
)
_PLACE = re.compile(
    r"第?(?P<zh>[一二三四五])[个种款]|^(?:the )?(?P<en>first|second|third|fourth|fifth)(?: one)?\b",
    re.IGNORECASE,
)
_ORDER_PLACE = re.compile(
    r"第(?P<zh>[一二三四五])[个单笔]"
    r"|(?:\b(?:the|my) |^)(?P<en>first|second|third|fourth|fifth)(?: (?:one|order)\b|\W*$|,)",
    re.IGNORECASE,
)
_LATEST = re.compile(
    r"(?:最新|最近|刚[才刚]?下)的?(?:那|这)?[一]?[个单笔]|\b(?:latest|newest|most recent)\b"
    r"|\bmy last (?:one|order)\b",
    re.IGNORECASE,
)
_ONLY = re.compile(r"[那这]一?[个单笔]|它|\b(?:it|this|that)\b", re.IGNORECASE)
_POINTED = re.compile(
    r"\bthe [\w -]{2,30}? ones?\b|[\u4e00-\u9fff]{1,6}的?那[个种款]", re.IGNORECASE
)
_PLACES = {
    word: place
    for words in ("一 二 三 四 五", "first second third fourth fifth")
    for place, word in enumerate(words.split())
}
_LAST = re.compile(r"最后[一]?[个种款单笔]|\blast one\b", re.IGNORECASE)


def chosen(text: str, offered: Sequence[Product]) -> Slot | None:
    """Those of `offered` that an answer fits, as a product slot; None when it fits none or all."""
    plain = plain_letters(text).strip()
    named = [p.id for p in offered if plain in map(plain_letters, p.names.values())]
    ids = named or _by_place(plain, offered) or _by_words(plain, offered)
    if not ids or len(ids) == len(offered):
        return None
    return Slot("product", OPTION.join(ids), text, 0, len(text), confidence=0.9)


def ordered(text: str, listed: Sequence[str]) -> Slot | None:
    """The one of the orders `listed`, the latest first, that is meant: "cancel the second one"."""
    said = _ORDER_PLACE.search(text)
    last, latest = _LAST.search(text), _LATEST.search(text)
    only = _ONLY.search(text) if len(listed) == 1 and not DATE.search(text) else None
    meant = latest or said or last or only
    if not listed or meant is None:
        return None
    place = _PLACES[said["zh"] or said["en"].lower()] if said and not latest else 0
    if last and not (said or latest):
        place = len(listed) - 1
    if place >= len(listed):
        return None
    return Slot("order_id", listed[place], meant[0], *meant.span(), confidence=0.9)


def narrowed(text: str, fitting: Sequence[Product]) -> tuple[str, ...]:
    """Ids of those of `fitting` that `text` tells apart best: "is the milk lactose-free"."""
    plain = plain_letters(text)
    said = f" {' '.join(_LATIN.findall(plain))} "
    marks = [_marks(product) for product in fitting]
    common = frozenset.intersection(*marks)
    there = {m: f" {m} " in said if m.isascii() else m in plain for m in frozenset.union(*marks)}
    score = [sum(map(there.__getitem__, own - common)) for own in marks]
    best = max(score)
    return tuple(p.id for p, points in zip(fitting, score, strict=True) if points == best)


def pointed(text: str, fitting: Sequence[Product]) -> Slot | None:
    """The one of `fitting` that `text` tells by a word of its name: "the lactose-free one"."""
    found = _POINTED.search(text)
    ids = narrowed(text.replace("-", " "), fitting) if found else ()
    return (
        Slot("product", ids[0], found[0], *found.span(), confidence=0.8)
        if found and len(ids) == 1
        else None
    )


def _marks(product: Product) -> frozenset[str]:
    """What its names are made of: words, hyphens read as spaces, and pairs of characters."""
    names = [plain_letters(name) for name in product.names.values()]
    words = {" ".join(_LATIN.findall(word)) for name in names for word in _COMPOUND.findall(name)}
    runs = [run for name in names for run in _HAN.findall(name)]
    return frozenset(words | {run[i : i + 2] for run in runs for i in range(len(run) - 1)})


def _by_place(plain: str, offered: Sequence[Product]) -> list[str]:
    if _LAST.search(plain):
        return [offered[-1].id]
    found = _PLACE.search(plain)
    place = _PLACES[found["zh"] or found["en"]] if found else len(offered)
    return [offered[place].id] if place < len(offered) else []


def _by_words(plain: str, offered: Sequence[Product]) -> list[str]:
    han = "".join(_HAN.findall(_FILLER_HAN.sub("", plain)))
    if han:
        # 绿 and 绿苹果 both stand in 绿苹果.
        return [p.id for p in offered if any(han in name for name in _names(p))]
    words = {w for w in latin_key(plain) if w not in _FILLER}
    if not words:
        return []
    return [p.id for p in offered if words <= {w for name in _names(p) for w in latin_key(name)}]


def _names(product: Product) -> list[str]:
    return [plain_letters(name) for name in (*product.names.values(), *product.synonyms)]
