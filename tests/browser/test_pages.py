"""The whole product as a customer, a builder and an operator meet it, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, Route, expect

from tests.browser.conftest import Window

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

PINEAPPLE = Path(__file__).parent.parent / "assets" / "pictures" / "23_pineapple.jpg"
ORDER, TAIL = "FD2024051", "5678"
WHERE_IS_IT = re.compile(r"where(.?s| is) my order", re.I)
"""What the recording asks, as a recognizer may spell it."""

Windows = Callable[..., Window]
Camera = Callable[[Page, str], Path]


def chat_page(window: Window, path: str = "/") -> Page:
    """The chat, greeted."""
    page = window.open(path)
    expect(page.get_by_test_id("greeting")).to_be_visible()
    return page


def say(page: Page | FrameLocator, text: str) -> Locator:
    """Types `text`; the bot's answer when it has come."""
    answers = page.get_by_test_id("message").and_(page.locator("[data-from=bot]"))
    there = answers.count()
    page.get_by_test_id("input").fill(text)
    page.get_by_test_id("input").press("Enter")
    expect(answers).to_have_count(there + 1)
    expect(page.get_by_test_id("typing")).to_be_hidden()
    return answers.last


def sign_in(window: Window) -> Page:
    """The operators' panel, signed in."""
    page = window.open("/admin")
    page.get_by_test_id("admin-name").fill(window.site.operator)
    page.get_by_test_id("admin-password").fill(window.site.password)
    page.get_by_test_id("admin-password").press("Enter")
    expect(page.get_by_test_id("desk")).to_be_visible()
    return page


@pytest.mark.parametrize(
    ("locale", "question", "proof", "title"),
    [
        ("zh-CN", f"我的订单{ORDER}到哪了", "[后末]四位|尾号", f"订单 {ORDER}"),
        ("en-US", f"Where is my order {ORDER}?", "four digits", f"Order {ORDER}"),
    ],
)
def test_an_order_is_shown_only_after_the_phone_number_matches(
    window: Windows, picture_of: Camera, locale: str, question: str, proof: str, title: str
) -> None:
    page = chat_page(window(locale))
    asked = say(page, question)
    expect(asked).to_contain_text(re.compile(proof))
    expect(page.get_by_test_id("card")).to_have_count(0)
    answer = say(page, TAIL)
    expect(answer.get_by_test_id("card")).to_contain_text(title)
    expect(answer.locator(".steps li[aria-current=step]")).to_have_count(1)
    assert picture_of(page, f"order-{locale}").stat().st_size > 10_000
    with page.expect_download() as download:
        answer.get_by_test_id("keep").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    assert download.value.suggested_filename == f"{title}.png"


def test_a_voice_note_is_heard_answered_and_spoken(window: Windows, picture_of: Camera) -> None:
    page = chat_page(window("en-US", 390, "dark"))
    page.get_by_test_id("mic").click()
    expect(page.get_by_test_id("record-time")).to_have_text("0:03")
    page.get_by_test_id("record-send").click()
    expect(page.get_by_test_id("speaking")).to_be_visible()
    expect(page.get_by_test_id("heard")).to_contain_text(WHERE_IS_IT)
    expect(page.get_by_test_id("replay")).to_be_visible()
    expect(page.get_by_test_id("speaking")).to_be_hidden()
    picture_of(page, "voice")
    page.get_by_test_id("replay").click()
    expect(page.get_by_test_id("speaking")).to_be_visible()
    page.get_by_test_id("speaking").click()
    expect(page.get_by_test_id("speaking")).to_be_hidden()


def test_a_photo_of_a_product_is_recognised(window: Windows, picture_of: Camera) -> None:
    page = chat_page(window())
    page.get_by_test_id("files").set_input_files(PINEAPPLE)
    expect(page.get_by_test_id("picture-chip")).to_be_visible()
    answer = say(page, "")
    expect(answer).to_contain_text("菠萝")
    shown = page.get_by_test_id("pictures").locator("img")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    picture_of(page, "photo")


def test_a_file_that_is_no_picture_gets_one_sentence_and_the_chat_goes_on(
    window: Windows, tmp_path: Path
) -> None:
    customer = window()
    page = chat_page(customer)
    fake = tmp_path / "photo.jpg"
    fake.write_bytes(b"this is no picture")
    page.get_by_test_id("files").set_input_files(fake)
    page.get_by_test_id("input").fill("你看")
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("not-sent")).to_have_text(re.compile("[一-龥]{4,}"))
    expect(say(page, "你好").locator(".bubble")).to_be_visible()
    # Browsers log every refused request by themselves.
    (refused,) = customer.wrong
    assert "415" in refused
    customer.expected.append(refused)


