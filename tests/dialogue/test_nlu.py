"""Intent and slots from words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

import dialogue.nlu.kernel as kernel_module
from dialogue.domain import Domain, PackError
from dialogue.nlu.also import pieces
from dialogue.nlu.calibration import calibrated, settled
from dialogue.nlu.classifier import IntentClassifier, fingerprint, train_or_load
from dialogue.nlu.evaluate import evaluate
from dialogue.nlu.examples import Example, read_examples, read_unseen
from dialogue.nlu.features import Featurizer
from dialogue.nlu.head import read_fingerprint, read_head
from dialogue.nlu.kernel import RIDGE, compared, train_kernel
from dialogue.nlu.keywords import KeywordClassifier
from dialogue.nlu.parser import DialogueParser
from dialogue.nlu.slots import SlotReader
from dialogue.types import Posterior, State
from tests.dialogue.conftest import FRESH

SAID = {
    "track_order": "我的订单到哪了|骑手到哪了|包裹在哪里"
    "|where is my order|where's the driver|track my parcel",
    "shipping_fee": "运费多少|配送费怎么收|要付运费吗"
    "|how much is shipping|what does delivery cost|delivery fee",
    "greet": "你好|您好呀|在吗|hello|hi there|good morning",
    "out_of_scope": "今天天气如何|讲个笑话|股票怎么样"
    "|what's the weather|tell me a joke|who won the match",
}
EXAMPLES = tuple(Example(t, i) for i, line in SAID.items() for t in line.split("|"))


class LetterEmbedder:
    """Sentences as unit vectors of hashed letters."""

    def __init__(self, shift: int = 0) -> None:
        self._shift = shift

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, 32) unit-length rows."""
        out = np.full((len(texts), 32), 0.01, np.float32)
        for row, text in zip(out, texts, strict=True):
            for letter in text:
                row[(ord(letter) + self._shift) % 32] += 1
        return out / np.linalg.norm(out, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def classifier() -> IntentClassifier:
    """A classifier of four intents."""
    return IntentClassifier.train(EXAMPLES, LetterEmbedder())


@pytest.mark.parametrize(
    ("text", "expects", "name", "value"),
    [
        ("FD2024051到哪了", None, "order_id", "FD2024051"),
        ("fd 202 4051", None, "order_id", "FD2024051"),
        ("订单号FD二零二四零五幺", None, "order_id", "FD2024051"),
        ("f d two oh two four zero five one", None, "order_id", "FD2024051"),
        ("it's F D 2, 0, 2, 4, 0, 5, 1", None, "order_id", "FD2024051"),
        ("FD double two oh four one five nine", None, "order_id", "FD2204159"),
        ("尾号5678", None, "phone_tail", "5678"),
        ("幺二三四", "phone_tail", "phone_tail", "1234"),
        ("double four five oh", "phone_tail", "phone_tail", "4450"),
        ("13812345678", "phone_tail", "phone_tail", "5678"),
        ("13812345678", None, "phone", "13812345678"),
        ("FD2024053 8888", None, "order_id", "FD2024053"),
        ("FD2024053，8888", "order_id", "phone_tail", "8888"),
        ("2024053 8888", "order_id", "phone_tail", "8888"),
        ("FD2024055 取消 2468", None, "phone_tail", "2468"),
        ("手机号是10000005678", "phone_tail", "phone_tail", "5678"),
        ("改到上海市徐汇区漕溪北路18号吧", None, "address", "上海市徐汇区漕溪北路18号吧"),
        (
            "send it to 12 Nanjing West Road, Shanghai please",
            None,
            "address",
            "12 Nanjing West Road, Shanghai",
        ),
        ("one milk is missing", None, "quantity", "1"),
        ("不是两盒，就一盒坏了", None, "quantity", "1"),
        ("我要两盒", None, "quantity", "2"),
        ("退12.5元", None, "amount", "12.5"),
        ("发到 a.b@c.com 吧", None, "email", "a.b@c.com"),
        ("FRESH20", "coupon_code", "coupon_code", "FRESH20"),
        ("code fresh20 please", "coupon_code", "coupon_code", "FRESH20"),
        ("香蕉坏了", None, "product", "6"),
        ("the bannanas were bad", None, "product", "6"),
        ("改到朝阳区建国路88号502", "address", "address", "朝阳区建国路88号502"),
        ("抬头写北京科技有限公司", "name", "name", "北京科技有限公司"),
        ("明天送", None, "date", "明天"),
        ("this afternoon", None, "time_window", "this afternoon"),
    ],
)
def test_values_are_read(
    fresh: Domain, text: str, expects: str | None, name: str, value: str
) -> None:
    slots = {s.name: s for s in SlotReader(fresh).read(text, State(expects=expects))}
    assert slots[name].value == value
    assert slots[name].text == text[slots[name].start : slots[name].end]


@pytest.mark.parametrize(
    ("text", "expects"),
    [("再帮我看看什么时候到", "address"), ("can I still cancel it", "address"), ("公司", "name")],
)
def test_what_is_no_answer_fills_no_slot(fresh: Domain, text: str, expects: str) -> None:
    found = SlotReader(fresh).read(text, State(expects=expects))
    assert expects not in {slot.name for slot in found}


@pytest.mark.parametrize("text", ["one moment", "十分感谢", "I ordered in 2024", "FD12345"])
def test_no_order_number_is_seen_where_there_is_none(fresh: Domain, text: str) -> None:
    assert "order_id" not in {s.name for s in SlotReader(fresh).read(text, State())}


def test_the_longest_product_name_wins(fresh: Domain) -> None:
    (slot,) = SlotReader(fresh).read("有没有青苹果", State())
    assert slot.value == "1"


def test_the_classifier_tells_its_intents_apart(classifier: IntentClassifier) -> None:
    texts = ["订单到哪了", "how much is delivery"]
    named = [ranked[0][0] for ranked in classifier.posteriors(texts)]
    assert named == ["track_order", "shipping_fee"]
    assert all(abs(sum(p for _, p in r) - 1) < 1e-3 for r in classifier.posteriors(texts))


def test_a_saved_classifier_answers_the_same(classifier: IntentClassifier, tmp_path: Path) -> None:
    classifier.save(tmp_path / "head.npz")
    again = IntentClassifier.load(tmp_path / "head.npz", LetterEmbedder())
    assert np.allclose(classifier.probabilities(["运费"]), again.probabilities(["运费"]), atol=0.01)


def test_a_classifier_is_trained_anew_only_when_something_changed(tmp_path: Path) -> None:
    path = tmp_path / "head.npz"
    train_or_load(path, EXAMPLES, LetterEmbedder())
    written = path.stat().st_mtime_ns
    train_or_load(path, EXAMPLES, LetterEmbedder())
    assert path.stat().st_mtime_ns == written
    found = IntentClassifier.load(path, LetterEmbedder())
    assert found.fits(fingerprint(EXAMPLES), LetterEmbedder())
    assert not found.fits(fingerprint(EXAMPLES[1:]), LetterEmbedder())
    assert not found.fits(fingerprint(EXAMPLES, EXAMPLES[:1]), LetterEmbedder())
    assert not found.fits(fingerprint(EXAMPLES), LetterEmbedder(3))


def test_a_head_of_another_version_is_trained_anew(tmp_path: Path) -> None:
    path = tmp_path / "head.npz"
    about = np.array('{"intents": ["greet"], "fingerprint": "older", "temperature": 1.0}')
    np.savez_compressed(path, about=about, weights=np.zeros(3))
    found = train_or_load(path, EXAMPLES, LetterEmbedder())
    assert found.posteriors(["你好"])[0][0][0] == "greet"
    assert read_fingerprint(path) == fingerprint(EXAMPLES)


def test_a_shipped_head_is_used_as_it_is(classifier: IntentClassifier, tmp_path: Path) -> None:
    classifier.save(tmp_path / "shipped.npz")
    train_or_load(tmp_path / "head.npz", EXAMPLES, LetterEmbedder(), tmp_path / "shipped.npz")
    assert not (tmp_path / "head.npz").exists()


def test_two_intents_are_enough() -> None:
    two = [example for example in EXAMPLES if example.intent in {"greet", "shipping_fee"}]
    ranked = IntentClassifier.train(two, LetterEmbedder()).posteriors(["hello there", "运费多少"])
    assert [r[0][0] for r in ranked] == ["greet", "shipping_fee"]


def test_punctuation_case_and_digits_do_not_change_the_spelling() -> None:
    table = Featurizer(LetterEmbedder()).spelling(["Where IS 12, it?!", "where is 34 it"])
    assert (table[0] != table[1]).nnz == 0


def shown() -> tuple[NDArray[np.float32], csr_matrix, NDArray[np.int64]]:
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 3
    meaning = rng.normal(size=(40, 8)).astype(np.float32)
    meaning[np.arange(40), labels] += 2
    spelled = csr_matrix((rng.random((40, 12)) < 0.2).astype(np.float32))
    return meaning, spelled, labels


def test_an_utterance_left_out_gets_what_training_without_it_gives_it() -> None:
    meaning, table, labels = shown()
    _, left_out = train_kernel(meaning, table, labels, 3)
    for row in (0, 17, 39):
        rest = np.arange(40) != row
        # The centre moves a little when one utterance is gone.
        again, _ = train_kernel(meaning[rest], table[rest], labels[rest], 3)
        assert np.allclose(again.logits(meaning[[row]], table[[row]]), left_out[row], atol=0.1)
        assert again.logits(meaning[[row]], table[[row]]).argmax() == left_out[row].argmax()


def test_the_shares_solve_the_ridge_regression() -> None:
    meaning, table, labels = shown()
    kernel, _ = train_kernel(meaning, table, labels, 3)
    # At the training rows K a + ridge a = y.
    shown_as = kernel.rows * kernel.scale + kernel.centre
    fitted = kernel.logits(shown_as, table) + RIDGE * kernel.shares
    assert np.allclose(fitted, np.eye(3)[labels], atol=1e-4)


def test_more_utterances_than_can_be_compared_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_module, "MOST", 20)
    assert len(set(compared(100))) == 20
    trained = IntentClassifier.train(EXAMPLES, LetterEmbedder())
    assert abs(trained.probabilities(["运费"]).sum() - 1) < 1e-3


