"""Everything that can go wrong, as one tree. Each error knows its HTTP status and a sentence for the person.

SantralError
├── RequestRefused                 the one who asked can mend it
│   ├── MalformedRequest       400 malformed_request
│   ├── InvalidCursor          400 invalid_cursor
│   ├── NotAuthentic           401 not_authentic
│   ├── NotAllowed             403 not_allowed
│   ├── UnknownCall            404 unknown_call
│   ├── NoRecording            404 no_recording
│   ├── UnknownPermalink       404 unknown_permalink
│   ├── UnknownMessage         404 unknown_message
│   ├── UnknownCampaign        404 unknown_campaign
│   ├── InProgress             409 in_progress
│   ├── ExtensionOnOtherCall   409 extension_on_other_call
│   ├── Erased                 410 erased
│   ├── RequestTooLarge        413 request_too_large
│   ├── UnsupportedMediaType   415 unsupported_media_type
│   ├── InvalidRequest         422 invalid_request (names the fields)
│   ├── UnknownUser            422 unknown_user
│   ├── NotSupported           422 not_supported
│   ├── NotConfigured          422 not_configured
│   ├── IdempotencyMismatch    422 idempotency_mismatch
│   ├── DestinationNotAllowed  422 destination_not_allowed
│   ├── OutsideCallingHours    422 outside_calling_hours
│   └── QuotaExceeded          429 quota_exceeded
├── OutsideFailure                 another system did not do what we asked
│   ├── Unreachable            503 unreachable: the request never left
│   ├── Busy                   503 busy: it told us to slow down
│   ├── Unanswered             504 unanswered: a read got no answer in time
│   ├── OutcomeUnknown         504 outcome_unknown: it may have happened
│   ├── Rejected               422 rejected: it said no to what was asked
│   ├── CredentialsRefused     502 credentials_refused
│   └── Unintelligible         502 unintelligible: it failed, or we cannot read its answer
├── NotUnderstood                  authentic, but not in a form we know: quarantined, never shown to a person
└── Conflict                   503 conflict: others wrote the same row all the time
"""

from collections.abc import Sequence
from dataclasses import dataclass

