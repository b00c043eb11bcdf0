"""The short words that steer a conversation in Chinese and English: yes, no, stop, not that one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

_ZH_YES = (
    "好的?|好啊|好呀|好吧|好嘞|行|行吧|行的|嗯+|可以|可以的|是的?|对|对的|没错|没问题|确认|确定|同意"
    "|要|要的|需要|麻烦了|麻烦你了|就这样|就这么办|办吧|来吧|成|中|ok|OK"
)
_EN_YES = (
    "yes|yeah|yep|yup|sure|ok|okay|correct|right|that'?s right|confirm|confirmed|please do"
    "|go ahead|do it|of course|absolutely|fine|sounds good|please|definitely|y"
)
_ZH_NO = (
    "不|不是|不行|不用|不要|不了|不用了|不要了|不必了?|别|先别|没有|没|没有了|没了|否|不确定|不可以"
    "|不同意|算了|先不|先不用|暂时不用|不需要"
)
_EN_NO = (
    "no|nope|nah|not now|don'?t|do not|no thanks|no thank you|not really|negative|n|none"
    "|i don'?t have (?:one|any)|rather not|keep it|leave it(?: as it is)?"
)
_TAIL = r"(?:[啊呀吧呢的了哦噢嘛哈啦谢您你]|please|thanks|thank you)*"

_YES = re.compile(rf"(?:{_ZH_YES}|{_EN_YES}){_TAIL}", re.IGNORECASE)
_GOES_ON = re.compile(
    r"确认|确定|好的|好吧|嗯|行吧|可以(?=[取退改办])|是的|对的|没错"
    r"|(?:yes|yeah|sure|okay|ok|go ahead|please (?:do|cancel|refund|change|go))\b",
    re.IGNORECASE,
)
"""What a yes may begin with that goes on without a pause: 好的取消吧, "go ahead and cancel"."""
_NO = re.compile(rf"(?:{_ZH_NO}|{_EN_NO}){_TAIL}", re.IGNORECASE)
_STOP = re.compile(
    r"算了|不(?:改|办|换|查|弄|搞)(?:了|啦)|别(?:改|办|查|弄)了?"
    r"|never ?mind|\bnvm\b|forget (?:it|about it)|leave it(?! (?:with|at|by|in|on|out))"
    r"|changed my mind"
    r"|don'?t bother"
    r"|stop (?:it|this|that)|i'?m good|(?:wait|actually),? no\b|(?:hold|hang) on|留着吧"
    r"|^(?:i'?ll |just |please |no,? )*keep (?:it|(?:the|my) order)\b",
    re.IGNORECASE,
)
_WRONG = re.compile(
    r"不对|不是(?:这|那|它|说|[^，,是吗]{1,6}[，, ]?是)|错了|搞错|弄错|说错|写错|记错|打错"
    r"|换成|换一个|另(?:外)?一|改成|应该是"
    r"|not (?:that|this) one|the other|wrong|i meant?|actually|correction|instead|should be|rather"
    r"|\bno,|mistake|that'?s not|\boops\b|\btypo\b|mistyped|\bmy bad\b",
    re.IGNORECASE,
)
_FALSE = re.compile(
    r"不对|错了|不是这[样回个]|说反了|\b(?:wrong|incorrect)\b|not (?:true|right|correct)",
    re.IGNORECASE,
)
_CONTRADICTS = re.compile(r"(?:不对|不是|错了|哦?不)|no\b|nope\b|not\b|wrong\b", re.IGNORECASE)
_BACK = re.compile(
    r"算了|不(?:用|要|等|转)(?:人工|客服|了)|机器人|never ?mind|\bnvm\b|forget (?:it|about)"
    r"|back to (?:the )?(?:bot|you)|cancel"
    r"|don'?t (?:need|want) (?:a|an|the) (?:person|human|agent)",
    re.IGNORECASE,
)
_WITHOUT = re.compile(
    r"没拍|拍不[了到成]|发不[了出]|不方便|(?:没有?|不(?:想|要|用)?(?:拍|发|传)?)(?:照片|图片?|相片)"
    r"|(?:no|not|n'?t|without|can'?t|forgot|threw).{0,24}\b(?:photo|picture|pic|image|camera)s?\b"
    r"|\b(?:can'?t|cannot|won'?t) (?:take|send|upload) (?:one|any|another)"
    r"|^(?:sorry,? )?i (?:can'?t|cannot)\W*$|(?:threw|thrown) (?:it|them) (?:away|out)|扔了",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"这个|那个|这款|那款|这种|这东西|这是|它|\b(?:this|that|it|these|those|them|they)\b", re.I
)
_NEGATION = re.compile(r"不|别|没|\bno\b|\bnot\b|n'?t\b", re.IGNORECASE)
_HEDGE = re.compile(r"但|不过|先|等|\bbut\b|however|wait|change|before|after|first", re.IGNORECASE)
_QUESTION = re.compile(
    r"[?？]|吗|谁|(?<![好的])呢|多少|多久|怎么|咋|什么|如果|要是|([要是能会行用])不\1|可不可以"
    r"|how\b|what |when |why |where "
    r"|^(?:and |but )?(?:can|could|will|would|do|does|is|are) (?:you|u|i|we|it|they|there)\b",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"^(?:那|然后|and\b|but\b|so\b|then\b|what if\b|or\b)|[\s,，]那"
    r"|这个|那个|\b(?:it|that|this|they|them|those|then)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"人工|客服|真人|活人|经理|主管|店长|负责人|专员|找人|转人|来个人"
    r"|\b(?:person|people|human|agent|representative|operator|manager|someone|somebody|staff)\b",
    re.IGNORECASE,
)
_FIRM = re.compile(
    r"(?:公司|集团|工作室|商行|事务所|研究院|店)$"
    r"|\b(?:ltd|limited|inc|llc|plc|gmbh|corp|co|company|group|services|solutions|agency)\.?$",
    re.IGNORECASE,
)
_KIND = re.compile(
    r"(?:开|写)?给?(?:公司|company|个人|企业|单位|抬头|随便)(?:抬头|的|吧)*"
    r"|(?:(?:a|just|it'?s) )*(?:company|person(?:al)?|individual|business|whatever)",
    re.IGNORECASE,
)
_POLITE = (
    r"(?:[\s,，。.!！?？请能可以不我们咱你您会想要用说讲换成切到改来回复答沟通交流一下吗吧么行好的了]"
    r"|please|can|could|would|you|we|i|let'?s|like|want|speak|talk|switch|change|use|reply|answer"
    r"|to|in|with|me|it|do|the|now|instead|only)*"
)
_LANGUAGE = re.compile(
    rf"{_POLITE}(?:(?P<en>英文|英语|english)|(?P<zh>中文|汉语|普通话|国语|chinese|mandarin)){_POLITE}",
    re.IGNORECASE,
)
_WAIT = re.compile(
    r"等(?:一?下|等|会儿?|我)|稍等|马上(?:拍|发)?|我?去拍|这就拍|拍一张"
    r"|(?:one|a|just a) (?:sec|second|moment|minute)|hang on|hold on"
    r"|give me|will do|i'?ll (?:take|send)",
    re.IGNORECASE,
)
_LACKS = re.compile(
    r"没有?|不(?:知道|记得|清楚|晓得)|忘|找不[到着]|丢了|删了"
    r"|\b(?:don'?t|do not|can'?t|cannot|haven'?t|didn'?t|no idea|forgot|lost|without|no)\b",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"是|的|我|哦|喔|嗯|呃|啊|吧|呀|号码?|后四位|最后|那个|这个|应该|就|叫|一下|你看|谢谢|好"
    r"|\b(?:it'?s|its|it|is|the|my|number|no|that'?s|that|would|be|sure|here|ends?|in|with|last"
    r"|four|digits|are|i|think|mean|please|then|try|thanks|for|of|a|an|to|send|yes|well|so)\b",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"(?:[\s,，。.!！]*(?:please|thanks|thank you|cheers|谢谢[您你啦]?|吧|哈|呀|哦|就[行好]))+"
    r"[\s。.!！]*$",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"[\s,，。.!！~、;；]+")


ELLIPTIC = 5
"""Words or characters up to which a question leaves unsaid what it is about."""
WAITING = 10
"""Words or characters of "wait, I'll take one"."""
LEANING = 10
"""Words or characters of a longer one that begins with "and" or says "it"."""


def units(text: str) -> int:
    """How much was said: Chinese characters plus words of other scripts."""
    han = sum(1 for ch in text if "\u4e00" <= ch <= "\u9fff")
    return han + len(re.findall(r"[^\W_\u4e00-\u9fff]+(?:['’][a-z]+)?", text))


def beside(text: str, said: str, nouns: Iterable[str] = ()) -> str:
    """What `text` says beside the value `said`, what that is called, and filler."""
    rest = text.replace(said, " ") if said else text
    for noun in sorted(nouns, key=len, reverse=True):
        rest = re.sub(re.escape(noun), " ", rest, flags=re.IGNORECASE)
    return _FILLER.sub(" ", rest).strip()


def without_courtesy(text: str) -> str:
    """`text` less a please or thanks at its end; all of it where nothing else is said."""
    return _COURTESY.sub("", text) or text


def says_yes(text: str) -> bool:
    """Whether every piece of `text` is a yes: "好的，确认"."""
    return all_match(_YES, text)


def opens_with_yes(text: str) -> bool:
    """Whether a short text starts with a yes and denies nothing: "好的，帮我取消吧"."""
    pieces = _pieces(text)
    if not pieces or units(text) > 10 or says_wrong(text):
        return False
    if _NEGATION.search(text) or _HEDGE.search(text) or is_question(text):
        return False
    return bool(_YES.fullmatch(pieces[0]) or _GOES_ON.match(text.strip()))


def says_no(text: str) -> bool:
    """Whether `text` starts with a no: "不用了，谢谢"."""
    pieces = _pieces(text)
    whole = " ".join(pieces)
    return bool(pieces) and bool(_NO.fullmatch(whole) or _NO.fullmatch(pieces[0]))


def says_without(text: str) -> bool:
    """Whether the customer cannot or will not send a picture: "我没拍照片"."""
    return bool(_WITHOUT.search(text)) and units(text) <= 16


def says_wait(text: str) -> bool:
    """Whether the customer will do what was asked, in a moment: "I'll take one"."""
    return bool(_WAIT.search(text)) and units(text) <= WAITING


def lacks(text: str) -> bool:
    """Whether the customer does not have what was asked for: "I can't find the order number"."""
    return bool(_LACKS.search(text))


def points(text: str) -> bool:
    """Whether `text` speaks of something in sight or just named: "how much is this"."""
    return bool(_POINTS.search(text))


def leans(text: str) -> bool:
    """Whether `text` is a question that only makes sense after another: "and if it doesn't?"."""
    said = units(text)
    if not said or not is_question(text):
        return False
    return said <= ELLIPTIC or (said <= LEANING and bool(_LEANS.search(text.strip())))


def names_person(text: str) -> bool:
    """Whether `text` speaks of staff: "转人工", "a real person"."""
    return bool(_PERSON.search(text))


def names_firm(text: str) -> bool:
    """Whether `text` ends as the name of a firm does: "Human Resources Ltd", 人工智能有限公司."""
    return bool(_FIRM.search(text.strip(" 。.,，!！")))


def names_kind(text: str) -> bool:
    """Whether a name was asked for and a kind of name given: 个人, "a company"."""
    return bool(_KIND.fullmatch(text.strip(" 。.,，!！")))


def wants_language(text: str) -> Literal["zh", "en", ""]:
    """The language that is asked for with nothing else: "switch to English", 可以说中文吗."""
    found = _LANGUAGE.fullmatch(text.strip())
    if not found:
        return ""
    return "en" if found["en"] else "zh"


def says_stop(text: str, own: Iterable[str] = ()) -> bool:
    """Whether the customer drops what is under way: "算了不退了", "never mind".

    `own` are a pack's regular expressions for that.
    """
    return units(text) <= 14 and after_stop(text, own) != text


def settles(text: str) -> bool:
    """Whether `text` gives in before what is settled for: 那算了 都退吧."""
    return bool(re.fullmatch(r"那?就?(?:算了|行吧?|好吧?|这样)", text.strip()))


def after_stop(text: str, own: Iterable[str] = ()) -> str:
    """What is said beside dropping something: "never mind that, where is my order"."""
    for words in own:
        text = re.sub(words, "\n", text, flags=re.IGNORECASE)
    return _STOP.sub("\n", text)


def contradicts(text: str) -> bool:
    """Whether `text` opens with a plain no: "不对，是昨天那单"."""
    return bool(_CONTRADICTS.match(text.strip()))


def says_wrong(text: str) -> bool:
    """Whether the customer corrects something: "不对，是昨天那单"."""
    return bool(_WRONG.search(text))


def says_false(text: str) -> bool:
    """Whether little but "that's wrong" is said, of what was just answered."""
    return bool(_FALSE.search(text)) and units(text) <= ELLIPTIC


def says_back(text: str) -> bool:
    """Whether a waiting customer no longer wants a person."""
    return bool(_BACK.search(text)) and units(text) <= 16


def is_question(text: str) -> bool:
    """Whether `text` asks something."""
    return bool(_QUESTION.search(text))


def _pieces(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").strip()
    return [piece for piece in _SPLIT.split(plain) if piece]


def all_match(pattern: re.Pattern[str], text: str) -> bool:
    """Whether `text`, as a whole or in each of its pieces, is what `pattern` says."""
    pieces = _pieces(text)
    if not pieces:
        return False
    return bool(pattern.fullmatch(" ".join(pieces))) or all(map(pattern.fullmatch, pieces))
