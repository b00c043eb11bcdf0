"""Manifests of samples: which column is the label, and what cannot be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.manifest import ManifestError
from app.samples import labelled, photo, recording


def written(folder: Path, content: str, name: str = "m.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_the_label_is_the_first_known_column_or_the_one_named(tmp_path: Path) -> None:
    manifest = written(tmp_path, "sentiment,text,emotion\nnegative,hm,sad\n")
    assert labelled(manifest, "")[1] == ["sad"]
    assert labelled(manifest, "sentiment")[1] == ["negative"]


def test_a_manifest_without_a_label_says_which_columns_could_hold_one(tmp_path: Path) -> None:
    manifest = written(tmp_path, "text,mood\nhm,sad\n")
    with pytest.raises(ManifestError, match="label, intent, emotion, sentiment, fine_class"):
        labelled(manifest, "")
    with pytest.raises(ManifestError, match="no column 'feeling'"):
        labelled(manifest, "feeling")


def test_a_row_without_its_label_is_named(tmp_path: Path) -> None:
    manifest = written(tmp_path, '{"label": 1}\n{"label": ""}\n', "m.jsonl")
    with pytest.raises(ManifestError, match="row 2: has no 'label'"):
        labelled(manifest, "")


def test_an_empty_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="has no rows"):
        labelled(written(tmp_path, "", "m.jsonl"), "")


def test_files_that_are_not_what_they_should_be_are_named(tmp_path: Path) -> None:
    fake = written(tmp_path, "not sound, not a picture", "x.bin")
    for read, column in ((recording, "audio"), (photo, "image")):
        with pytest.raises(ManifestError, match=r"x\.bin"):
            read({column: str(fake)})
        with pytest.raises(ManifestError, match=r"absent\.wav"):
            read({column: str(tmp_path / "absent.wav")})


def test_a_photo_is_read_with_its_colours(tmp_path: Path) -> None:
    Image.new("RGB", (6, 4), (255, 0, 0)).save(tmp_path / "red.png")
    picture = photo({"image": str(tmp_path / "red.png")})
    assert (picture.width, picture.height) == (6, 4)
    assert np.array_equal(picture.pixels[0, 0], [255, 0, 0])
