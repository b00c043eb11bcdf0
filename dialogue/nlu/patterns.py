"""Patterns: the shapes of values in Chinese and English text."""

import re

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
AMOUNT = re.compile(
    r"[¥￥$£€]\s*(\d+(?:\.\d{1,2})?)|(\d+(?:\.\d{1,2})?)\s*(?:元|块钱?|yuan|rmb|dollars|pounds|quid)"
    r"|[一二两三四五六七八九十百]+多?(?:块钱?|元)",
    re.IGNORECASE,
)
QUANTITY = re.compile(
    r"((?<![A-Za-z0-9])\d{1,3}|[一二两三四五六七八九十半])\s*"
    r"(?:盒|袋|瓶|包|斤|箱|颗|根|罐|份|件|只|板|把|条|串|捆|听|个(?!小时|钟头|星期|礼拜|月|人|字|电话|多))"
    r"|(?!one of)(\d{1,3}|one|two|three|four|five|six)\s+(?:of (?:them|the|my|those)|packs?|bags?"
    r"|bottles?|boxes|box|cartons?|pieces?|bunch(?:es)?|tubs?|tins?|cans?|jars?|punnets?)\b",
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
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}月\d{1,2}[日号]|[今昨明][早晚]|今天|明天|后天|昨天|前天|大年三十|(?:上|这|下)?(?:周|星期)[一二三四五六日天]"
    r"|\b(?:today|tomorrow|yesterday|tonight|last night"
    r"|(?:next |last )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_CLOCK = r"[\d一二两三四五六七八九十]{1,3}[点:：](?:半|\d{0,2})"
WINDOW = re.compile(
    rf"(?:上午|下午|晚上|中午|早上)?{_CLOCK}(?:\s*(?:到|至|-|~)\s*{_CLOCK}(?:之间)?)"
    rf"|(?:上午|下午|晚上|中午|早上)?{_CLOCK}(?:之?[前后]|以[前后])"
    r"|(?:上午|下午|晚上|中午|早上)(?!好|啊)"
    r"|(?<!good )(?<!gd )\b(?:this )?(?:morning|afternoon|evening|noon)\b(?! all\b)"
    r"|\b\d{1,2}\s*(?:am|pm)?\s*(?:to|-)\s*\d{1,2}\s*(?:am|pm)\b"
    r"|\bbetween \d{1,2} and \d{1,2}\b|\b\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm)\b",
    re.IGNORECASE,
)
CODE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)[A-Za-z][A-Za-z0-9]{3,15}(?![A-Za-z0-9])")
BARE_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9]{3,15}(?![A-Za-z0-9])")
LEAD = re.compile(
    r"^(?:(?:个人|公司)(?=[\s,，:：])|好的?|嗯+|那|就|请|麻烦|送到|改(?:到|成|为|送到)|换(?:到|成)|(?:新|收货)?地址(?:是|改成|为)?"
    r"|抬头(?:是|写|开)?|我叫|名字(?:是|叫)?|公司(?:名)?是|写|开给?"
    r"|(?:(?:deliver|send) (?:it )?to|it'?s"
    r"|the (?:new )?(?:address|one) is|address|my name is|name(?: is)?|put|use"
    r"|(?:make|change) it (?:out )?to|to)\b)[\s,，:：、]*",
    re.IGNORECASE,
)
TAIL = re.compile(r"尾号|后四位|末四位|last (?:four|4)|ending", re.IGNORECASE)
"""Words that make four digits a phone tail without being asked."""
ORDER_LIKE = re.compile(r"FD\d+")
ORDER = re.compile(r"(?<![A-Za-z])FD[\s:-]?\d{7}(?!\d)", re.IGNORECASE)
"""An order number in one piece, whatever numbers are said around it."""
PHONE = re.compile(r"(?<!\d)1[3-9]\d[ -]\d{4}[ -]\d{4}(?!\d)")
"""A mobile number in its usual groups."""
NAME = re.compile(
    r"抬头(?:是|写|开|：|:)?\s*([\u4e00-\u9fffA-Za-z（）()&.]{2,30})"
    r"|\b(?:make it out to|made out to|invoice to)\s+([A-Z][\w&.' -]{1,60})"
)
"""Who an invoice is for, said without being asked."""
NO_PRODUCT = re.compile(r"apple ?pay|苹果(?:支付|手机|耳机|电脑)|\biphone\b", re.IGNORECASE)
"""Words that only look like a product."""
"""An order number with digits missing or too many is not a coupon."""
ADDRESS = re.compile(
    r"(?:改到|改成|改送到?|送到|送去|换到|寄到|地址[是改为成到：: ]*)?"
    r"((?:[\u4e00-\u9fff]{2,4}[省市区县])+[\u4e00-\u9fff\w\-#]*\d[\u4e00-\u9fff\w\-#]*"
    r"|[\u4e00-\u9fff]{2,8}?[路街道巷弄](?:\d+|[一二三四五六七八九十百]+)[号弄][\u4e00-\u9fff\w\-#]*)"
    r"|\b(\d+[a-z]?,? (?:[a-z']+ ){1,4}(?:road|rd|street|st|lane|avenue|ave)\b[^.!?\n]*)",
    re.IGNORECASE,
)
"""A street with its number, somewhere in a sentence."""
PLACE = re.compile(
    r"\d|[村苑园号楼栋座室层]|小区|大厦|广场|\b(?:house|floor|flat|room|building|tower|block)\b",
    re.IGNORECASE,
)
"""Without any of these an answer is no address: a district or a road alone is none."""
NOT_SO_MANY = re.compile(r"(?:不是|没有|not|n't)\s*$", re.IGNORECASE)
"""Before a number that is denied: "not two"."""
AFTER_ADDRESS = re.compile(
    r"\s+(?:instead|please|pls|thanks|thank you)\b|[,，]?\s*(?:my )?(?:phone|tel|tail)\b"
    r"|[,，]?\s*尾号",
    re.IGNORECASE,
)
