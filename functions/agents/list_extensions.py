"""GET /extensions: all extensions, and who can be reached."""

from santral.api import Answer, Request, http_action
from santral.telephony.agents import Extensions, ProviderRequest, list_extensions


@http_action(ProviderRequest, answers={200: Extensions})
def handler(request: Request[ProviderRequest]) -> Answer:
    return Answer(200, list_extensions(request.tenant, request.input))
