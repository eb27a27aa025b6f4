"""GET /calls/live: the calls that go on right now."""

from pydantic import Field

from santral.api import Answer, Request, http_action
from santral.input import Input
from santral.phone import EXTENSION_PATTERN
from santral.telephony.live_calls import LiveCallList, list_live_calls


class LiveCallsRequest(Input):
    """Those of one extension or all, of one provider or all."""

    provider: str | None = None
    extension: str | None = Field(default=None, pattern=EXTENSION_PATTERN)


@http_action(LiveCallsRequest, answers={200: LiveCallList})
def handler(request: Request[LiveCallsRequest]) -> Answer:
    asked = request.input
    return Answer(200, list_live_calls(request.tenant, provider=asked.provider, extension=asked.extension))
