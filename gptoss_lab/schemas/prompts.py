"""What a model would be sent."""

from __future__ import annotations

from gptoss_lab.schemas.base import Effort, Wire
from gptoss_lab.schemas.chat import ChatMessage
from gptoss_lab.schemas.review import GeneratorName


class PromptPreview(Wire):
    """The messages that a request becomes, word for word. The model was not asked.

    Attributes:
        generator: Who answers such a request now; nothing is sent where it is `examples`.
        model: The model's name; empty where none is known.
        prompt_tokens: What the server counts or, without the model's vocabulary, about that.
        context_tokens: The model's window.
        templates: The version of the templates.
        notes: What does not fit, and what could not be read, in words.
    """

    generator: GeneratorName
    model: str = ""
    effort: Effort
    messages: tuple[ChatMessage, ...] = ()
    prompt_tokens: int = 0
    context_tokens: int = 0
    templates: str = ""
    notes: tuple[str, ...] = ()
