"""Every rule holds for the template, and catches a template broken on purpose."""

import pytest

from sandbox.intrinsics import TemplateError
from tests.template import rules
from tests.template.stack import EVERYTHING, REMOVED, changed, stack_of, written_template


@pytest.fixture(scope="module")
def written():
    return written_template()


@pytest.fixture(scope="module")
def stack(written, tmp_path_factory):
    return stack_of(written, tmp_path_factory.mktemp("template"))


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_template_keeps(rule, stack):
    assert list(rule(stack)) == []


PROVIDERS = {"virtualats": "VirtualAts", "kobikom": "Kobikom", "verimor": "Verimor", "wapcrm": "WapCrm"}


@pytest.mark.parametrize("enabled", [(), *((name,) for name in PROVIDERS), tuple(PROVIDERS)], ids="+".join)
def test_the_template_holds_together_whichever_providers_are_on(written, tmp_path, enabled):
    switches = {f"With{part}": "true" for name, part in PROVIDERS.items() if name in enabled}
    stack = stack_of(written, tmp_path, {"Tenant": "acme", "RequireTls": "false", **switches})

    assert list(rules.nothing_refers_to_what_is_not_there(stack)) == []
    assert [name for name, part in PROVIDERS.items() if f"{part}Secret" in stack.made] == list(enabled)
    assert stack.functions["Dial"]["Environment"]["Variables"]["PROVIDERS"] == ",".join(enabled)


def test_parameters_are_those_of_the_design(written):
    designed = """
        Tenant WithVirtualAts WithKobikom WithVerimor WithWapCrm
        TelephonyProvider Country TimeZone Language UnknownCaller
        MissedCallTask MissedCallTaskDueHours MissedCallTaskOwner WapCrmCalls CampaignCallsLogged LogCallsFrom
        RetentionDays PermalinkDays LogRetentionDays PublicDomain CertificateArn WidgetOrigins Architecture MemorySize
        DialsPerUserHour DialsPerDay MessagesPerUserHour MessagesPerDay AllowedDestinations DeniedDestinations
        CommercialHours
        EgressSubnets EgressSecurityGroups RequireTls AlarmEmail WithDashboard WithExtraMetrics
    """
    assert set(written["Parameters"]) == set(designed.split())
    assert [name for name, it in written["Parameters"].items() if "Description" not in it] == []
    assert [name for name, it in written["Parameters"].items() if "Default" not in it] == ["Tenant"]


def test_without_subnets_nothing_is_in_a_vpc_and_nothing_warmed_up(written, tmp_path):
    stack = stack_of(written, tmp_path, {**EVERYTHING, "EgressSubnets": "", "EgressSecurityGroups": ""})

    assert [name for name, it in stack.functions.items() if "VpcConfig" in it] == []
    assert [name for name in stack.made if name.endswith(("WarmUp", "WarmUpRole"))] == []
    assert list(rules.every_function_has_a_role_of_its_own(stack)) == []
    assert list(rules.nothing_refers_to_what_is_not_there(stack)) == []


@pytest.mark.parametrize("subnets", ["subnet-0a1b2c3d, subnet-XYZ", "vpc-0a1b2c3d"])
def test_what_is_no_subnet_is_refused(written, tmp_path, subnets):
    with pytest.raises(TemplateError, match="EgressSubnets"):
        _ = stack_of(written, tmp_path, {**EVERYTHING, "EgressSubnets": subnets}).made


@pytest.mark.parametrize("switch", ["WithExtraMetrics", "WithDashboard", None])
def test_extra_metrics_are_written_where_they_are_asked_for_or_shown(written, tmp_path, switch):
    stack = stack_of(written, tmp_path, {"Tenant": "acme", **({switch: "true"} if switch else {})})

    switches = {function["Environment"]["Variables"]["EXTRA_METRICS"] for function in stack.functions.values()}
    assert switches == {"true" if switch else "false"}


def of(resource, *path):
    return ("Resources", resource, "Properties", *path)


def statement(function, number, *path):
    return of(function, "Policies", 0, "Statement", number, *path)


TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
READ_API_TOKENS = {
    "Sid": "Extra",
    "Effect": "Allow",
    "Action": "secretsmanager:GetSecretValue",
    "Resource": {"Fn::GetAtt": ["ApiSecret", "Id"]},
}
SCAN = {"Sid": "Extra", "Effect": "Allow", "Action": "dynamodb:Scan", "Resource": TABLE}

