"""What may go wrong at the door: a stable code, an HTTP status, one sentence in zh and en."""

from __future__ import annotations

from dataclasses import dataclass

from dialogue.types import Language


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that can be refused, and how the customer is told."""

    status: int
    """HTTP status."""
    zh: str
    en: str

    def sentence(self, language: Language) -> str:
        """The sentence in `language`; may hold {placeholders}."""
        return self.zh if language == "zh" else self.en


REFUSALS: dict[str, Refusal] = {
    # what was sent
    "empty_message": Refusal(
        422,
        "没有收到内容，请打几个字、说句话或发张图片。",
        "There was nothing in that message. Type, speak or send a photo.",
    ),
    "contact_invalid": Refusal(
        422,
        "这不像电话号码，也不像邮箱地址，请再核对一下。",
        "That looks like neither a phone number nor an e-mail address. Please check it.",
    ),
    "text_too_long": Refusal(
        413,
        "这段话太长了，一次最多 {limit} 个字，请分几次发。",
        "That's too long. Please keep it under {limit} characters, or send it in pieces.",
    ),
    "audio_unreadable": Refusal(
        415,
        "这段录音打不开，请重新录一次，或者直接打字。",
        "I couldn't open that recording. Please record it again, or type instead.",
    ),
    "audio_unsupported": Refusal(
        415,
        "这个文件不是我能听的录音，请发 wav、mp3、m4a、webm、ogg 或 flac。",
        "That isn't a recording I can play. Please send wav, mp3, m4a, webm, ogg or flac.",
    ),
    "audio_empty": Refusal(
        422,
        "录音里没有声音，请检查麦克风再录一次。",
        "The recording is empty. Please check your microphone and try again.",
    ),
    "audio_too_long": Refusal(
        413,
        "录音太长了，请控制在 {limit} 秒以内。",
        "That recording is too long. Please keep it under {limit} seconds.",
    ),
    "audio_too_large": Refusal(
        413,
        "录音文件太大了，最大 {limit} MB，请录短一点。",
        "That recording is too big. The limit is {limit} MB, so please record a shorter one.",
    ),
    "too_many_recordings": Refusal(
        422,
        "一次只能发一段录音，请分开发。",
        "One recording at a time, please.",
    ),
    "picture_unreadable": Refusal(
        415,
        "这个文件打不开，请换一张图片试试。",
        "I couldn't open that file. Please try another picture.",
    ),
    "picture_unsupported": Refusal(
        415,
        "这个文件不是我能看的图片，请发 JPG、PNG、WebP 或 HEIC。",
        "That isn't a picture I can open. Please send a JPG, PNG, WebP or HEIC.",
    ),
    "picture_too_large": Refusal(
        413,
        "图片太大了，最大 {limit} MB，请压缩一下再发。",
        "That picture is too big. The limit is {limit} MB, so please send a smaller one.",
    ),
    "picture_too_many_pixels": Refusal(
        413,
        "图片尺寸太大了，请缩小到 {limit} 万像素以内再发。",
        "That picture has too many pixels. Please scale it down and send it again.",
    ),
    "too_many_pictures": Refusal(
        422,
        "一次最多发 {limit} 张图片，请分几次发。",
        "Up to {limit} pictures at a time, please. Send the rest in another message.",
    ),
    "request_too_large": Refusal(
        413,
        "发送的内容太大了，请减少附件再试。",
        "That's too much for one message. Please send fewer or smaller files.",
    ),
    "invalid_request": Refusal(
        422,
        "请求的内容有误，请检查：{field}。",
        "Something in the request is not right. Please check: {field}.",
    ),
    "unsupported_content_type": Refusal(
        415,
        "请用 multipart/form-data 或 application/json 发送。",
        "Please send multipart/form-data or application/json.",
    ),
    # who is asking
    "unauthorized": Refusal(
        401,
        "会话已失效，请刷新页面重新开始。",
        "This conversation has expired. Please reload the page to start again.",
    ),
    "identity_off": Refusal(
        400,
        "这里没有开通网站登录身份的核对。",
        "Sign-in by the shop's own site is not set up here.",
    ),
    "identity_invalid": Refusal(
        401,
        "登录身份没有通过核对，请刷新页面再试。",
        "Your sign-in could not be confirmed. Please reload the page and try again.",
    ),
    "identity_expired": Refusal(
        401,
        "登录身份已过期，请刷新页面再试。",
        "Your sign-in has run out. Please reload the page and try again.",
    ),
    "not_signed_in": Refusal(401, "请先登录。", "Please sign in first."),
    "wrong_credentials": Refusal(
        401, "用户名或密码不正确。", "That name and password don't match."
    ),
    "csrf": Refusal(
        403,
        "页面已过期，请刷新后再试。",
        "This page is out of date. Please reload it and try again.",
    ),
    "cross_origin": Refusal(
        403,
        "这个请求来自别的网站，已拒绝。",
        "This request came from another site and was refused.",
    ),
    "not_owner": Refusal(
        409, "请先接管会话，再回复顾客。", "Take the conversation before you answer in it."
    ),
    "already_taken": Refusal(
        409, "{name} 正在处理这个会话。", "{name} is already looking after this conversation."
    ),
    # where
    "not_found": Refusal(404, "没有找到这个内容。", "There is nothing here."),
    "method_not_allowed": Refusal(
        405, "这个地址不支持该操作。", "This address does not answer that method."
    ),
    # how much
    "throttled": Refusal(
        429,
        "发得太快了，请 {seconds} 秒后再试。",
        "That was a little fast. Please try again in {seconds} seconds.",
    ),
    "busy": Refusal(
        503,
        "现在咨询的人比较多，请稍等几秒再发一次。",
        "We're very busy right now. Please send that again in a few seconds.",
    ),
    "line_busy": Refusal(
        503,
        "现在通话的人比较多，请稍后再打，或者直接打字，我一样能帮您。",
        "All lines are busy right now. Please call again in a moment, or type instead.",
    ),
    "starting": Refusal(
        503,
        "服务正在启动，请稍等几秒。",
        "We're just starting up. Please try again in a few seconds.",
    ),
    "stopping": Refusal(
        503,
        "服务正在重启，请稍等几秒再发一次。",
        "We're restarting. Please send that again in a few seconds.",
    ),
    "late": Refusal(503, "还在查，请再等一下。", "Still working on it. One moment, please."),
    # our fault
    "internal": Refusal(
        500,
        "抱歉，我这边出了点问题，请再说一遍，或者点“人工客服”。",
        "Sorry, something went wrong on my side. Please say that again, or ask for a person.",
    ),
}


def describe(code: str, language: Language, **values: object) -> str:
    """The sentence for `code` in `language`, its placeholders filled from `values`."""
    return REFUSALS[code].sentence(language).format(**values)


class IntakeError(Exception):
    """A message that cannot be taken in; the conversation goes on."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(describe(code, "en", **values))
        self.code = code
        self.values = values
        self.status = REFUSALS[code].status

    def sentence(self, language: Language) -> str:
        """What the customer is told."""
        return describe(self.code, language, **self.values)


class AccessError(Exception):
    """A request that is refused for who asks, where or how often."""

    def __init__(self, code: str, retry_after: int | None = None, **values: object) -> None:
        super().__init__(describe(code, "en", **values))
        self.code = code
        self.values = values
        self.status = REFUSALS[code].status
        self.retry_after = retry_after
        """Seconds after which the same request may succeed."""

    def sentence(self, language: Language) -> str:
        """What the caller is told."""
        return describe(self.code, language, **self.values)
