"""GET /recordings/{permalink}: lead whoever holds the link to the recording."""

from pydantic import Field

from santral.api import Answer, Request, http_action
from santral.errors import Erased, NoRecording, UnknownCall, UnknownPermalink
from santral.input import Input
from santral.telephony.recordings import open_permalink


class PermalinkRequest(Input):
    permalink: str = Field(max_length=128)


@http_action(
    PermalinkRequest, answers={302: None}, refusals=(UnknownPermalink, UnknownCall, NoRecording, Erased), role="public"
)
def handler(request: Request[PermalinkRequest]) -> Answer:
    link = open_permalink(request.tenant, request.input.permalink)
    return Answer(302, headers={"location": link, "referrer-policy": "no-referrer"})
