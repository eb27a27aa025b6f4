import json

import pytest

from sandbox.rehearsal import with_address

BUILT = """
Resources:
  Api: {Type: AWS::Serverless::HttpApi}
  RecordEvent:
    Properties: {CodeUri: RecordEvent, Variables: {PUBLIC_URL: %s}}
Outputs:
  Table: {Value: !GetAtt Table.Arn}
"""


@pytest.mark.parametrize("written", ["!GetAtt Api.ApiEndpoint", "{Fn::GetAtt: [Api, ApiEndpoint]}"])
def test_the_apis_address_is_the_rehearsals_and_nothing_else_changes(tmp_path, written):
    built = tmp_path / "template.yaml"
    built.write_text(BUILT % written, encoding="utf-8")

    file = with_address(built, "acme", "http://127.0.0.1:9")

    # Beside what was built, so that CodeUri leads where it led.
    assert file.parent == built.parent
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "Resources": {
            "Api": {"Type": "AWS::Serverless::HttpApi"},
            "RecordEvent": {
                "Properties": {"CodeUri": "RecordEvent", "Variables": {"PUBLIC_URL": "http://127.0.0.1:9"}}
            },
        },
        "Outputs": {"Table": {"Value": {"Fn::GetAtt": ["Table", "Arn"]}}},
    }
