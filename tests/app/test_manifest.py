"""Manifests as people write them: tables from a spreadsheet, lines from a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.manifest import ManifestError, read_manifest


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_bytes(content.encode())
    return path


def test_a_table_may_have_blanks_a_mark_of_order_and_windows_line_ends(tmp_path: Path) -> None:
    table = "\ufefftext, intent\r\nhi there , greet \r\n"
    assert read_manifest(written(tmp_path, "m.csv", table)) == [
        {"text": "hi there", "intent": "greet"}
    ]


def test_slots_in_a_table_are_an_object(tmp_path: Path) -> None:
    table = 'text,slots\nhi,"{""order_id"": ""FD2024051""}"\nho,\n'
    found = [row["slots"] for row in read_manifest(written(tmp_path, "m.csv", table))]
    assert found == [{"order_id": "FD2024051"}, {}]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("m.csv", "text,intent\nhi, there,greet\n", "row 1: more cells than columns"),
        ("m.csv", "text,slots\nhi,order\n", "row 1, slots"),
        ("m.json", "text,intent\nhi,greet\n", r"ends in \.csv"),
        ("m.jsonl", '{"audio": 7}\n', "row 1: audio is not the name of a file"),
    ],
)
def test_a_row_that_cannot_be_meant_is_named(
    tmp_path: Path, name: str, content: str, complaint: str
) -> None:
    with pytest.raises(ManifestError, match=complaint):
        read_manifest(written(tmp_path, name, content))


def test_a_line_separator_inside_a_text_ends_no_row(tmp_path: Path) -> None:
    rows = read_manifest(written(tmp_path, "m.jsonl", '{"text": "a\u2028b"}\n'))
    assert rows == [{"text": "a\u2028b"}]
