"""A language model run in this process by transformers, from a GGUF file or a folder."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.tools import called, described
from dialogue.engines import Tool, ToolCall, UnwrittenError

CONTEXT = 4096
"""Tokens of a prompt at most."""
_BROKEN = "\ufffd"
"""At the end of decoded text: half a character."""
_OFFER = (
    "\n\nTools, each as JSON:\n{tools}\n"
    'To call one, answer only: <tool_call>{{"name": …, "arguments": {{…}}}}</tool_call>'
)

Messages = Sequence[tuple[str, str]]


class LocalModel:
    """Writes with the likeliest token each time (the seam `Writer`); one answer at a time."""

    def __init__(self, path: Path, tokens: int = 160, threads: int = 2) -> None:
        """Raises ImportError naming the extra, OSError where there is no model at `path`."""
        single = path.suffix == ".gguf"
        if single and not all(map(find_spec, ("gguf", "accelerate"))):
            raise ImportError("A GGUF file needs: pip install -e '.[local-model]'")
        import torch

        torch.set_num_threads(threads)
        place = path.parent if single else path
        given: dict[str, Any] = {"gguf_file": path.name} if single else {}
        given["local_files_only"] = True
        self._tokenizer, self._model = _loaded(place, given)
        self._ends = _ends(self._tokenizer, self._model)
        self._tokens, self._busy = tokens, threading.Lock()

    def write(self, prompt: Messages, unwanted: Callable[[], bool]) -> Iterator[str]:
        """The answer as it is written. Raises UnwrittenError, also while another is written."""
        yield from self._written(self._asked(prompt, None), unwanted)

    def choose(
        self, prompt: Messages, tools: Sequence[Tool], unwanted: Callable[[], bool]
    ) -> ToolCall | None:
        """The tool that the whole answer calls. Raises UnwrittenError."""
        text = "".join(self._written(self._asked(prompt, tools), unwanted))
        return None if unwanted() else called(text)

    def _asked(self, prompt: Messages, tools: Sequence[Tool] | None) -> Any:
        """(1, n) token ids of the prompt; tools go into the first message where no template is."""
        messages = [{"role": role, "content": content} for role, content in prompt]
        offered = [described(tool) for tool in tools or ()]
        native = "tools" in (self._tokenizer.chat_template or "")
        if offered and not native:
            told = "\n".join(json.dumps(each, ensure_ascii=False) for each in offered)
            messages[0]["content"] += _OFFER.format(tools=told)
        ids = self._tokenizer.apply_chat_template(
            messages,
            tools=offered if offered and native else None,
            add_generation_prompt=True,
            return_tensors="pt",
            return_dict=True,
        )["input_ids"]
        if ids.shape[1] > CONTEXT:
            raise UnwrittenError(f"a prompt of {ids.shape[1]} tokens")
        return ids

    def _written(self, ids: Any, unwanted: Callable[[], bool]) -> Iterator[str]:
        if not self._busy.acquire(blocking=False):
            raise UnwrittenError("busy")
        try:
            said: list[int] = []
            told = ""
            for token in self._tokens_of(ids, unwanted):
                said.append(token)
                text = self._tokenizer.decode(said, skip_special_tokens=True)
                if not text.endswith(_BROKEN):
                    yield text[len(told) :]
                    told = text
        finally:
            self._busy.release()

    def _tokens_of(self, ids: Any, unwanted: Callable[[], bool]) -> Iterator[int]:
        import torch

        kept = None
        for _ in range(self._tokens):
            if unwanted():
                return
            with torch.inference_mode():
                out = self._model(input_ids=ids, past_key_values=kept, use_cache=True)
            kept, token = out.past_key_values, int(out.logits[0, -1].argmax())
            if token in self._ends:
                return
            yield token
            ids = torch.tensor([[token]])


def _loaded(place: Path, given: dict[str, Any]) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model: Any = AutoModelForCausalLM
    return AutoTokenizer.from_pretrained(place, **given), model.from_pretrained(
        place, **given
    ).eval()


def _ends(tokenizer: Any, model: Any) -> set[int]:
    """The tokens that end an answer: models name none, one or several."""
    named = model.generation_config.eos_token_id
    several = named if isinstance(named, list) else [named]
    return {token for token in (tokenizer.eos_token_id, *several) if token is not None}
