"""GET /campaign-results: what became of the contacts of campaigns."""

from santral.api import Answer, Request, http_action
from santral.telephony.campaigns import ResultList, ResultsRequest, list_results


@http_action(ResultsRequest, answers={200: ResultList}, role="admin")
def handler(request: Request[ResultsRequest]) -> Answer:
    return Answer(200, list_results(request.tenant, request.input))
