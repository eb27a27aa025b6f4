"""GET /calls/{call_id}/recording: a link that plays now, or 202 while the recording is being fetched."""

from santral.api import Answer, Request, http_action
from santral.calls import CallId
from santral.errors import Erased, NoRecording, UnknownCall
from santral.input import Input
from santral.telephony.recordings import Fetching, Playable, play


class RecordingRequest(Input):
    call_id: CallId


@http_action(RecordingRequest, answers={200: Playable, 202: Fetching}, refusals=(UnknownCall, NoRecording, Erased))
def handler(request: Request[RecordingRequest]) -> Answer:
    playable = play(request.tenant, request.input.call_id, base_url=request.base_url)
    if playable is None:
        return Answer(202, Fetching(), {"retry-after": "10"})
    return Answer(200, playable)
