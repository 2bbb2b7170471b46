"""Who may use the embedded broker: those who know the user and password of its address.

amqtt imports this file by its name; nobody else does.
"""

import hmac
from dataclasses import dataclass

from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import Session


class SignIn(BaseAuthPlugin):  # type: ignore[misc]  # amqtt has no types
    """Lets those in who signed in rightly; without a user everybody."""

    @dataclass
    class Config:
        """What the address says."""

        user: str = ""
        password: str = ""

    config: Config

    async def authenticate(self, *, session: Session) -> bool:
        """Return whether a session signed in rightly."""
        if not self.config.user:
            return True
        sent = f"{session.username or ''}\0{session.password or ''}"
        wanted = f"{self.config.user}\0{self.config.password}"
        return hmac.compare_digest(sent.encode(), wanted.encode())