BROKEN = [
    # rule, where, what is put there, what the finding says
    ("functions_have_the_rights_of_the_design_and_no_others", statement("GetCall", 1), SCAN, "dynamodb:Scan"),
    (
        "functions_have_the_rights_of_the_design_and_no_others",
        statement("Dial", 1, "Condition", "ForAllValues:StringLike", "dynamodb:LeadingKeys"),
        ["*"],
        "Dial may dynamodb:GetItem on *",
    ),
    (
        "functions_have_the_rights_of_the_design_and_no_others",
        statement("OpenRecording", 1, "Resource"),
        {"Fn::Sub": "${Bucket.Arn}/quarantine/*"},
        "OpenRecording may s3:GetObject on quarantine/*",
    ),
    (
        "functions_have_the_rights_of_the_design_and_no_others",
        statement("Status", 1),
        REMOVED,
        "Status may not dynamodb:Query",
    ),
    ("no_right_is_on_everything", statement("GetCall", 0, "Resource"), "*", "GetCallRole has * as a resource"),
    ("no_right_is_on_everything", statement("GetCall", 0, "Action"), "dynamodb:*", "GetCallRole has * in an action"),
    ("table_rights_name_their_rows", statement("GetCall", 0, "Condition"), REMOVED, "ReadCalls is on every row"),
    (
        "table_rights_name_their_rows",
        statement("Status", 1, "Resource"),
        {"Fn::Sub": "${Table.Arn}/index/*"},
        "neither the table nor one index",
    ),
    ("every_right_says_what_it_is_for", statement("Dial", 0, "Sid"), REMOVED, "Dial"),
    ("every_function_has_a_role_of_its_own", of("GetCall", "Policies"), REMOVED, "GetCall has no policy"),
    (
        "every_function_has_a_role_of_its_own",
        of("GetCall", "Role"),
        {"Fn::GetAtt": ["DialRole", "Arn"]},
        "GetCall shares its role",
    ),
    (
        "every_function_has_a_role_of_its_own",
        of("RecordEvent", "Events"),
        {"Queue": {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["EventsQueue", "Arn"]}}}},
        "AWSLambdaSQSQueueExecutionRole",
    ),
    ("only_the_authorizer_reads_the_api_tokens", statement("GetCall", 1), READ_API_TOKENS, "GetCall"),
    ("only_the_authorizer_reads_the_api_tokens", statement("Authorizer", 0, "Resource"), TABLE, "Authorizer"),
    (
        "webhooks_read_only_their_providers_secret",
        statement("VirtualAtsWebhook", 0, "Resource"),
        {"Fn::GetAtt": ["ZohoSecret", "Id"]},
        "VirtualAtsWebhook reads the secrets ['zoho']",
    ),
    (
        "secrets_are_granted_by_an_arn_that_holds_everywhere",
        statement("Authorizer", 0, "Resource"),
        {"Ref": "ApiSecret"},
        "Authorizer",
    ),
    (
        "every_function_logs_to_a_group_of_its_own_and_for_so_long",
        of("Dial", "LoggingConfig", "LogGroup"),
        {"Ref": "GetCallLogs"},
        "Dial has no log group of its own",
    ),
    ("every_function_logs_to_a_group_of_its_own_and_for_so_long", of("Dial", "LoggingConfig"), REMOVED, "Dial has no"),
    ("every_function_logs_to_a_group_of_its_own_and_for_so_long", of("ApiLogs", "RetentionInDays"), REMOVED, "ApiLogs"),
    ("only_the_archiver_carries_what_reads_audio", of("ArchiveRecording", "Layers"), REMOVED, "ArchiveRecording has"),
    (
        "only_the_archiver_carries_what_reads_audio",
        of("Dial", "Layers"),
        [{"Ref": "AudioLayer"}],
        "Dial has the layers",
    ),
    (
        "every_function_has_its_file",
        of("Dial", "Handler"),
        "functions.calls.nowhere.handler",
        "no functions/calls/nowhere",
    ),
    ("every_function_has_its_file", of("Dial", "CodeUri"), ".", "Dial: its code is not the folder of its area"),
    ("every_file_is_a_function", of("Dial", "Handler"), "functions.calls.get_call.handler", "functions/calls/dial.py"),
    ("every_function_has_a_sample_event", of("Dial", "Handler"), "functions.calls.nowhere.handler", "nowhere*.json"),
    (
        "every_function_gets_the_settings_it_reads",
        ("Globals", "Function", "Environment", "Variables", "TIME_ZONE"),
        REMOVED,
        "Dial lacks TIME_ZONE",
    ),
    (
        "every_function_gets_the_settings_it_reads",
        of("RetryPending", "Environment"),
        REMOVED,
        "RetryPending lacks PUBLIC_URL",
    ),
    (
        "every_function_gets_the_settings_it_reads",
        ("Globals", "Function", "Environment", "Variables", "TABEL"),
        "x",
        "Dial has TABEL and nothing there reads it",
    ),
    ("functions_behind_the_api_answer_before_it_gives_up", of("Dial", "Timeout"), 29, "Dial behind POST /calls"),
    (
        "who_asks_outside_does_so_from_the_fixed_address_and_nobody_else_pays_for_it",
        of("Dial", "VpcConfig"),
        REMOVED,
        "Dial leaves by None",
    ),
    (
        "who_asks_outside_does_so_from_the_fixed_address_and_nobody_else_pays_for_it",
        of("GetCall", "VpcConfig"),
        {"SubnetIds": ["subnet-0a1b2c3d"]},
        "GetCall leaves by",
    ),
    ("what_runs_in_a_vpc_never_goes_inactive", ("Resources", "DialWarmUp"), REMOVED, "Dial may go inactive"),
    (
        "what_runs_in_a_vpc_never_goes_inactive",
        of("DialWarmUp", "Target", "Input"),
        "{}",
        "Dial is warmed up with {}",
    ),
    (
        "what_runs_in_a_vpc_never_goes_inactive",
        of("WarmUpRole", "Policies", 0, "PolicyDocument", "Statement", 0, "Resource", 0),
        {"Fn::GetAtt": ["GetCall", "Arn"]},
        "Dial may not be warmed up",
    ),
    (
        "network_interfaces_are_lambdas_business_alone",
        of("InterfacesByLambdaAlone", "Roles", 0),
        REMOVED,
        "the code of Dial may make network interfaces",
    ),
    (
        "network_interfaces_are_lambdas_business_alone",
        of("InterfacesByLambdaAlone", "PolicyDocument", "Statement", 0, "Effect"),
        "Allow",
        "policy of network interfaces is another",
    ),
    (
        "every_route_but_webhooks_and_permalinks_asks_the_authorizer",
        of("GetCall", "Events", "Route", "Properties", "Auth"),
        {"Authorizer": "NONE"},
        "GET /calls/{call_id} does not ask",
    ),
    (
        "every_route_but_webhooks_and_permalinks_asks_the_authorizer",
        of("OpenRecording", "Events", "Route", "Properties", "Auth"),
        REMOVED,
        "GET /recordings/{permalink} asks",
    ),
    (
        "the_authorizer_answers_simply_and_for_five_minutes",
        of("Api", "Auth", "Authorizers", "BearerToken", "Identity", "ReauthorizeEvery"),
        3600,
        "authorizerResultTtlInSeconds is 3600",
    ),
    ("the_api_is_throttled_and_webhooks_hardly", of("Api", "DefaultRouteSettings"), REMOVED, "no throttle"),
    ("the_api_is_throttled_and_webhooks_hardly", of("Api", "RouteSettings"), REMOVED, "may answer a provider 429"),
    (
        "what_costs_money_is_throttled_more_than_the_rest",
        of("Api", "RouteSettings", "POST /messages"),
        REMOVED,
        "POST /messages has no ThrottlingRateLimit of its own",
    ),
    (
        "access_logs_carry_no_path",
        of("Api", "AccessLogSettings", "Format"),
        '{"path":"$context.path"}',
        "the access log has path",
    ),
    ("cors_is_asked_for", of("Api", "CorsConfiguration"), {"AllowOrigins": ["*"]}, "CORS does not depend"),
    (
        "messages_stay_hidden_for_six_time_outs",
        of("RecordEvent", "Timeout"),
        61,
        "EventsQueue hides a message for 360 s",
    ),
    ("messages_stay_hidden_for_six_time_outs", of("RecordingsQueue", "VisibilityTimeout"), REMOVED, "RecordingsQueue"),
    (
        "workers_return_only_what_failed_and_leave_room_for_others",
        of("EventsQueueToWorker", "FunctionResponseTypes"),
        REMOVED,
        "RecordEvent fails whole batches",
    ),
    (
        "workers_return_only_what_failed_and_leave_room_for_others",
        of("RecordingsQueueToWorker", "ScalingConfig"),
        REMOVED,
        "ArchiveRecording has no most at once",
    ),
    (
        "every_queue_has_a_dead_letter_queue",
        of("EventsQueue", "RedrivePolicy"),
        REMOVED,
        "EventsQueue has no dead letter",
    ),
    ("every_queue_has_a_dead_letter_queue", of("EventsDlq", "FifoQueue"), REMOVED, "of different kinds"),
    (
        "every_queue_has_a_dead_letter_queue",
        of("EventsQueue", "RedrivePolicy", "maxReceiveCount"),
        2,
        "gives up after 2",
    ),
    (
        "what_is_kept_is_encrypted_and_private",
        of("EventsDlq", "SqsManagedSseEnabled"),
        REMOVED,
        "EventsDlq is not encrypted",
    ),
    ("what_is_kept_is_encrypted_and_private", of("Table", "SSESpecification"), REMOVED, "Table is not encrypted"),
    (
        "what_is_kept_is_encrypted_and_private",
        of("Table", "PointInTimeRecoverySpecification"),
        REMOVED,
        "Table cannot be restored",
    ),
    (
        "what_is_kept_is_encrypted_and_private",
        of("Bucket", "PublicAccessBlockConfiguration", "BlockPublicAcls"),
        False,
        "Bucket may be made public",
    ),
    ("what_is_kept_is_encrypted_and_private", of("Bucket", "OwnershipControls"), REMOVED, "Bucket has access lists"),
    (
        "browsers_put_files_and_read_nothing",
        of("Bucket", "CorsConfiguration", "CorsRules", 0, "AllowedMethods"),
        ["GET", "PUT"],
        "scripts may do something else",
    ),
    ("state_outlives_the_stack", ("Resources", "Table", "DeletionPolicy"), REMOVED, "Table goes with the stack"),
    ("old_objects_go", of("Bucket", "LifecycleConfiguration", "Rules", 0), REMOVED, "recordings are not kept"),
    ("old_objects_go", of("Bucket", "LifecycleConfiguration", "Rules", 3), REMOVED, "unfinished uploads are kept"),
    (
        "plain_http_is_refused_under_the_condition",
        ("Resources", "EventsDlqPolicy"),
        REMOVED,
        "EventsDlq takes plain http",
    ),
    (
        "plain_http_is_refused_under_the_condition",
        ("Resources", "BucketPolicy", "Condition"),
        REMOVED,
        "BucketPolicy has not",
    ),
    (
        "plain_http_is_refused_under_the_condition",
        ("Parameters", "RequireTls", "Default"),
        "false",
        "TLS is not required",
    ),
    (
        "alarms_watch_what_is_written",
        of("CallsMissingAlarm", "MetricName"),
        "calls_lost",
        "CallsMissingAlarm watches calls_lost, which nothing writes",
    ),
    (
        "alarms_watch_what_is_written",
        of("ZohoDownAlarm", "Dimensions", 1),
        REMOVED,
        "ZohoDownAlarm watches breaker_open by ['tenant'], which nothing writes",
    ),
    (
        "alarms_watch_what_is_written",
        of("ZohoDownAlarm", "Dimensions", 1, "Value"),
        "crm",
        "ZohoDownAlarm watches the unknown system crm",
    ),
    (
        "alarms_watch_what_is_written",
        of("CallsMissingAlarm", "Dimensions", 0, "Value"),
        "another",
        "CallsMissingAlarm watches calls_missing by ['tenant']",
    ),
    ("alarms_watch_what_is_written", of("EventsDlqAlarm", "Namespace"), "AWS/SNS", "EventsDlqAlarm watches AWS/SNS"),
    ("alarms_watch_what_is_written", of("EventsDlqAlarm", "MetricName"), "Depth", "EventsDlqAlarm watches no queue"),
    (
        "alarms_watch_what_is_written",
        of("VirtualAtsWebhookAlarm", "Dimensions", 0, "Value"),
        "VirtualAtsWebhooks",
        "VirtualAtsWebhookAlarm watches no function",
    ),
    (
        "what_is_lost_doubled_late_or_put_aside_raises_an_alarm",
        of("VirtualAtsWebhookAlarm", "Dimensions", 0, "Value"),
        {"Ref": "Dial"},
        "no alarm on Errors VirtualAtsWebhook",
    ),
    (
        "what_is_lost_doubled_late_or_put_aside_raises_an_alarm",
        ("Resources", "RecordingsDlqAlarm"),
        REMOVED,
        "no alarm on ApproximateNumberOfMessagesVisible RecordingsDlq",
    ),
    (
        "what_is_lost_doubled_late_or_put_aside_raises_an_alarm",
        ("Resources", "WapCrmDownAlarm"),
        REMOVED,
        "no alarm on breaker_open wapcrm",
    ),
    (
        "every_alarm_tells_the_tenant_and_says_what_to_do",
        of("CallsDoubledAlarm", "AlarmActions"),
        REMOVED,
        "CallsDoubledAlarm tells nobody",
    ),
    (
        "every_alarm_tells_the_tenant_and_says_what_to_do",
        of("CallsDoubledAlarm", "AlarmDescription"),
        "Twice.",
        "CallsDoubledAlarm does not say where to look",
    ),
    (
        "every_alarm_tells_the_tenant_and_says_what_to_do",
        of("CallsDoubledAlarm", "TreatMissingData"),
        REMOVED,
        "CallsDoubledAlarm leaves open",
    ),
    (
        "every_alarm_tells_the_tenant_and_says_what_to_do",
        ("Resources", "WapCrmDownAlarm"),
        REMOVED,
        "WapCrmDownAlarm of docs/runbook.md is no alarm",
    ),
    ("only_this_stacks_alarms_use_their_topic", of("AlarmTopic", "KmsMasterKeyId"), "alias/aws/sns", "not encrypted"),
    (
        "only_this_stacks_alarms_use_their_topic",
        ("Resources", "AlarmTopic", "Condition"),
        REMOVED,
        "AlarmTopic is there without anybody to tell",
    ),
    (
        "only_this_stacks_alarms_use_their_topic",
        of("AlarmTopicPolicy", "PolicyDocument", "Statement", 0, "Principal"),
        "*",
        "AlarmTopicPolicy lets in more than alarms",
    ),
    (
        "only_this_stacks_alarms_use_their_topic",
        of("AlarmTopicPolicy", "PolicyDocument", "Statement", 0, "Condition", "ArnLike"),
        REMOVED,
        "AlarmTopicPolicy lets in alarms of others",
    ),
    (
        "what_alarms_watch_is_always_written_and_nothing_else_is",
        of("CallsMissingAlarm", "MetricName"),
        "calls_late",
        "calls_late is watched, but written only among the extra metrics",
    ),
    (
        "what_alarms_watch_is_always_written_and_nothing_else_is",
        of("CallsMissingAlarm", "MetricName"),
        "calls_late",
        "calls_missing is always written and no alarm watches it",
    ),
    (
        "the_dashboard_shows_what_is_written",
        ("Globals", "Function", "Environment", "Variables", "EXTRA_METRICS"),
        "false",
        "Overview shows events_accepted, which nothing writes",
    ),
    (
        "the_dashboard_shows_what_is_written",
        of("Overview", "DashboardBody"),
        '{"widgets": [{"properties": {"metrics": [["Santral", "calls_lost"]]}}]}',
        "Overview shows calls_lost, which nothing writes",
    ),
    (
        "two_tenants_fit_in_one_account",
        of("RetryPending", "Events", "EachMinute", "Properties", "OmitName"),
        REMOVED,
        "is called RetryPendingEachMinute in every stack",
    ),
    ("two_tenants_fit_in_one_account", of("ZohoSecret", "Name"), "santral/zoho", "ZohoSecret is called santral/zoho"),
    ("nothing_refers_to_what_is_not_there", ("Resources", "ApiSecret"), REMOVED, "something refers to ApiSecret"),
]


@pytest.mark.parametrize(
    ("rule", "where", "value", "finding"), BROKEN, ids=lambda it: it if isinstance(it, str) else ""
)
def test_a_broken_template_is_caught_by(rule, where, value, finding, written, tmp_path):
    broken = stack_of(changed(written, where, value), tmp_path)

    findings = list(getattr(rules, rule)(broken))

    assert any(finding in it for it in findings), findings


def test_every_rule_has_been_seen_to_catch_something():
    assert {rule.__name__ for rule in rules.RULES} == {rule for rule, *_ in BROKEN}


def test_the_parameters_of_these_tests_turn_everything_on(written):
    assert {name for name in written["Parameters"] if name.startswith("With")} <= EVERYTHING.keys()
