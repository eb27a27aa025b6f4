"""publicKey:token:sign, as VirtualATS describes it; written apart from the product, so that each checks the other."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

HEADER = "vats-authentication"


def sign(secret_key: str, token: str, body: bytes) -> str:
    return hmac.new(secret_key.encode(), token.encode() + body, hashlib.sha1).hexdigest()


@dataclass(frozen=True)
class KeyPair:
    public_key: str
    secret_key: str
    window: timedelta = timedelta(minutes=5)

    def authentication(self, body: bytes, now: datetime) -> str:
        token = str(_milliseconds(now))
        return f"{self.public_key}:{token}:{sign(self.secret_key, token, body)}"

    def accepts(self, authentication: str, body: bytes, now: datetime) -> bool:
        # Split from the right: nothing says a public key holds no colon.
        public_key, *rest = authentication.rsplit(":", 2)
        if len(rest) != 2 or public_key != self.public_key or not re.fullmatch(r"[0-9]{1,15}", rest[0]):
            return False
        token, signature = rest
        age = abs(_milliseconds(now) - int(token))
        expected = sign(self.secret_key, token, body)
        return age <= self.window.total_seconds() * 1000 and hmac.compare_digest(
            signature.encode("utf-8", "surrogateescape"), expected.encode()
        )


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
