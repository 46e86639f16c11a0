"""R Markdown and Quarto."""

from __future__ import annotations

from gptoss_lab.documents.markdown import read_markdown

QMD = """---
title: "Shrink values"
format: html
---

Some words.

```{r}
#| label: fig-a
#| echo: false
library(shrinkage)
shrink(2) #| kept
```

```{r setup, include=FALSE}
x <- 1
```

```{.python .numberLines}
print(1)
```

```{python}
# a comment
print(2)
```
"""


def test_chunks_of_r_markdown_and_quarto() -> None:
    """The title of the head; each chunk with its language, without what it says to its engine."""
    found = read_markdown(QMD, fallback_title="x")
    assert found.title == "Shrink values"
    assert [(block.language, block.text) for block in found.blocks if block.kind == "code"] == [
        ("r", "library(shrinkage)\nshrink(2) #| kept"),
        ("r", "x <- 1"),
        ("python", "print(1)"),
        ("python", "# a comment\nprint(2)"),
    ]


def test_a_page_without_a_head_is_called_by_its_heading() -> None:
    """And one without either by its name."""
    assert read_markdown("# Rivers\n", fallback_title="x").title == "Rivers"
    assert read_markdown("---\nformat: html\n---\nWords", fallback_title="x").title == "x"
