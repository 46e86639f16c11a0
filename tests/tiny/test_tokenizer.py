"""The tokenizer that is written out of oss-harmony reads as Harmony itself does."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from openai_harmony import HarmonyEncodingName, load_harmony_encoding

from tests.tiny.tokenizer import write_tokenizer
from tools.engine import engine_python

TEXTS = (
    "def add(a, b):\n    return a + b\n",
    "Hello  world\n\n\n  x=1 # ünïcödé 中文 🙂",
    "import numpy as np\r\n\tprint('it''s')",
    "It's 1234567 o'CLOCK, isn't it? camelCaseWord",
    "<|channel|>analysis<|message|>We need 12345 things.<|end|><|return|>",
)
SCRIPT = """
import json, sys
from tokenizers import Tokenizer
tokenizer = Tokenizer.from_file(sys.argv[1])
print(json.dumps([tokenizer.encode(text, add_special_tokens=False).ids for text in json.load(sys.stdin)]))
"""


@pytest.mark.vllm
def test_it_reads_as_harmony_does(tmp_path: Path) -> None:
    """Words, numbers, code, other scripts and control tokens become the same tokens."""
    write_tokenizer(tmp_path)
    command = [str(engine_python()), "-c", SCRIPT, str(tmp_path / "tokenizer.json")]
    done = subprocess.run(command, input=json.dumps(TEXTS), capture_output=True, text=True, check=True)
    encoding = load_harmony_encoding(HarmonyEncodingName.HARMONY_GPT_OSS)
    assert json.loads(done.stdout) == [encoding.encode(text, allowed_special="all") for text in TEXTS]
