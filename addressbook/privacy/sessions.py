"""Sessions of the page: a cookie in place of a key, so that no script can read what opens the service.

A session is its key's, narrower in nothing, and ends with it. Whoever asks for a change with the cookie alone could be
any page that the browser shows: a change needs the token that only our own page was told as well.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from datetime import datetime
from hashlib import sha256

from addressbook.errors import RoleForbidden
from addressbook.privacy.keys import KEY_PREFIX, holder_of
from addressbook.privacy.policy import Reader
from addressbook.store.access import ask_begin_session, ask_end_session, ask_key_by_session
from addressbook.store.asking import Asking

LONGEST_S = 12 * 3600
FORM = re.compile(r"[A-Za-z0-9_-]{43}")


async def begin_session(asking: Asking, reader: Reader, sent: str, by_session: str) -> tuple[str, datetime]:
    """A new session of this reader, and when it ends; the database keeps hashes only, of the key too that began it.

    The reader came with the key or token `sent`, or, where that is empty, with a session.
    """
    session = secrets.token_urlsafe(32)
    key_hash = _hash(sent) if sent.startswith(KEY_PREFIX) else None
    return session, await ask_begin_session(
        asking, _hash(session), reader.key_id, LONGEST_S, key_hash=key_hash,
        by_session=None if sent else _hash(by_session),
    )  # fmt: skip


async def ask_session(asking: Asking, session: str) -> Reader:
    """Who holds the session. Raises KeyRefused when there is none, or its key is in force no more."""
    return holder_of(await ask_key_by_session(asking, _hash(session)) if FORM.fullmatch(session) else None)


async def end_session(asking: Asking, session: str) -> None:
    """End a session at once; none is no fault."""
    await ask_end_session(asking, _hash(session))


def change_token(session: str) -> str:
    """What a change has to bring besides the cookie. It follows from the session and tells nothing of it."""
    made = hmac.digest(session.encode(), b"addressbook: changes from the page", "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def need_change_token(session: str, given: str) -> None:
    """Raises RoleForbidden where it is another, or none."""
    if not hmac.compare_digest(change_token(session).encode(), given.encode("utf-8", "replace")):
        raise RoleForbidden(
            "a change asked with a session needs its token.", zh="通过网页会话修改数据须附带校验令牌。",
            remedy="Send what GET /session tells as `csrf` in the header X-CSRF-Token.",
        )  # fmt: skip


def _hash(session: str) -> bytes:
    return sha256(session.encode("utf-8", "replace")).digest()
