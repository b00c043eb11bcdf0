"""A real small language model, behind a real server that speaks the API and in this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.answering import answer
from app.chat_completions import ChatCompletions
from app.conversation import Conversation
from app.house import House
from app.local_model import LocalModel
from app.store.ledger import deeds
from dialogue.engines import Passage, UnwrittenError, Writer
from dialogue.response.planner import Planner
from dialogue.types import Language, Posterior
from tests.app.small_model import as_folder, serving, smollm2
from tests.fakes import cheap_house

pytestmark = [pytest.mark.slow, pytest.mark.services, pytest.mark.timeout(900)]

SUM = (("system", "You answer briefly."), ("user", "What is 2+2?"))
TOKENS = 12


class Fees:
    """Knows one article."""

    def search(
        self, query: str, language: Language, topics: Posterior = (), n: int = 3, within: str = ""
    ) -> tuple[Passage, ...]:
        text = "Delivery is free from 49 yuan. Below that it costs 6 yuan. After 9 pm add 3 yuan."
        return (Passage("fees", "Delivery fees", text, 9.0, assurance=9.0),)


@pytest.fixture(scope="module")
def gguf() -> Path:
    return smollm2()


@pytest.fixture(scope="module")
def local(gguf: Path) -> LocalModel:
    return LocalModel(gguf, TOKENS)


@pytest.fixture(scope="module")
def remote(gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatCompletions]:
    place = tmp_path_factory.mktemp("served")
    folder = as_folder(gguf, place / "model")
    with serving(folder, place / "serve.log") as url:
        made = ChatCompletions(url, str(folder), timeout=120, tokens=TOKENS)
        yield made
        made.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = cheap_house(tmp_path_factory.mktemp("house"))
    engines = replace(opened.engines, responder=Planner(opened.engines.domain, Fees()))
    yield replace(opened, engines=engines, conversation=Conversation(engines, opened.store))
    opened.database.close()


@pytest.fixture(params=["local", "remote"])
def writer(request: pytest.FixtureRequest) -> Writer:
    """Either way to a model."""
    made: Writer = request.getfixturevalue(request.param)
    return made


def with_model(house: House, writer: Writer, patience: float) -> House:
    engines = replace(house.engines, writer=writer, patience=patience, proposals=True)
    return replace(house, engines=engines, conversation=Conversation(engines, house.store))


def test_both_ways_to_one_model_write_the_same(local: LocalModel, remote: ChatCompletions) -> None:
    here = list(local.write(SUM, lambda: False))
    there = list(remote.write(SUM, lambda: False))
    assert "4" in "".join(here)
    assert "".join(here).strip() == "".join(there).strip()
    assert len(here) > 3
    assert len(there) > 3


def test_nobody_listens_to_what_is_unwanted(writer: Writer) -> None:
    heard: list[str] = []
    for piece in writer.write(SUM, lambda: len(heard) >= 2):
        heard.append(piece)  # noqa: PERF402
    assert len(heard) == 2
    assert list(writer.write(SUM, lambda: True)) == []


def test_a_model_that_runs_here_gives_one_answer_at_a_time(local: LocalModel) -> None:
    first = local.write(SUM, lambda: False)
    next(first)
    with pytest.raises(UnwrittenError, match="busy"):
        next(local.write(SUM, lambda: False))
    first.close()  # type: ignore[attr-defined]
    assert next(local.write(SUM, lambda: False))


def test_the_line_answers_as_well_with_it_whatever_it_writes(house: House, writer: Writer) -> None:
    question = "how much is delivery"
    plain = answer(house, "en", question)
    turned = answer(with_model(house, writer, 120), "en", question)
    assert turned.parts[0].text.strip() == plain.parts[0].text.strip()
    assert len(turned.parts) > 1
    said = turned.record["form_reason"].rpartition("; language model ")[2].partition(":")[0]
    assert said in ("written", "refused", "nothing")


def test_the_line_asks_it_what_was_meant_and_nothing_is_done(house: House, writer: Writer) -> None:
    turned = answer(with_model(house, writer, 120), "en", "um hmm the uh whatchamacallit qwerty")
    assert turned.parts[0].text == "Let me see. "
    assert len(turned.parts) > 1
    assert "; language model " in turned.record["form_reason"]
    assert "late" not in turned.record["form_reason"]
    assert deeds(house.database, turned.conversation_id) == ()
