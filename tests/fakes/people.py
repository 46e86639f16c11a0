"""A Jupyter server that knows persons, and an authorizer that denies some of them something."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth import Authorizer, IdentityProvider, User

PERSON = "X-Person"


class Named(IdentityProvider):
    """Knows persons by a header, as a hub knows them by its cookie."""

    async def get_user(self, handler: Any) -> User | None:
        """Return who the header names."""
        name = handler.request.headers.get(PERSON, "")
        return User(name) if name else None


class Denying(Authorizer):
    """Denies what is in `denied`, and notes in `asked` what it was asked: the action and the resource."""

    denied: frozenset[str] = frozenset()
    asked: tuple[tuple[str, str], ...] = ()

    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        """Say whether the resource is none of those."""
        del handler, user
        self.asked = (*self.asked, (action, resource))
        return resource not in self.denied
