"""A program of ours that serves gpt-oss with transformers, where vLLM does not run.

The Python of the engine's own environment starts `main.py` by its path. gptoss_lab is not installed
there: these files import the standard library, torch, transformers and openai_harmony, and nothing else
of ours. Only `loading`, `network` and `growing` know torch; the rest is tested without it.
"""
