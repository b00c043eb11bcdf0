"""A card as a picture: SVG that stands by itself, for channels and files that show no HTML.

No script, no font or address from elsewhere; light and dark by the reader's preference; every
word is also in its description for screen readers. Laid out 320 units wide.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

WIDTH, MARGIN = 320, 20
PICTURE_HEIGHT = 170
BESIDE_HEIGHT = 84
GAP = 20
"""Between columns."""
LABELS = 96
"""Width of the labels beside their values."""
NARROW = 0.56
"""Ems of a letter that is not Chinese, about."""
LONGEST = 12
"""Lines of one text."""

_STYLE = """
svg{--sheet:#fff;--ink:#14201b;--soft:#5c6b64;--line:#dde5e1;--accent:#0b7a5b;--paper:#fff}
@media(prefers-color-scheme:dark){svg{--sheet:#18211d;--ink:#eef4f1;--soft:#9db0a7;--line:#33413b;
--accent:#4cc9a0}}
text{font:14px system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;
fill:var(--ink)}
.title{font-size:17px;font-weight:600}.soft{fill:var(--soft)}.label{font-size:12px;fill:var(--soft)}
.count{font-size:12px;font-weight:600;fill:var(--sheet);text-anchor:middle}.now{font-weight:600}
.sheet{fill:var(--sheet);stroke:var(--line)}.rule{stroke:var(--line)}.paper{fill:var(--paper)}
.done{fill:var(--accent);stroke:var(--accent)}.next{fill:var(--sheet);stroke:var(--soft)}
.way{stroke:var(--accent);stroke-width:2}.ahead{stroke:var(--line);stroke-width:2}
""".replace("\n", "")


def card_svg(
    card: Mapping[str, Any], language: str, picture: bytes = b"", beside: Sequence[bytes] = ()
) -> str:
    """`card`, in the shape of the API, as one SVG document.

    `picture` is its photo, `beside` those of its columns: JPEG, b"" for none.
    """
    drawn = _Sheet(language)
    if picture:
        drawn.picture(picture)
    drawn.text(card["title"], 17, "title")
    if card.get("body"):
        drawn.text(card["body"], 14, "soft")
    steps = card.get("steps") or ()
    if card.get("kind") == "advice":
        drawn.advice([step["label"] for step in steps])
    elif steps:
        drawn.steps(steps)
    if columns := card.get("columns"):
        drawn.columns([column["title"] for column in columns], beside, card.get("cells") or ())
    if rows := card.get("rows"):
        drawn.rows(rows)
    return drawn.finished(_told(card))


class _Sheet:
    """A sheet that grows downwards."""

    def __init__(self, language: str) -> None:
        self._group = ET.Element("g")
        self._language = language
        self._y = MARGIN

    def picture(self, content: bytes) -> None:
        """The photo on white, as the catalogue's are."""
        inner = WIDTH - 2
        box = {"x": "1", "y": "1", "width": str(inner), "height": str(PICTURE_HEIGHT)}
        ET.SubElement(self._group, "rect", box, **{"class": "paper", "rx": "15"})
        photo = {"x": "1", "y": "9", "width": str(inner), "height": str(PICTURE_HEIGHT - 16)}
        ET.SubElement(self._group, "image", photo, href=_address(content))
        self._y += PICTURE_HEIGHT

    def text(self, words: str, size: int, style: str) -> None:
        """A paragraph."""
        self._lines(words, MARGIN, WIDTH - 2 * MARGIN, size, style)
        self._y += 8

    def steps(self, steps: Sequence[Mapping[str, Any]]) -> None:
        """A timeline: what is done, where it stands, what lies ahead."""
        now = max((i for i, step in enumerate(steps) if step["done"]), default=-1)
        for i, step in enumerate(steps):
            x, middle = MARGIN + 7, self._y + 9
            if i + 1 < len(steps):
                way = {"x1": str(x), "x2": str(x), "y1": str(middle + 7), "y2": str(middle + 23)}
                ET.SubElement(self._group, "line", way, **{"class": "way" if i < now else "ahead"})
            dot = {"cx": str(x), "cy": str(middle), "r": "6", "stroke-width": "2"}
            ET.SubElement(self._group, "circle", dot, **{"class": "done" if i <= now else "next"})
            style = "now" if i == now else "" if i < now else "soft"
            self._put(step["label"], MARGIN + 24, self._y + 14, style)
            self._put(step.get("time", ""), WIDTH - MARGIN, self._y + 14, "soft", end=True)
            self._y += 30
        self._y += 4

    def advice(self, lines: Sequence[str]) -> None:
        """What to do, numbered."""
        for number, line in enumerate(lines, 1):
            dot = {"cx": str(MARGIN + 9), "cy": str(self._y + 10), "r": "10"}
            ET.SubElement(self._group, "circle", dot, **{"class": "done"})
            self._put(str(number), MARGIN + 9, self._y + 15, "count")
            left = MARGIN + 30
            self._lines(line, left, WIDTH - MARGIN - left, 14, "")
            self._y += 8

    def columns(
        self, titles: Sequence[str], pictures: Sequence[bytes], cells: Sequence[Sequence[str]]
    ) -> None:
        """Things side by side under their names; each row's label stands above its values."""
        wide = (WIDTH - 2 * MARGIN - GAP * (len(titles) - 1)) // len(titles)
        lefts = [MARGIN + number * (wide + GAP) for number in range(len(titles))]
        if any(pictures):
            for left, content in zip(lefts, pictures, strict=False):
                self._beside(content, left, wide)
            self._y += BESIDE_HEIGHT + 8
        self._side_by_side(titles, lefts, wide, "now")
        for label, *values in cells:
            self._y += 6
            self._lines(label, MARGIN, WIDTH - 2 * MARGIN, 12, "label")
            self._side_by_side([value or "–" for value in values], lefts, wide, "")

    def rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Labels and values under a rule."""
        rule = {"x1": str(MARGIN), "x2": str(WIDTH - MARGIN), "y1": str(self._y)}
        ET.SubElement(self._group, "line", {**rule, "y2": str(self._y)}, **{"class": "rule"})
        self._y += 12
        for label, value in rows:
            top = self._y
            self._lines(label, MARGIN, LABELS - 8, 14, "soft")
            below, self._y = self._y, top
            left = MARGIN + LABELS
            self._lines(value, left, WIDTH - MARGIN - left, 14, "")
            self._y = max(self._y, below) + 6

    def finished(self, told: str) -> str:
        """The document."""
        height = self._y + MARGIN - 8
        size = {"viewBox": f"0 0 {WIDTH} {height}", "width": str(WIDTH), "height": str(height)}
        names = {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "lang": self._language}
        root = ET.Element("svg", {**names, **size, "aria-labelledby": "told"})
        ET.SubElement(root, "title", id="told").text = _clean(told)
        ET.SubElement(root, "style").text = _STYLE
        sheet = {"x": ".5", "y": ".5", "width": str(WIDTH - 1), "height": str(height - 1)}
        ET.SubElement(root, "rect", sheet, **{"class": "sheet", "rx": "16"})
        root.append(self._group)
        return ET.tostring(root, encoding="unicode")

    def _beside(self, content: bytes, left: int, wide: int) -> None:
        box = {"x": str(left), "y": str(self._y), "width": str(wide), "height": str(BESIDE_HEIGHT)}
        ET.SubElement(self._group, "rect", box, **{"class": "paper", "rx": "10"})
        if content:
            ET.SubElement(self._group, "image", box, href=_address(content))

    def _side_by_side(
        self, texts: Sequence[str], lefts: Sequence[int], wide: int, style: str
    ) -> None:
        top = bottom = self._y
        for words, left in zip(texts, lefts, strict=False):
            self._y = top
            self._lines(words, left, wide, 14, style)
            bottom = max(bottom, self._y)
        self._y = bottom

    def _lines(self, words: str, x: int, width: int, size: int, style: str) -> None:
        for line in _wrapped(words, width / size):
            self._put(line, x, self._y + size, style)
            self._y += round(size * 1.45)

    def _put(self, words: str, x: int, y: int, style: str, *, end: bool = False) -> None:
        if not words:
            return
        where = {"x": str(x), "y": str(y), **({"text-anchor": "end"} if end else {})}
        named = {"class": style} if style else {}
        ET.SubElement(self._group, "text", {**where, **named}).text = _clean(words)


def _wrapped(words: str, width: float) -> Iterator[str]:
    """Lines of at most `width` ems; Chinese breaks anywhere, other words at blanks."""
    line, count = "", 0
    longest = int(width / NARROW)
    whole = _pieces(_clean(words))
    for piece in (p[i : i + longest] for p in whole for i in range(0, len(p), longest)):
        if line and _ems(line + piece.rstrip()) > width:
            count += 1
            if count == LONGEST:
                yield f"{line.rstrip()}…"
                return
            yield line.rstrip()
            line = ""
        line += piece.lstrip() if not line else piece
    if line.strip():
        yield line.rstrip()


def _pieces(words: str) -> Iterator[str]:
    word = ""
    for character in words:
        wide = unicodedata.east_asian_width(character) in "WF"
        if wide and not unicodedata.category(character).startswith("P"):
            if word:
                yield word
            word = character
        elif character == " ":
            yield f"{word} "
            word = ""
        elif len(word) == 1 and unicodedata.east_asian_width(word) in "WF":
            # Closing marks stay with what they follow.
            word += character
            if not wide:
                yield word[:1]
                word = word[1:]
        else:
            word += character
    if word:
        yield word


def _ems(words: str) -> float:
    """About how wide `words` are, in ems of a common sans-serif."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else NARROW for c in words)


def _address(content: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(content).decode()


def _told(card: Mapping[str, Any]) -> str:
    """Everything the picture says, in words."""
    steps = [f"{'✓ ' if s['done'] else ''}{s['label']} {s.get('time', '')}" for s in _of(card)]
    rows = [f"{label}: {value}" for label, value in card.get("rows") or ()]
    names = [column["title"] for column in card.get("columns") or ()]
    for label, *values in card.get("cells") or ():
        sides = zip(names, values, strict=False)
        rows.append(f"{label}: " + "; ".join(f"{name} {value or '–'}" for name, value in sides))
    parts = [card.get("alt") or card["title"], card.get("body") or "", *steps, *rows]
    return ". ".join(part.strip() for part in parts if part.strip())


def _of(card: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return card.get("steps") or ()


def _clean(words: str) -> str:
    """Without what XML cannot hold."""
    kept = (c if c in "\t\n" or unicodedata.category(c)[0] != "C" else "" for c in words)
    return " ".join("".join(kept).split())