from santral.sentences import Sentence, say


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field of a request."""

    field: str
    message: Sentence


class SantralError(Exception):
    """The root. `str(error)` is for the log and holds no secret; `sentence` is for the person."""

    status = 500
    code = "internal_error"
    sentence = say("Something went wrong on our side. Please try again; if it goes on, tell your administrator.")

    def __init__(self, reason: str = "", *, sentence: Sentence | None = None, retry_after: int | None = None) -> None:
        super().__init__(reason or self.code)
        if sentence is not None:
            self.sentence = sentence
        self.retry_after = retry_after


class RequestRefused(SantralError):
    status = 400
    code = "request_refused"


class MalformedRequest(RequestRefused):
    code = "malformed_request"
    sentence = say("The request cannot be read. Send one JSON object in UTF-8.")


class InvalidCursor(RequestRefused):
    code = "invalid_cursor"
    sentence = say("This cursor does not belong to this query. Start again without a cursor.")


class NotAuthentic(RequestRefused):
    status = 401
    code = "not_authentic"
    sentence = say("The sender could not be verified.")


class NotAllowed(RequestRefused):
    status = 403
    code = "not_allowed"
    sentence = say("This action needs an administrator.")


class UnknownCall(RequestRefused):
    status = 404
    code = "unknown_call"
    sentence = say("This call is not known. It may not have reached us yet, or it is older than the retention time.")


class NoRecording(RequestRefused):
    status = 404
    code = "no_recording"
    sentence = say("There is no recording of this call.")


class UnknownPermalink(RequestRefused):
    status = 404
    code = "unknown_permalink"
    sentence = say("This link does not lead to a recording.")


class UnknownMessage(RequestRefused):
    status = 404
    code = "unknown_message"
    sentence = say("This message is not known. It may be older than the time messages are kept.")


class UnknownCampaign(RequestRefused):
    status = 404
    code = "unknown_campaign"
    sentence = say("This campaign is not known here. It was not created through this system, or it is deleted.")


class ExtensionOnOtherCall(RequestRefused):
    status = 409
    code = "extension_on_other_call"
    sentence = say("The extension is on another call by now, so nothing was done.")


class InProgress(RequestRefused):
    status = 409
    code = "in_progress"
    sentence = say("The same request is still being carried out. Its result will be there in a moment.")


class Erased(RequestRefused):
    status = 410
    code = "erased"
    sentence = say("This recording has been erased.")


class RequestTooLarge(RequestRefused):
    status = 413
    code = "request_too_large"
    sentence = say("The request is too large.")


class UnsupportedMediaType(RequestRefused):
    status = 415
    code = "unsupported_media_type"
    sentence = say("Send the request as application/json.")


class InvalidRequest(RequestRefused):
    """The request was read, and one or more of its fields are wrong."""

    status = 422
    code = "invalid_request"
    sentence = say("Some of the fields are not right.")

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("invalid fields: " + ", ".join(error.field for error in errors))
        self.errors = tuple(errors)


class UnknownUser(RequestRefused):
    status = 422
    code = "unknown_user"
    sentence = say(
        "This CRM user is not in the user directory. Ask your administrator to add the user with an extension."
    )


class NotSupported(RequestRefused):
    status = 422
    code = "not_supported"
    sentence = say("This provider cannot do that.")


class NotConfigured(RequestRefused):
    status = 422
    code = "not_configured"
    sentence = say("This provider is not set up yet. Ask your administrator to enter its credentials.")


class IdempotencyMismatch(RequestRefused):
    status = 422
    code = "idempotency_mismatch"
    sentence = say("This idempotency key was used for a different request. Use a new key for a new request.")


class DestinationNotAllowed(RequestRefused):
    status = 422
    code = "destination_not_allowed"
    sentence = say("Your company does not call or write to numbers of this kind. Ask your administrator if it should.")


class OutsideCallingHours(RequestRefused):
    status = 422
    code = "outside_calling_hours"
    sentence = say("Campaigns that advertise may not call at these hours.")


class QuotaExceeded(RequestRefused):
    status = 429
    code = "quota_exceeded"
    sentence = say("The limit is reached. Please go on later.")


class OutsideFailure(SantralError):
    """Another system did not do what we asked. `system` names it in our words."""

    status = 502
    code = "outside_failure"

    def __init__(
        self, reason: str = "", *, system: str = "", sentence: Sentence | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(f"{system}: {reason}" if system else reason, sentence=sentence, retry_after=retry_after)
        self.system = system


class Unreachable(OutsideFailure):
    status = 503
    code = "unreachable"
    sentence = say("The provider cannot be reached right now. Nothing was sent; please try again.")


class Busy(OutsideFailure):
    status = 503
    code = "busy"
    sentence = say("The provider asks us to slow down. Please try again in a minute.")


class Unanswered(OutsideFailure):
    status = 504
    code = "unanswered"
    sentence = say("The provider did not answer in time. Please try again.")


class OutcomeUnknown(OutsideFailure):
    status = 504
    code = "outcome_unknown"
    sentence = say("The provider did not confirm in time, so it may have happened. Look before you try again.")


class Rejected(OutsideFailure):
    status = 422
    code = "rejected"
    sentence = say("The provider refused this request.")


class CredentialsRefused(OutsideFailure):
    code = "credentials_refused"
    sentence = say("The provider refuses our credentials. Ask your administrator to check them.")


class Unintelligible(OutsideFailure):
    code = "unintelligible"
    sentence = say("The provider answered with an error. Please try again later.")


class NotUnderstood(SantralError):
    """A webhook or answer that is authentic but not in a form we know. The reason quotes nothing of it."""

    code = "not_understood"


class Conflict(SantralError):
    status = 503
    code = "conflict"
    sentence = say("Too much is happening to this at once. Please try again.")
