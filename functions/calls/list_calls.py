"""GET /calls: calls of a period, from the ledger or the provider's own records, filtered, page by page."""

from datetime import timedelta
from typing import Literal

from pydantic import AwareDatetime, Field

from santral.api import Answer, Request, http_action
from santral.errors import InvalidCursor
from santral.input import Input
from santral.telephony.history import CallFilters, CallPage, list_calls
from santral.telephony.provider_history import list_provider_calls


class CallsRequest(CallFilters, Input):
    """Which calls; the last seven days up to now when no period is given."""

    source: Literal["ledger", "provider"] = "ledger"
    from_: AwareDatetime | None = Field(default=None, alias="from")
    to: AwareDatetime | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=1024)


@http_action(CallsRequest, answers={200: CallPage}, refusals=(InvalidCursor,))
def handler(request: Request[CallsRequest]) -> Answer:
    asked = request.input
    until = asked.to or request.tenant.clock()
    since = asked.from_ or until - timedelta(days=7)
    read = list_calls if asked.source == "ledger" else list_provider_calls
    page = read(request.tenant, asked, since=since, until=until, limit=asked.limit, cursor=asked.cursor)
    return Answer(200, page)