def test_an_intent_said_once_is_learnt() -> None:
    once = (*EXAMPLES, Example("发票怎么开", "invoice_request"))
    ranked = IntentClassifier.train(once, LetterEmbedder()).posteriors(["发票怎么开"])
    assert ranked[0][0][0] == "invoice_request"


def test_one_intent_alone_is_refused() -> None:
    with pytest.raises(ValueError, match="two or more"):
        IntentClassifier.train(EXAMPLES[:3], LetterEmbedder())


def test_too_sure_logits_are_cooled() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 600)
    logits = rng.normal(size=(600, 3)).astype(np.float32)
    logits[np.arange(600), truth] += 1
    cool, hot = (calibrated(scale * logits, truth, None) for scale in (1, 10))
    assert hot.temperature == pytest.approx(10 * cool.temperature, rel=0.05)
    assert hot.threshold == pytest.approx(cool.threshold, abs=0.01)


def test_lines_understood_better_than_left_out_make_it_surer_and_cost_no_answer() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 600)
    logits = rng.normal(size=(600, 3)).astype(np.float32)
    logits[np.arange(600), truth] += 1
    left_out = calibrated(logits, truth, None)
    logits[np.arange(600), truth] += 1
    found = settled(left_out, logits, truth)
    before, after = (c.probabilities(logits).max(axis=1) for c in (left_out, found))
    right = (logits.argmax(axis=1) == truth).mean()
    assert abs(after.mean() - right) < abs(before.mean() - right) / 2
    assert (after < found.threshold).sum() == pytest.approx(
        (before < left_out.threshold).sum(), abs=2
    )


