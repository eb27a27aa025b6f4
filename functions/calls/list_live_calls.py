"""GET /calls/live: the calls that go on right now."""

from pydantic import Field

from santral.api import Answer, Request, http_action
from santral.input import Input
from santral.telephony.live_calls import LiveCallList, list_live_calls, list_own_calls


class LiveCallsRequest(Input):
    """Those of one extension or all, of one provider or all; `me` stands for the acting user's own extensions."""

    provider: str | None = None
    extension: str | None = Field(default=None, pattern=r"^(me|[0-9]{2,6})$")


@http_action(LiveCallsRequest, answers={200: LiveCallList})
def handler(request: Request[LiveCallsRequest]) -> Answer:
    asked = request.input
    if asked.extension == "me":
        return Answer(200, list_own_calls(request.tenant, provider=asked.provider, user=request.user))
    return Answer(200, list_live_calls(request.tenant, provider=asked.provider, extension=asked.extension))
