"""Patterns: the shapes of values in Chinese and English text."""

import re

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
AMOUNT = re.compile(
    r"[¥￥$]\s*(\d+(?:\.\d{1,2})?)|(\d+(?:\.\d{1,2})?)\s*(?:元|块钱?|yuan|rmb)", re.I
)
QUANTITY = re.compile(
    r"((?<![A-Za-z0-9])\d{1,3}|[一二两三四五六七八九十半])\s*(?:盒|袋|个|瓶|包|斤|箱|颗|根|罐|份|件|只)"
    r"|(\d{1,3}|one|two|three|four|five|six)\s+"
    r"(?:of (?:them|the|my|those)|packs?|bags?|bottles?|boxes|box|cartons?|pieces?)",
    re.IGNORECASE,
)
COUNT = {
    "一": "1",
    "二": "2",
    "两": "2",
    "三": "3",
    "四": "4",
    "五": "5",
    "六": "6",
    "七": "7",
    "八": "8",
    "九": "9",
    "十": "10",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
}
BESIDE = re.compile(rf"(?:^|\s)(\d{{1,2}}|{'|'.join(n for n in COUNT if n.isascii())})\s+$", re.I)
"""A number right before a product: "one milk is missing"."""
DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}月\d{1,2}[日号]|今天|明天|后天|昨天|前天|(?:上|这|下)?(?:周|星期)[一二三四五六日天]"
    r"|\b(?:today|tomorrow|yesterday|(?:next |last )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
WINDOW = re.compile(
    r"(?:上午|下午|晚上|中午|早上)?\d{1,2}[点:：]\d{0,2}(?:\s*(?:到|至|-|~)\s*\d{1,2}[点:：]\d{0,2})"
    r"|上午|下午|晚上|中午|早上|\b(?:this )?(?:morning|afternoon|evening|noon|tonight)\b"
    r"|\b\d{1,2}\s*(?:am|pm)?\s*(?:to|-)\s*\d{1,2}\s*(?:am|pm)\b",
    re.IGNORECASE,
)
CODE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)[A-Za-z][A-Za-z0-9]{3,15}(?![A-Za-z0-9])")
BARE_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9]{3,15}(?![A-Za-z0-9])")
LEAD = re.compile(
    r"^(?:好的?|嗯+|那|就|请|麻烦|送到|改(?:到|成|为|送到)|换(?:到|成)|(?:新|收货)?地址(?:是|改成|为)?"
    r"|抬头(?:是|写|开)?|我叫|名字(?:是|叫)?|公司(?:名)?是|写|开|(?:deliver|send) (?:it )?to|it'?s"
    r"|the (?:new )?address is|address:?|my name is|name:?|make it out to|to)[\s,，:：、]*",
    re.IGNORECASE,
)
TAIL = re.compile(r"尾号|后四位|末四位|last (?:four|4)|ending", re.IGNORECASE)
"""Words that make four digits a phone tail without being asked."""
ORDER_LIKE = re.compile(r"FD\d+")
"""An order number with digits missing or too many is not a coupon."""
ADDRESS = re.compile(
    r"(?:改到|改成|改送到?|送到|送去|换到|寄到|地址[是改为成到：: ]*)?"
    r"((?:[\u4e00-\u9fff]{2,4}[省市区县])+[\u4e00-\u9fff\w\-#]*\d[\u4e00-\u9fff\w\-#]*"
    r"|[\u4e00-\u9fff]{2,8}?[路街道巷弄]\d+[号弄][\u4e00-\u9fff\w\-#]*)"
    r"|\b(\d+[a-z]?,? (?:[a-z']+ ){1,4}(?:road|rd|street|st|lane|avenue|ave)\b[^.!?\n]*)",
    re.IGNORECASE,
)
"""A street with its number, somewhere in a sentence."""
PLACE = re.compile(
    r"\d|[路街道巷弄区县镇村苑园号楼栋座室层]|小区|大厦|广场"
    r"|\b(?:road|street|lane|avenue|house|floor|flat|room|building|tower|block|district)\b",
    re.IGNORECASE,
)
"""Without any of these an answer is no address."""
GENERIC = re.compile(
    r"公司|个人|企业|单位|抬头|随便"
    r"|(?:a )?company|(?:a )?person(?:al)?|individual|business|whatever",
    re.IGNORECASE,
)
"""Answers that name a kind of name."""
NOT_SO_MANY = re.compile(r"(?:不是|没有|not|n't)\s*$", re.IGNORECASE)
"""Before a number that is denied: "not two"."""
AFTER_ADDRESS = re.compile(
    r"\s+(?:instead|please|pls|thanks|thank you)\b|[,，]?\s*(?:my )?(?:phone|tel|tail)\b"
    r"|[,，]?\s*尾号",
    re.IGNORECASE,
)