def test_a_pack_calibrates_on_its_dev_lines_once_they_are_enough() -> None:
    few = IntentClassifier.train(EXAMPLES, LetterEmbedder(), EXAMPLES)
    many = IntentClassifier.train(EXAMPLES, LetterEmbedder(), EXAMPLES * 5)
    text = ["订单到哪了"]
    assert many.probabilities(text).argmax() == few.probabilities(text).argmax()
    assert many.probabilities(text).max() > few.probabilities(text).max()


@pytest.mark.parametrize(
    "line", ['{"text": "hi"}', '{"text": "hi", "intent": "dance"}', "[]", "hi"]
)
def test_a_bad_dev_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "dev" / "en.jsonl"
    path.parent.mkdir()
    path.write_text(f'{{"text": "hello", "intent": "greet"}}\n{line}\n')
    with pytest.raises(PackError, match=r"dev/en\.jsonl, row 2"):
        read_unseen(tmp_path, ["en", "zh"], ["greet"])


def test_who_was_never_shown_out_of_scope_says_it_by_abstaining() -> None:
    lines = [Example("hello", "greet"), Example("rain?", "out_of_scope")]
    sure = (("greet", 0.9), ("thanks", 0.1))
    unsure = (("greet", 0.4), ("thanks", 0.3))
    scores = evaluate(lines, [sure, unsure], 0.5)
    assert scores.accuracy == 1.0
    assert scores.oos_recall == scores.oos_auroc == 1.0


