"""Search for a person."""

from __future__ import annotations

from pathlib import Path

from gptoss_lab.schemas.config import DocumentConfig
from gptoss_lab.schemas.documents import DocSource
from gptoss_lab.services.corpora import CorpusService
from gptoss_lab.services.doc_search import search_documents

GUIDE = """# Rivers

Rivers carry water to the sea. {filler}

## Floods

A flood is measured with the gauge of the river, once per hour, and never from a boat.

```python
gauge = [1.0, 2.5]
print(max(gauge))
```
"""


async def test_words_are_found_in_a_real_index(tmp_path: Path) -> None:
    """With the place, the kind, and the few words that show why."""
    guide = tmp_path / "guide"
    guide.mkdir()
    (guide / "rivers.md").write_text(GUIDE.format(filler="Filler words stand here. " * 200))
    service = CorpusService(folder=tmp_path / "corpora", config=DocumentConfig())
    try:
        info = await service.ensure(DocSource(uri=str(guide)))
        found = await search_documents(service, [], "gauge of a flood", 5, root=tmp_path)
        assert {hit.kind for hit in found.hits} == {"narrative", "example"}
        best = next(hit for hit in found.hits if hit.kind == "narrative")
        assert (best.corpus, best.source, best.citation.source) == (info.id, "guide", "rivers.md")
        assert best.path == "guide/rivers.md"
        away = await search_documents(service, [], "gauge of a flood", 5, root=tmp_path / "corpora")
        assert {hit.path for hit in away.hits} == {""}
        assert "gauge of the river" in best.snippet
        assert len(best.snippet) <= 250
        assert (await search_documents(service, [info.id], "zebra", 5)).hits == ()
    finally:
        await service.close()
