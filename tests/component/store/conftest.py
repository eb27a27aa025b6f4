import pytest

from santral.store.aws import forget_clients

SERVICES = ("dynamodb", "s3", "secretsmanager", "sqs")


@pytest.fixture
def as_function(embedded_aws, monkeypatch):
    """Make the store's clients those of one function: its role's credentials, and so its rights."""

    def become(function):
        credentials = embedded_aws.credentials(function)
        monkeypatch.setenv("AWS_ENDPOINT_URL", embedded_aws.root.dynamodb.meta.endpoint_url)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", credentials.access_key_id)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key)
        monkeypatch.setenv("AWS_SESSION_TOKEN", credentials.session_token)
        forget_clients()

    yield become
    forget_clients()
