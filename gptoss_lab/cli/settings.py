"""The configuration that the Jupyter Server would use, as the command line sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gptoss_lab.configuration import SECTION, read_sections
from gptoss_lab.schemas.config import (
    DocumentConfig,
    ExecutionConfig,
    FeedbackConfig,
    ModelConfig,
    MonitorConfig,
    PaperConfig,
    PromptConfig,
    SandboxConfig,
)
from gptoss_lab.schemas.sections import parse_section

Overrides = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Settings:
    """One model per section of the configuration."""

    model: ModelConfig
    sandbox: SandboxConfig
    execution: ExecutionConfig
    documents: DocumentConfig
    feedback: FeedbackConfig
    prompts: PromptConfig
    papers: PaperConfig
    monitor: MonitorConfig


def load_settings(overrides: Overrides | None = None) -> Settings:
    """Read Jupyter's configuration files; what is in `overrides` goes before them.

    Raises:
        RequestError: A file cannot be read, or a key or value in it is wrong.
    """
    found = read_sections()

    def section(key: str) -> dict[str, Any]:
        return {**found.get(key, {}), **(overrides or {}).get(key, {})}

    return Settings(
        model=parse_section(ModelConfig, f"c.{SECTION}.model", section("model")),
        sandbox=parse_section(SandboxConfig, f"c.{SECTION}.sandbox", section("sandbox")),
        execution=parse_section(ExecutionConfig, f"c.{SECTION}.execution", section("execution")),
        documents=parse_section(DocumentConfig, f"c.{SECTION}.documents", section("documents")),
        feedback=parse_section(FeedbackConfig, f"c.{SECTION}.feedback", section("feedback")),
        prompts=parse_section(PromptConfig, f"c.{SECTION}.prompts", section("prompts")),
        papers=parse_section(PaperConfig, f"c.{SECTION}.papers", section("papers")),
        monitor=parse_section(MonitorConfig, f"c.{SECTION}.monitor", section("monitor")),
    )
