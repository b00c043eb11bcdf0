"""Naming: goods that a customer asks for by a name which the catalogue does not have."""

from __future__ import annotations

import re

_ZH_ASKED = (
    r"^(?:那|请问|你们|您们|咱|咱们|店里|家里|这里|这儿|还|都|我想|想|能|可以|可不可以|帮我)*"
)
_ZH = re.compile(
    _ZH_ASKED + r"(?:有没有|卖不卖|有无|有卖|卖|有|买)(?:点儿?|一?些|几个|个|的)?"
    r"(?P<thing>[\u4e00-\u9fffA-Za-z]{1,6}?)(?:可?以?卖|出售|买)?的?(?:吗|么|嘛|没有?|不)?[啊呀呢]?[?？!！。~]*$"
)
_ZH_LAST = re.compile(
    _ZH_ASKED + r"(?P<thing>[\u4e00-\u9fffA-Za-z]{1,6}?)(?:你们|这里|店里)?"
    r"(?:有没有|卖不卖|有卖|有得卖|卖|有)(?:的)?(?:卖)?(?:吗|么|嘛|没)?[啊呀呢]?[?？!！。~]*$"
)
_EN = re.compile(
    r"^(?:hi|hey|so|and|ok|okay|well|,|\s)*(?:(?:do|can|could|would) )?(?:you|u|ya|i|we|y'all)?"
    r"(?: guys)?(?: even| also)? ?(?:have you got|sell|stock|carry|have|got|get|buy|order)"
    r"(?: any| some| an?| the)? (?P<thing>[a-z][a-z' -]{1,24}?)"
    r"(?: too| here| there| in stock| from you| for sale)?[?!. ]*$",
    re.IGNORECASE,
)
_GENERAL = re.compile(
    r"[货啥谁哪几多这那它么吗嘛呢到人]|什么|东西|商品|现货|库存|新鲜|便宜|优惠|活动|问题|时间|办法|订单|退|送|券|积分|发票"
    r"|\b(?:it|this|that|these|those|them|any|stock|ones?|more|things?|stuff|orders?|what|which"
    r"|refunds?|deliver\w*|discounts?|coupons?|offers?|deals?|problems?|help|time|left|one|of"
    r"|anything|something|online|products?|items?|goods?|my|your|to|for|do)\b",
    re.IGNORECASE,
)
_KIND_OF = re.compile(r"的(?:吗|么|嘛|没有?|呢)?[?？!！。~]*$")
"""What only tells kinds apart: 有红的吗."""


def thing_named(text: str) -> str:
    """What `text` asks to be had: 有烟卖吗 → 烟, "do u sell batteries" → batteries; "" for none."""
    plain = text.strip()
    found = _ZH.match(plain) or _ZH_LAST.match(plain) or _EN.match(plain)
    thing = found["thing"].strip() if found else ""
    kind = _KIND_OF.search(plain) and "卖" not in plain
    return "" if not thing or kind or _GENERAL.search(thing) else thing
