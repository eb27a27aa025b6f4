"""How both sides of VirtualATS prove who speaks: `vats-authentication: publicKey:token:sign`.

Document, "Avtorizasiya": the token is the Unix time in milliseconds; sign is `HmacUtils.hmacSha1Hex(secretKey, body)`,
where body is the token followed by what is sent, so 40 hexadecimal digits in lower case.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime

from santral.providers import constant_time

HEADER = "vats-authentication"
_WINDOW_MILLISECONDS = 5 * 60 * 1000
_TOKEN = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class KeyPair:
    """A company's keys at VirtualATS."""

    public_key: str
    secret_key: str = field(repr=False)

    def authentication(self, signed: bytes, now: datetime) -> str:
        """Return the header's value for a message of which `signed` is the signed part."""
        token = str(_milliseconds(now))
        return f"{self.public_key}:{token}:{self._sign(token, signed)}"

    def verify(self, authentication: str, signed: bytes, now: datetime) -> bool:
        """Tell whether a header's value was made for these bytes, with our keys, within the last or next minutes."""
        # From the right: nothing says that a public key holds no colon.
        public_key, *rest = authentication.strip().rsplit(":", 2)
        if len(rest) != 2 or not _TOKEN.fullmatch(rest[0]):  # noqa: PLR2004 (token and sign)
            return False
        token, sign = rest
        return (
            constant_time.equal(public_key, self.public_key)
            and constant_time.equal(sign, self._sign(token, signed))
            and abs(_milliseconds(now) - int(token)) <= _WINDOW_MILLISECONDS
        )

    def _sign(self, token: str, signed: bytes) -> str:
        return hmac.new(self.secret_key.encode(), token.encode() + signed, hashlib.sha1).hexdigest()


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