def test_the_language_can_be_switched_and_is_remembered(window: Windows) -> None:
    page = chat_page(window("zh-CN"))
    assert re.search("[一-龥]", page.get_by_test_id("greeting").inner_text())
    page.get_by_test_id("language").click()
    expect(page.get_by_test_id("greeting")).to_have_text(re.compile("^[ -~’]+$"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.reload()
    expect(page.get_by_test_id("greeting")).to_have_text(re.compile("^[ -~’]+$"))


def test_a_reload_shows_the_same_conversation_and_it_goes_on(window: Windows) -> None:
    page = chat_page(window("en-US"))
    say(page, f"track {ORDER}")
    before = page.get_by_test_id("message").locator(".bubble").all_inner_texts()
    page.reload()
    expect(page.get_by_test_id("message")).to_have_count(2)
    assert page.get_by_test_id("message").locator(".bubble").all_inner_texts() == before
    expect(say(page, TAIL).get_by_test_id("card")).to_contain_text(ORDER)


def test_words_written_before_the_conversation_is_open_are_not_lost(window: Windows) -> None:
    customer = window()
    page = customer.open("/widget/demo")
    slow: list[str] = []

    def hold(route: Route) -> None:
        slow.append(route.request.url)
        page.wait_for_timeout(1500)
        route.continue_()

    page.route("**/v1/conversations", hold)
    page.goto(customer.site.url)
    answer = say(page, "运费怎么算")
    expect(answer).to_contain_text("元")
    assert len(slow) == 1
    page.reload()
    expect(page.get_by_test_id("message")).to_have_count(2)


def test_words_sent_in_a_hurry_are_each_answered_once_and_in_order(window: Windows) -> None:
    page = chat_page(window())
    texts = ["你好", "运费怎么算", "你是谁"]
    for text in texts:
        page.get_by_test_id("input").fill(text)
        page.get_by_test_id("send").dblclick()
    expect(page.locator("[data-from=bot]")).to_have_count(3)
    assert page.locator("[data-from=customer] .bubble").all_inner_texts() == texts


def test_an_operator_takes_over_and_the_bot_is_silent_until_handed_back(
    window: Windows, picture_of: Camera
) -> None:
    page = chat_page(window())
    say(page, "你好")
    page.get_by_test_id("human").click()
    expect(page.get_by_test_id("banner")).to_be_visible()
    desk = sign_in(window())
    desk.get_by_test_id("owner-queue").click()
    desk.get_by_test_id("inbox-row").first.click()
    desk.get_by_test_id("take").click()
    desk.get_by_test_id("answer").fill("您好，我是小美，请说。")
    desk.get_by_test_id("say").click()
    expect(page.locator("[data-from=operator]")).to_contain_text("我是小美")
    answers = page.locator("[data-from=bot]").count()
    page.get_by_test_id("input").fill("我的订单到哪了")
    page.get_by_test_id("input").press("Enter")
    expect(desk.get_by_test_id("turns")).to_contain_text("我的订单到哪了")
    desk.get_by_test_id("answer").fill("稍等，我看一下。")
    desk.get_by_test_id("say").click()
    expect(page.locator("[data-from=operator]")).to_have_count(2)
    expect(page.locator("[data-from=bot]")).to_have_count(answers)
    picture_of(desk, "desk")
    desk.get_by_test_id("release").click()
    expect(page.get_by_test_id("banner")).to_be_hidden()
    expect(say(page, "运费怎么算")).to_contain_text("元")


def test_an_operator_replays_a_turn_with_its_evidence(window: Windows) -> None:
    customer = chat_page(window("en-US"))
    say(customer, "how much does delivery cost?")
    desk = sign_in(window("en-US"))
    desk.get_by_test_id("inbox-row").first.click()
    turn = desk.get_by_test_id("turn").first
    expect(turn).to_contain_text("shipping_fee")
    expect(turn.get_by_test_id("waterfall")).to_be_visible()


def test_an_operator_reads_what_a_photo_shows_by_its_name(window: Windows) -> None:
    customer = chat_page(window("en-US"))
    customer.get_by_test_id("files").set_input_files(PINEAPPLE)
    say(customer, "")
    desk = sign_in(window("en-US"))
    desk.get_by_test_id("inbox-row").first.click()
    turn = desk.get_by_test_id("turn").first
    expect(turn.get_by_test_id("ev-sight")).to_contain_text("pineapple")
    expect(turn.get_by_test_id("ev-meaning")).to_have_count(0)


def test_an_operator_sees_what_was_felt_and_how_much_each_form_counted(window: Windows) -> None:
    customer = chat_page(window("en-US"))
    customer.get_by_test_id("files").set_input_files(PINEAPPLE)
    expect(customer.get_by_test_id("picture-chip")).to_be_visible()
    say(customer, "This is disgusting, the pineapple is rotten and I am furious!")
    desk = sign_in(window("en-US"))
    desk.get_by_test_id("inbox-row").first.click()
    turn = desk.get_by_test_id("turn").first
    expect(turn.get_by_test_id("ev-feeling")).to_contain_text("Attitude: Negative")
    expect(turn.get_by_test_id("ev-feeling")).to_contain_text("Text alone: Angry")
    expect(turn.get_by_test_id("ev-weights")).to_contain_text("Attention between forms")
    expect(turn.get_by_test_id("ev-sight")).to_contain_text("pineapple")


def test_an_operator_erases_a_conversation_and_the_customer_begins_anew(
    window: Windows, picture_of: Camera
) -> None:
    customer = window()
    page = chat_page(customer)
    say(page, "我叫张三丰，你好")
    desk = sign_in(window())
    row = desk.get_by_test_id("inbox-row").filter(has_text="张三丰")
    row.click()
    desk.get_by_test_id("erase").click()
    expect(desk.get_by_test_id("erase-go")).to_be_visible()
    picture_of(desk, "erase")
    desk.get_by_test_id("erase-go").click()
    expect(row).to_have_count(0)
    expect(page.get_by_test_id("notice")).to_contain_text("重新开始")
    expect(say(page, "运费怎么算")).to_contain_text("元")
    # Browsers log every refused request by themselves.
    customer.expected += [wrong for wrong in customer.wrong if "401" in wrong]


def test_the_words_by_sound_alone_are_shown_beside_those_decided_on(
    window: Windows, picture_of: Camera
) -> None:
    page = chat_page(window("en-US"))
    page.get_by_test_id("mic").click()
    expect(page.get_by_test_id("record-time")).to_have_text("0:03")
    page.get_by_test_id("record-send").click()
    expect(page.get_by_test_id("replay")).to_be_visible()
    desk = sign_in(window())
    desk.route("**/v1/admin/conversations/*", misheard)
    desk.get_by_test_id("inbox-row").first.click()
    told = desk.get_by_test_id("differ").first
    expect(told.locator("del")).to_have_text("推")
    expect(told.locator("ins")).to_have_text("退")
    expect(told).to_contain_text("推款没有意思")
    expect(desk.get_by_test_id("heard-view").locator(".chosen b")).to_have_text("81%")
    picture_of(desk, "differ")


def misheard(route: Route) -> None:
    """The server's record as if two hypotheses had competed."""
    answer = route.fetch()
    record = answer.json()
    (turn,) = record["turns"]
    turn["heard"] = {
        "cascade_text": "我要推款",
        "joint_text": "我要退款",
        "reason": "推款没有意思",
        "posterior": [["refund_request", 0.9]],
        "weighed": [["我要退款", 0.81], ["我要推款", 0.19]],
    }
    route.fulfill(response=answer, json=record)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_widget_opens_on_a_strangers_page_and_answers(
    window: Windows, picture_of: Camera, width: int
) -> None:
    page = window("en-US", width).open("/widget/demo")
    page.get_by_test_id("launcher").click()
    frame = page.frame_locator("[data-testid=widget-frame]")
    expect(frame.get_by_test_id("greeting")).to_be_visible()
    expect(say(frame, "what does delivery cost?")).to_contain_text("yuan")
    picture_of(page, f"widget-{width}")
    frame.get_by_test_id("close").click()
    expect(page.get_by_test_id("widget-frame")).to_be_hidden()


def test_the_widget_takes_a_voice_note_and_a_photo(window: Windows) -> None:
    page = window("en-US").open("/widget/demo")
    page.get_by_test_id("launcher").click()
    frame = page.frame_locator("[data-testid=widget-frame]")
    expect(frame.get_by_test_id("greeting")).to_be_visible()
    frame.get_by_test_id("mic").click()
    expect(frame.get_by_test_id("record-time")).to_have_text("0:03")
    frame.get_by_test_id("record-send").click()
    expect(frame.get_by_test_id("heard")).to_contain_text(re.compile("order", re.I))
    expect(frame.get_by_test_id("replay")).to_be_visible()
    frame.get_by_test_id("files").set_input_files(PINEAPPLE)
    expect(frame.get_by_test_id("picture-chip")).to_be_visible()
    say(frame, "")


def test_the_playground_answers_and_shows_its_evidence(window: Windows, picture_of: Camera) -> None:
    page = window("en-US").open("/playground")
    page.locator("#playground-text textarea").fill("how much does delivery cost?")
    page.locator("#playground-send").click()
    expect(page.locator("#playground-meaning")).to_contain_text("shipping_fee")
    expect(page.locator("#playground-chat")).to_contain_text("yuan")
    expect(page.locator("#playground-latency svg rect").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture_of(page, "playground")


def test_the_playground_hears_a_recording_and_sees_a_photo(window: Windows) -> None:
    page = window("en-US").open("/playground")
    page.get_by_role("button", name="Record", exact=True).click()
    page.wait_for_timeout(3200)  # as long as somebody speaks
    with page.expect_response(lambda answer: "/upload" in answer.url and answer.ok):
        page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("play", re.I)).first).to_be_visible()
    page.wait_for_timeout(1000)  # the page takes in what the server said
    page.locator("#playground-send").click()
    expect(page.locator("#playground-meaning")).to_contain_text("track_order")
    expect(page.locator("#playground-meaning")).to_contain_text(WHERE_IS_IT)
    with page.expect_response(lambda answer: "/upload" in answer.url and answer.ok):
        page.locator("input[type=file]").last.set_input_files(PINEAPPLE)
    page.wait_for_timeout(1000)
    page.locator("#playground-send").click()
    expect(page.locator("#playground-chat")).to_contain_text(
        re.compile("photo has arrived|got the photo")
    )


def test_the_widget_does_as_its_script_tag_says(window: Windows) -> None:
    options = {
        "locale": "zh",
        "position": "left",
        "colour": "#7a1f5c",
        "theme": "dark",
        "title": "小铺",
        "greeting": "来啦，想吃点什么？",
        "open": "",
    }
    tag = " ".join(f'data-{name}="{value}"' for name, value in options.items())

    def told(route: Route) -> None:
        answer = route.fetch()
        page = re.sub(r'(<script src="/widget.js") [^>]*', rf"\1 {tag}", answer.text())
        route.fulfill(response=answer, body=page)

    made = window("en-US")
    made.context.route("**/widget/demo", told)
    page = made.open("/widget/demo")
    frame = page.frame_locator("[data-testid=widget-frame]")
    expect(frame.get_by_test_id("greeting")).to_contain_text("来啦，想吃点什么？")
    expect(frame.get_by_test_id("title")).to_have_text("小铺")
    assert page.get_by_test_id("launcher").bounding_box()["x"] < 400
    assert frame.locator("html").get_attribute("data-theme") == "dark"


def test_a_link_does_not_rename_the_shop(window: Windows) -> None:
    page = window("en-US").open("/?title=Your%20bank&greeting=Send%20your%20PIN")
    expect(page.get_by_test_id("greeting")).to_contain_text("Lingxi")
    expect(page.locator("body")).not_to_contain_text("Your bank")


def test_the_api_reference_needs_nothing_from_elsewhere(window: Windows) -> None:
    page = window("en-US").open("/docs")
    expect(page.locator(".opblock-summary-path").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["/", "/widget/demo", "/admin"])
def test_no_page_is_wider_than_its_window(
    window: Windows, path: str, width: int, scheme: str
) -> None:
    page = window("zh-CN", width, scheme).open(path)
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_a_call_is_held_without_pressing_anything(
    window: Windows, picture_of: Camera, width: int, scheme: str
) -> None:
    page = chat_page(window("en-US", width, scheme))
    page.get_by_test_id("talk").click()
    expect(page.get_by_test_id("call")).to_be_visible()
    expect(page.get_by_test_id("input")).to_be_hidden()
    expect(page.get_by_test_id("heard").first).to_contain_text(re.compile("order", re.I))
    expect(page.locator("[data-from=bot]").first).to_contain_text(re.compile("order number", re.I))
    expect(page.get_by_test_id("call-caption")).not_to_be_empty()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture_of(page, f"call-{width}")
    page.get_by_test_id("call-mute").click()
    expect(page.get_by_test_id("call-mute")).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("call-end").click()
    expect(page.get_by_test_id("call")).to_be_hidden()
    expect(page.get_by_test_id("talk")).to_be_focused()
    expect(say(page, "what does delivery cost?")).to_contain_text("yuan")


def test_the_widget_holds_a_call(window: Windows, picture_of: Camera) -> None:
    page = window("en-US", 390).open("/widget/demo")
    page.get_by_test_id("launcher").click()
    frame = page.frame_locator("[data-testid=widget-frame]")
    expect(frame.get_by_test_id("greeting")).to_be_visible()
    frame.get_by_test_id("talk").click()
    expect(frame.get_by_test_id("heard").first).to_contain_text(re.compile("order", re.I))
    picture_of(page, "widget-call")
    frame.get_by_test_id("call-end").click()
    expect(frame.get_by_test_id("call")).to_be_hidden()


def unstaffed(route: Route) -> None:
    """The server's own answer at an hour when nobody is there."""
    told = route.fetch()
    route.fulfill(response=told, json={**told.json(), "staffed": False})


def test_who_finds_nobody_there_leaves_a_number_and_an_operator_calls_back(
    window: Windows, picture_of: Camera
) -> None:
    customer = window("en-US", 390)
    page = chat_page(customer)
    page.route("**/v1/conversations/*/place", unstaffed)
    page.get_by_test_id("human").click()
    banner = page.get_by_test_id("banner")
    expect(banner).to_contain_text("Nobody is here at this hour")
    page.get_by_test_id("ask-callback").click()
    contact = page.get_by_test_id("callback-contact")
    contact.fill("call me")
    page.get_by_test_id("callback-send").click()
    expect(page.get_by_test_id("callback-problem")).to_be_visible()
    # Browsers log every refused request by themselves.
    customer.expected += [wrong for wrong in customer.wrong if "422" in wrong]
    expect(contact).to_be_focused()
    picture_of(page, "callback")
    page.get_by_test_id("callback-name").fill("Li <b>Lei</b>")
    contact.fill("+86 138 0011 2233")
    page.get_by_test_id("callback-time").select_option("evening")
    page.get_by_test_id("callback-send").click()
    expect(page.get_by_test_id("callback")).to_be_hidden()
    expect(banner).to_contain_text("We have your details")
    expect(page.get_by_test_id("ask-callback")).to_have_text("Change my details")
    desk = sign_in(window("en-US"))
    desk.get_by_test_id("callbacks").click()
    asked = desk.get_by_test_id("call").filter(has_text="+86 138 0011 2233")
    expect(asked).to_contain_text("Li <b>Lei</b>")
    expect(asked).to_contain_text("Evening")
    asked.get_by_test_id("call-done").click()
    expect(asked).to_have_count(0)
    desk.get_by_test_id("calls-done").click()
    expect(asked).to_have_count(1)


def test_the_chat_says_when_it_is_muted_and_when_a_screen_reader_is_used(window: Windows) -> None:
    page = chat_page(window("en-US", 390))

    def told() -> list[str]:
        """The devices that the next message comes from."""
        with page.expect_request("**/v1/chat") as request:
            say(page, "hello")
        body = (request.value.post_data_buffer or b"").decode("utf-8", "replace")
        found = re.search(r'name="device"\r\n\r\n(.*?)\r\n', body)
        return found[1].split(",") if found else []

    def choose(name: str) -> None:
        page.get_by_test_id("menu").click()
        page.get_by_test_id(name).click()
        page.get_by_test_id("menu").click()

    assert told() == ["narrow"]
    choose("sound")
    assert told() == ["muted", "narrow"]
    choose("reader")
    assert told() == ["muted", "screen_reader", "narrow"]
    page.reload()
    expect(page.get_by_test_id("message")).to_have_count(6)
    assert told() == ["muted", "screen_reader", "narrow"]
    choose("sound")
    choose("reader")
    assert told() == ["narrow"]
