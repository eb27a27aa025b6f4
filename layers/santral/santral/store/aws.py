"""The AWS clients, made on first use and kept for the life of the container."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, overload

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

_CONNECT_SECONDS = 2
_READ_SECONDS = 4
_TRIES = 3
# A client may be used by several threads at once; the session that makes them may not.
_making = Lock()


@overload
def client(service: Literal["dynamodb"]) -> "DynamoDBClient": ...
@overload
def client(service: Literal["s3"]) -> "S3Client": ...
@overload
def client(service: Literal["secretsmanager"]) -> "SecretsManagerClient": ...
@overload
def client(service: Literal["sqs"]) -> "SQSClient": ...
def client(service):  # type: ignore[no-untyped-def]  # the overloads above are its types
    """Return the container's client of one AWS service, for any thread."""
    with _making:
        return _made(service)


@cache
def _made(service: str) -> Any:
    from botocore.config import Config  # noqa: PLC0415 (a third of a cold start: only who needs AWS pays for it)

    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"total_max_attempts": _TRIES, "mode": "standard"},
        # mypy has checked it already, AWS will again, and here it takes a third of a request's processor time.
        parameter_validation=False,
        # Presigned links must name the bucket's own region, and path style is what the embedded AWS serves.
        signature_version="s3v4" if service == "s3" else None,
    )
    return session().create_client(service, config=config)


def forget_clients() -> None:
    """Make all of them anew on their next use, with the region and credentials that the environment names by then."""
    session.cache_clear()
    _made.cache_clear()


@cache
def session() -> "Session":
    """Return what all clients have in common: the function's credentials, and the descriptions of services.

    botocore's own, as boto3 adds nothing to its clients that we use, and takes a fifteenth of a cold start to load.
    """
    import botocore.session  # noqa: PLC0415 (see above)

    return botocore.session.get_session()


def time_told(answer: Mapping[str, Any]) -> datetime | None:
    """Return what time it was at AWS when it gave an answer, or None when it did not say."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 (only whoever looks at the clock)

    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return None
