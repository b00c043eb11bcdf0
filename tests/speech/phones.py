"""A reader whose states say outright which phone is meant, for tests of what follows it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from speech.joint.chinese import Chinese
from speech.joint.phones import PhoneReader
from speech.tts.hibari import HibariSynthesizer

SAYINGS = (
    "我要退款推发货火什么时候转人工番茄牛奶扭放冰箱兵订单查询选二零四五幺今天气真好啊回复恢一下"
)
ENGLISH = "where is my order i want a refund for the red peppers papers cancel do you have lemons"


class SureReader(PhoneReader):
    """Reads states (frames, 2): the number of a phone, and of one it may have been instead."""

    def __init__(self, phones: Sequence[str], doubt: float = 0.3) -> None:
        super().__init__(phones, {"down.weight": np.zeros((1, 2), np.float32)})
        self._doubt = doubt

    def __call__(self, states: NDArray[np.float32]) -> NDArray[np.float32]:
        frames = np.full((len(states), len(self.phones) + 1), 1e-4)
        for row, (first, second) in zip(frames, states.astype(int), strict=True):
            row[second] = self._doubt
            row[first] = 1 - self._doubt if second != first else 0.999
        return np.log(frames / frames.sum(axis=1, keepdims=True)).astype(np.float32)

    def states(self, heard: Sequence[str], instead: Sequence[str] = ()) -> NDArray[np.float32]:
        """States of phones with silence between them; `instead` are as many second choices."""
        first = [n for phone in heard for n in (*self.numbers([phone]), 0)]
        second = [n for phone in instead or heard for n in (*self.numbers([phone]), 0)]
        return np.array([(0, 0), *zip(first, second, strict=True)], np.float32)


def chinese() -> Chinese:
    return Chinese(HibariSynthesizer().phonemes)