def test_the_shipped_head_knows_the_shop(fresh: Domain) -> None:
    shipped = FRESH.parents[1] / "models" / "intents" / "fresh.npz"
    examples = read_examples(FRESH, fresh.languages, fresh.intents)
    assert shipped.stat().st_size < 8_000_000
    unseen = read_unseen(FRESH, fresh.languages, fresh.intents)
    assert read_fingerprint(shipped) == fingerprint(examples, unseen), "retrain the shipped head"
    assert set(read_head(shipped).intents) == set(fresh.intents)


def test_keywords_serve_without_weights() -> None:
    ranked = KeywordClassifier(EXAMPLES).posteriors(["运费怎么收", "where is the parcel"])
    assert [r[0][0] for r in ranked] == ["shipping_fee", "track_order"]


def test_a_turn_with_two_requests_has_both(fresh: Domain) -> None:
    parser = DialogueParser(fresh, KeywordClassifier(EXAMPLES))
    meaning = parser.parse("我的订单到哪了？另外运费多少", "zh", State())
    assert {meaning.intent, *(r.intent for r in meaning.also)} == {"track_order", "shipping_fee"}
    assert parser.parse("运费多少", "zh", State()).also == ()
    assert parser.parse("  ", "zh", State()).abstained


class Certain(KeywordClassifier):
    """Knows two intents by one word each."""

    def __init__(self) -> None:
        super().__init__(EXAMPLES)

    def posteriors(self, texts: Sequence[str]) -> list[Posterior]:
        """Always sure."""
        return [(("track_order" if "订单" in t else "shipping_fee", 0.9),) for t in texts]


def test_each_request_has_its_own_words_and_slots(fresh: Domain) -> None:
    meaning = DialogueParser(fresh, Certain()).parse(
        "FD2024051这个订单到哪了，另外西瓜要付运费吗", "zh", State()
    )
    assert {s.name: s.value for s in meaning.slots} == {"order_id": "FD2024051"}
    (second,) = meaning.also
    assert (second.intent, second.text) == ("shipping_fee", "西瓜要付运费吗")
    assert {s.name: s.value for s in second.slots} == {"product": "14"}


def test_a_pasted_receipt_is_understood_by_its_one_sentence(fresh: Domain) -> None:
    parser = DialogueParser(fresh, Wavering())
    text = "鲜达 订单号：FD2024053 金额113.70 收货人 郑** 我的订单到哪了"
    assert parser.parse(text, "zh", State()).intent == "track_order"


class Diluted(KeywordClassifier):
    """Sure of milk alone, unsure of it beside numbers."""

    def __init__(self) -> None:
        super().__init__(EXAMPLES)

    def posteriors(self, texts: Sequence[str]) -> list[Posterior]:
        """As sure as a text has no numbers."""
        return [(("missing_item", 0.3 if any(c.isdigit() for c in t) else 0.95),) for t in texts]


@pytest.mark.parametrize(
    "text",
    [
        "the milk is missing. it's FD2024286 and my phone ends in 0650",
        "order number FD2024286, phone ending 0650. the milk is missing",
        "订单号FD2024286，尾号0650，牛奶没有送来",
    ],
)
def test_numbers_in_clauses_of_their_own_do_not_dilute_what_is_asked(
    fresh: Domain, text: str
) -> None:
    meaning = DialogueParser(fresh, Diluted()).parse(text, "en", State())
    assert meaning.confidence == 0.95
    assert {"order_id", "phone_tail", "product"} <= {slot.name for slot in meaning.slots}


class Wavering(KeywordClassifier):
    """Sure of short texts only."""

    def __init__(self) -> None:
        super().__init__(EXAMPLES)

    def posteriors(self, texts: Sequence[str]) -> list[Posterior]:
        """Halved and unsure where a text is long."""
        found = super().posteriors(texts)
        return [
            tuple((n, p / 5) for n, p in r) if len(t) > 15 else r
            for t, r in zip(texts, found, strict=True)
        ]


def test_turns_are_cut_where_requests_are_joined() -> None:
    assert pieces("查下订单，顺便问下运费") == ("查下订单", "问下运费")
    assert pieces("where is it and also what does it cost") == ("where is it", "what does it cost")


def test_scores_are_complete(classifier: IntentClassifier) -> None:
    posteriors = classifier.posteriors([example.text for example in EXAMPLES])
    scores = evaluate(EXAMPLES, posteriors, classifier.threshold, EXAMPLES)
    assert scores.n == len(EXAMPLES)
    assert scores.accuracy > 0.9
    assert scores.oos_auroc is not None
    assert scores.baseline_accuracy is not None
    assert 0 <= scores.ece <= 1
