"""The promises the template keeps, each a function that returns what breaks it."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from santral.providers.registry import PROVIDERS
from santral.settings import Settings
from santral.telemetry import ESSENTIAL
from santral.zoho.oauth import SYSTEM
from tests.metrics import metrics_in_code
from tests.template.stack import ROOT, Resources, Stack, as_list, of_type, target

# --- rights ----------------------------------------------------------------------------------------------------------

# What SAM gives to each function it makes a role for: logs and traces, written only.
_MANAGED = {"service-role/AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"}
# And to each that runs in a VPC; `network_interfaces_are_lambdas_business_alone` takes it from its code again.
_MANAGED_IN_VPC = "service-role/AWSLambdaVPCAccessExecutionRole"


@dataclass(frozen=True)
class Rights:
    """What one function may do: names separated by spaces, as the design lists them."""

    keep: str = ""  # rows it reads and writes, by leading key
    read: str = ""
    write: str = ""
    count: str = ""  # rows of a transaction that adds one and counts it
    list: str = ""  # rows that stand under one leading key
    query: str = ""  # indexes
    send: str = ""  # queues
    take: str = ""
    measure: str = ""
    secrets: str = ""
    get: str = ""  # bucket prefixes
    put: str = ""
    upload: str = ""  # in parts

    def pairs(self) -> set[tuple[str, str]]:
        return {
            *_each(["dynamodb:GetItem"], f"{self.keep} {self.read}", "{}#*"),
            *_each(["dynamodb:PutItem"], f"{self.keep} {self.write}", "{}#*"),
            *_each(["dynamodb:PutItem", "dynamodb:UpdateItem"], self.count, "{}#*"),
            *_each(["dynamodb:Query"], self.list, "{}#*"),
            *_each(["dynamodb:Query"], self.query, "index/{}"),
            *_each(["sqs:SendMessage"], self.send),
            *_each(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], self.take),
            *_each(["sqs:GetQueueAttributes"], self.measure),
            *_each(["secretsmanager:GetSecretValue"], self.secrets, "{}Secret"),
            *_each(["s3:GetObject"], self.get, "{}/*"),
            *_each(["s3:PutObject"], f"{self.put} {self.upload}", "{}/*"),
            *_each(["s3:AbortMultipartUpload"], self.upload, "{}/*"),
        }


def _each(actions: list[str], names: str, form: str = "{}") -> Iterator[tuple[str, str]]:
    return ((action, form.format(name)) for action in actions for name in names.split())


_WORKER = "CALL ALIAS TOKEN LAYOUT LEAD_ATTEMPT MATCH"
RIGHTS = {
    "Authorizer": Rights(secrets="Api"),
    "Status": Rights(
        keep="TOKEN LAYOUT BUDGET",
        read="RECONCILE USER",
        query="by_day due",
        measure="EventsQueue EventsDlq RecordingsQueue RecordingsDlq",
        secrets="VirtualAts Kobikom Verimor WapCrm Zoho",
    ),
    "Dial": Rights(keep="INTENT CALL", count="INTENT QUOTA", read="USER", secrets="VirtualAts Kobikom Verimor"),
    "GetCall": Rights(read="CALL ALIAS USER"),
    "ListCalls": Rights(
        keep="BUDGET", read="USER", query="by_day by_phone", secrets="Permalinks VirtualAts Kobikom Verimor WapCrm"
    ),
    "GetRecording": Rights(
        keep="CALL", read="ALIAS USER", send="RecordingsQueue", get="recordings", secrets="Permalinks"
    ),
    "OpenRecording": Rights(read="CALL ALIAS", get="recordings", secrets="Permalinks"),
    "SendMessage": Rights(keep="INTENT MESSAGE", count="INTENT QUOTA", read="USER", secrets="WapCrm"),
    "HangUp": Rights(keep="INTENT", read="CALL ALIAS USER", secrets="VirtualAts Kobikom Verimor"),
    "Transfer": Rights(keep="INTENT", read="CALL ALIAS USER", secrets="Kobikom Verimor"),
    "Mute": Rights(read="CALL ALIAS USER", secrets="Verimor"),
    "ListLiveCalls": Rights(
        keep="SNAPSHOT", read="CALL ALIAS USER", query="live", send="EventsQueue", secrets="Kobikom"
    ),
    "ListOutcomes": Rights(read="USER", secrets="WapCrm"),
    "SaveOutcome": Rights(keep="INTENT", read="CALL ALIAS USER", write="ALIAS", send="EventsQueue", secrets="WapCrm"),
    "ListCallerIds": Rights(read="USER", secrets="Verimor"),
    "ListExtensions": Rights(keep="SNAPSHOT BUDGET", read="USER", secrets="VirtualAts Verimor"),
    "LogIn": Rights(read="USER", secrets="Kobikom"),
    "LogOut": Rights(read="USER", secrets="Kobikom"),
    "ListBreaks": Rights(read="USER", secrets="Kobikom"),
    "StartBreak": Rights(read="USER", secrets="Kobikom"),
    "EndBreak": Rights(read="USER", secrets="Kobikom"),
    "ListQueues": Rights(keep="BUDGET", read="USER", secrets="Kobikom Verimor"),
    "CreateQueue": Rights(keep="INTENT", read="USER", secrets="Kobikom"),
    "DeleteQueue": Rights(read="USER", secrets="Kobikom"),
    "ListQueueAgents": Rights(keep="BUDGET", read="USER", secrets="Kobikom Verimor"),
    "AddQueueAgents": Rights(keep="LEASE BUDGET", read="USER", secrets="Kobikom Verimor"),
    "RemoveQueueAgent": Rights(keep="LEASE BUDGET", read="USER", secrets="Kobikom Verimor"),
    "ListWaiting": Rights(keep="BUDGET", read="USER", secrets="Verimor"),
    "ListCampaigns": Rights(read="USER", query="by_day"),
    "CreateCampaign": Rights(keep="INTENT CAMPAIGN", read="USER", secrets="Kobikom Verimor"),
    "UpdateCampaign": Rights(keep="CAMPAIGN", read="USER", secrets="Verimor"),
    "DeleteCampaign": Rights(keep="CAMPAIGN", read="USER", secrets="Kobikom Verimor"),
    "AddContacts": Rights(keep="INTENT", read="USER", secrets="Kobikom"),
    "RemoveContact": Rights(read="USER", secrets="Kobikom"),
    "ListResults": Rights(read="USER", list="CAMPAIGN", query="by_phone", secrets="Kobikom Verimor"),
    "ListAnnouncements": Rights(read="USER", secrets="Verimor"),
    "CreateFile": Rights(read="USER", get="message-files", put="message-files"),
    "GetMessage": Rights(read="MESSAGE USER"),
    "ListMessages": Rights(read="USER", secrets="WapCrm"),
    "ListChannels": Rights(read="USER", secrets="WapCrm"),
    "ListMessageUsers": Rights(read="USER", secrets="WapCrm"),
    "VirtualAtsWebhook": Rights(write="QUARANTINE", send="EventsQueue", put="quarantine", secrets="VirtualAts"),
    "VerimorCallWebhook": Rights(write="QUARANTINE", send="EventsQueue", put="quarantine", secrets="Verimor"),
    "VerimorCampaignWebhook": Rights(write="QUARANTINE", send="EventsQueue", put="quarantine", secrets="Verimor"),
    "WapCrmWebhook": Rights(write="QUARANTINE", send="EventsQueue", put="quarantine", secrets="WapCrm"),
    "PollLiveCalls": Rights(read="CALL", send="EventsQueue", secrets="Kobikom"),
    "RecordEvent": Rights(
        keep=f"{_WORKER} MESSAGE CAMPAIGN",
        read="USER EXTENSION ERASED",
        query="by_phone",
        take="EventsQueue",
        send="RecordingsQueue",
        secrets="Zoho Permalinks",
    ),
    "ArchiveRecording": Rights(
        keep="CALL ALIAS BUDGET",
        take="RecordingsQueue",
        send="RecordingsQueue",
        upload="recordings",
        secrets="VirtualAts Kobikom Verimor",
    ),
    "RetryPending": Rights(
        keep=f"{_WORKER} MESSAGE LEASE",
        read="USER EXTENSION",
        query="due",
        send="RecordingsQueue",
        secrets="Zoho Permalinks",
    ),
    "ReconcileCalls": Rights(
        keep="RECONCILE BUDGET",
        read="CALL ALIAS ERASED",
        query="by_day",
        send="EventsQueue",
        secrets="VirtualAts Kobikom Verimor WapCrm Permalinks",
    ),
}


def functions_have_the_rights_of_the_design_and_no_others(stack: Stack) -> Iterator[str]:
    for function in stack.functions:
        given = {pair for statement in stack.statements(function) for pair in _pairs(statement)}
        designed = RIGHTS[function].pairs() if function in RIGHTS else set()
        yield from (f"{function} may {action} on {what}, undesigned" for action, what in sorted(given - designed))
        yield from (f"{function} may not {action} on {what}" for action, what in sorted(designed - given))
    yield from (f"{function} is not in the template" for function in RIGHTS.keys() - stack.functions.keys())


def _pairs(statement: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for action in as_list(statement["Action"]):
        for resource in as_list(statement["Resource"]):
            name = target(resource)
            if keys := _leading_keys(statement):
                yield from ((action, key) for key in keys)
            elif isinstance(resource, dict) and "Fn::Sub" in resource:
                yield action, resource["Fn::Sub"].split("}/", 1)[-1]
            else:
                yield action, name


def _leading_keys(statement: dict[str, Any]) -> list[str]:
    return as_list(statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", []))


def no_right_is_on_everything(stack: Stack) -> Iterator[str]:
    for name, role in stack.of_type("AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            for statement in as_list(policy["PolicyDocument"]["Statement"]):
                if "*" in as_list(statement["Resource"]):
                    yield f"{name} has * as a resource"
                if any("*" in action for action in as_list(statement["Action"])):
                    yield f"{name} has * in an action"


def table_rights_name_their_rows(stack: Stack) -> Iterator[str]:
    for function in stack.functions:
        for statement in stack.statements(function):
            if not any(action.startswith("dynamodb:") for action in as_list(statement["Action"])):
                continue
            for resource in as_list(statement["Resource"]):
                on_rows = resource == {"Fn::GetAtt": ["Table", "Arn"]}
                on_index = re.fullmatch(r"\$\{Table\.Arn\}/index/\w+", str(dict(resource).get("Fn::Sub")))
                if on_rows and not _leading_keys(statement):
                    yield f"{function}: {statement['Sid']} is on every row"
                if not on_rows and not on_index:
                    yield f"{function}: {statement['Sid']} is on neither the table nor one index"


def every_right_says_what_it_is_for(stack: Stack) -> Iterator[str]:
    for function in stack.functions:
        sids = [statement.get("Sid") for statement in stack.statements(function)]
        if None in sids or len(set(sids)) < len(sids):
            yield f"{function} has a statement without a Sid of its own"


def every_function_has_a_role_of_its_own(stack: Stack) -> Iterator[str]:
    users = Counter(target(properties["Role"]) for properties in stack.functions.values())
    for function in stack.functions:
        if users[target(stack.functions[function]["Role"])] > 1:
            yield f"{function} shares its role"
        if not list(stack.statements(function)):
            yield f"{function} has no policy of its own"
        arns = stack.role(function).get("ManagedPolicyArns", [])
        managed = _MANAGED | ({_MANAGED_IN_VPC} if "VpcConfig" in stack.functions[function] else set())
        if extra := {str(arn).split(":policy/")[-1] for arn in arns} - managed:
            yield f"{function} has the managed policies {sorted(extra)}"


def _secrets_read(stack: Stack, function: str) -> set[str]:
    return {
        target(resource)
        for statement in stack.statements(function)
        if "secretsmanager:GetSecretValue" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def only_the_authorizer_reads_the_api_tokens(stack: Stack) -> Iterator[str]:
    for function in stack.functions:
        if ("ApiSecret" in _secrets_read(stack, function)) != (function == "Authorizer"):
            yield f"{function} and the API tokens"


def webhooks_read_only_their_providers_secret(stack: Stack) -> Iterator[str]:
    for function in stack.functions:
        if stack.handler_file(function).parent.name == "webhooks":
            provider = stack.handler_file(function).stem.split("_")[0]
            read = {name.removesuffix("Secret").lower() for name in _secrets_read(stack, function)}
            if read != {provider}:
                yield f"{function} reads the secrets {sorted(read)}"


def secrets_are_granted_by_an_arn_that_holds_everywhere(stack: Stack) -> Iterator[str]:
    """`!Ref` is the ARN on AWS but only the name in the embedded AWS; `Id` is the ARN in both."""
    for function in stack.functions:
        for statement in stack.statements(function):
            for resource in as_list(statement["Resource"]):
                if target(resource).endswith("Secret") and resource != {"Fn::GetAtt": [target(resource), "Id"]}:
                    yield f"{function}: {resource}"


# --- functions -------------------------------------------------------------------------------------------------------


def every_function_logs_to_a_group_of_its_own_and_for_so_long(stack: Stack) -> Iterator[str]:
    groups = Counter(str(it.get("LoggingConfig", {}).get("LogGroup")) for it in stack.functions.values())
    for function, properties in stack.functions.items():
        group = properties.get("LoggingConfig", {}).get("LogGroup")
        if target(group) not in stack.of_type("AWS::Logs::LogGroup") or groups[str(group)] > 1:
            yield f"{function} has no log group of its own"
    for name, resource in stack.written["Resources"].items():
        kept = resource.get("Properties", {}).get("RetentionInDays")
        if resource["Type"] == "AWS::Logs::LogGroup" and kept != {"Ref": "LogRetentionDays"}:
            yield f"{name} keeps its logs for {kept}"


def only_the_archiver_carries_what_reads_audio(stack: Stack) -> Iterator[str]:
    for function, properties in stack.functions.items():
        layers = {re.sub(r"[0-9a-f]{10}$", "", target(layer)) for layer in properties["Layers"]}
        own = {"AudioLayer"} if function == "ArchiveRecording" else set()
        if layers != {"DependenciesLayer", "SantralLayer"} | own:
            yield f"{function} has the layers {sorted(layers)}"


def every_function_has_its_file(stack: Stack) -> Iterator[str]:
    for function, resource in stack.written["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        file = stack.handler_file(function) if function in stack.functions else None
        if file and not (ROOT / file).is_file():
            yield f"{function}: there is no {file}"
        if file and str(file.parent) != resource["Properties"]["CodeUri"]:
            yield f"{function}: its code is not the folder of its area"


def every_file_is_a_function(stack: Stack) -> Iterator[str]:
    known = {ROOT / stack.handler_file(function) for function in stack.functions}
    for file in sorted((ROOT / "functions").glob("*/*.py")):
        if file not in known and file.name != "__init__.py":
            yield f"{file.relative_to(ROOT)} is no function of the template"


def every_function_has_a_sample_event(stack: Stack) -> Iterator[str]:
    for function in stack.functions:
        file = stack.handler_file(function)
        samples = (ROOT / "events" / file.parent.name).glob(f"{file.stem}*.json")
        if all(sample.name.endswith(".body.json") for sample in samples):  # bodies stand beside the events they go into
            yield f"{function}: there is no events/{file.parent.name}/{file.stem}*.json"


# What is read where settings are not, beside what Powertools reads.
_OF_TELEMETRY = {"EXTRA_METRICS"}
_FOR_SOME = {
    "PUBLIC_URL": {"RecordEvent", "RetryPending", "GetRecording", "CreateCampaign"},
    "EVENTS_DLQ_URL": {"Status"},
    "RECORDINGS_DLQ_URL": {"Status"},
}


def every_function_gets_the_settings_it_reads(stack: Stack) -> Iterator[str]:
    settings = {name.upper() for name in Settings.model_fields} | _OF_TELEMETRY
    for function, properties in stack.functions.items():
        variables = properties.get("Environment", {}).get("Variables", {})
        needed = {name for name in settings if function in _FOR_SOME.get(name, {function})}
        yield from (f"{function} lacks {name}" for name in sorted(needed - variables.keys()))
        unread = {name for name in variables if name not in needed and not name.startswith("POWERTOOLS_")}
        yield from (f"{function} has {name} and nothing there reads it" for name in sorted(unread))


def functions_behind_the_api_answer_before_it_gives_up(stack: Stack) -> Iterator[str]:
    for route, operation in stack.routes.items():
        function = _function_of(operation)
        if float(stack.functions[function]["Timeout"]) >= 29:
            yield f"{function} behind {route} may take {stack.functions[function]['Timeout']} s"


def _function_of(operation: dict[str, Any]) -> str:
    uri = json.dumps(operation["x-amazon-apigateway-integration"]["uri"])
    found = re.search(r"\$\{(\w+)\.Arn\}", uri)
    assert found, uri
    return found[1]


# --- a fixed address -------------------------------------------------------------------------------------------------


def _asks_outside(stack: Stack, function: str) -> bool:
    """Whether it holds the keys of a provider or of Zoho for more than to know its webhooks by."""
    ours = {"ApiSecret", "PermalinksSecret"}
    return stack.handler_file(function).parent.name != "webhooks" and bool(_secrets_read(stack, function) - ours)


def who_asks_outside_does_so_from_the_fixed_address_and_nobody_else_pays_for_it(stack: Stack) -> Iterator[str]:
    given = {
        "SubnetIds": stack.parameters["EgressSubnets"],
        "SecurityGroupIds": stack.parameters["EgressSecurityGroups"],
    }
    wanted = {name: ids.split(",") for name, ids in given.items()}
    for function, properties in stack.functions.items():
        if properties.get("VpcConfig") != (wanted if _asks_outside(stack, function) else None):
            yield f"{function} leaves by {properties.get('VpcConfig')}"


def what_runs_in_a_vpc_never_goes_inactive(stack: Stack) -> Iterator[str]:
    schedules = stack.of_type("AWS::Scheduler::Schedule")
    woken = {target(it["Target"]["Arn"]): it for it in schedules.values()}
    (warm_up,) = (it["PolicyDocument"]["Statement"] for it in stack.made["WarmUpRole"]["Properties"]["Policies"])
    invoked = {target(arn) for statement in warm_up for arn in as_list(statement["Resource"])}
    for function, properties in stack.functions.items():
        if "VpcConfig" not in properties:
            continue
        if function not in woken:
            yield f"{function} may go inactive"
        elif target(woken[function]["Target"]["RoleArn"]) == "WarmUpRole":
            event = json.loads(woken[function]["Target"]["Input"])
            is_of_queue = function in {worker for worker, _, _ in _mappings(stack)}
            if event != ({"Records": []} if is_of_queue else {"warm_up": True}):
                yield f"{function} is warmed up with {event}"
            if function not in invoked:
                yield f"{function} may not be warmed up"
    yield from (f"{name} is invoked for nothing" for name in sorted(invoked - woken.keys()))


def network_interfaces_are_lambdas_business_alone(stack: Stack) -> Iterator[str]:
    policies = stack.of_type("AWS::IAM::ManagedPolicy").values()
    denied = {target(role) for policy in policies for role in policy["Roles"]}
    for policy in policies:
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] != "Deny" or statement["Condition"].keys() != {"ArnLike"}:
                yield "the policy of network interfaces is another"
    for function, properties in stack.functions.items():
        if "VpcConfig" in properties and target(properties["Role"]) not in denied:
            yield f"the code of {function} may make network interfaces"


# --- the front door --------------------------------------------------------------------------------------------------

_WITHOUT_AUTHORIZER = {
    "GET /recordings/{permalink}",
    "POST /webhooks/virtualats/{token}",
    "POST /webhooks/verimor/calls/{token}",
    "POST /webhooks/verimor/campaigns/{token}",
    "POST /webhooks/wapcrm/{token}",
}


def every_route_but_webhooks_and_permalinks_asks_the_authorizer(stack: Stack) -> Iterator[str]:
    for route, operation in stack.routes.items():
        asks = any("BearerToken" in scheme for scheme in operation.get("security", []))
        if asks == (route in _WITHOUT_AUTHORIZER):
            yield f"{route} {'asks' if asks else 'does not ask'} the authorizer"
    yield from (f"there is no {route}" for route in sorted(_WITHOUT_AUTHORIZER - stack.routes.keys()))


def the_authorizer_answers_simply_and_for_five_minutes(stack: Stack) -> Iterator[str]:
    (api,) = stack.of_type("AWS::ApiGatewayV2::Api").values()
    settings = api["Body"]["components"]["securitySchemes"]["BearerToken"]["x-amazon-apigateway-authorizer"]
    wanted = {
        "enableSimpleResponses": True,
        "authorizerResultTtlInSeconds": 300,
        "identitySource": ["$request.header.Authorization"],
        "authorizerPayloadFormatVersion": "2.0",
    }
    yield from (f"{name} is {settings.get(name)}" for name, value in wanted.items() if settings.get(name) != value)


def the_api_is_throttled_and_webhooks_hardly(stack: Stack) -> Iterator[str]:
    (stage,) = stack.of_type("AWS::ApiGatewayV2::Stage").values()
    limits = {"ThrottlingRateLimit", "ThrottlingBurstLimit"}
    if not limits <= stage.get("DefaultRouteSettings", {}).keys():
        yield "the API has no throttle"
    for route in stack.routes:
        own = stage.get("RouteSettings", {}).get(route, {})
        if "/webhooks/" in route and min((float(own.get(limit, 0)) for limit in limits), default=0) < 1000:
            yield f"{route} may answer a provider 429"


# What rings, writes, starts machines or makes the archiver work.
_ASKED_FOR_BY_PEOPLE = {
    "POST /calls",
    "POST /messages",
    "POST /campaigns",
    "POST /campaigns/{campaign_id}/contacts",
    "GET /calls/{call_id}/recording",
    "GET /recordings/{permalink}",
}


def what_costs_money_is_throttled_more_than_the_rest(stack: Stack) -> Iterator[str]:
    (stage,) = stack.of_type("AWS::ApiGatewayV2::Stage").values()
    of_all = stage.get("DefaultRouteSettings", {})
    for route in sorted(_ASKED_FOR_BY_PEOPLE):
        own = {**of_all, **stage.get("RouteSettings", {}).get(route, {})}
        for limit in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
            if float(own.get(limit, 0)) >= float(of_all.get(limit, 0)):
                yield f"{route} has no {limit} of its own"
    yield from (f"there is no {route}" for route in sorted(_ASKED_FOR_BY_PEOPLE - stack.routes.keys()))


def access_logs_carry_no_path(stack: Stack) -> Iterator[str]:
    (stage,) = stack.of_type("AWS::ApiGatewayV2::Stage").values()
    line = stage.get("AccessLogSettings", {}).get("Format", "")
    logged = set(re.findall(r"\$context\.([\w.]+)", line))
    allowed = {"requestId", "routeKey", "status", "responseLatency", "error.message"}
    yield from (f"the access log has {name}" for name in sorted(logged - allowed))
    yield from (f"the access log lacks {name}" for name in sorted(allowed - logged))


def cors_is_asked_for(stack: Stack) -> Iterator[str]:
    cors = stack.written["Resources"]["Api"]["Properties"].get("CorsConfiguration")
    match cors:
        case {"Fn::If": ["HasWidgetOrigins", {"AllowOrigins": _}, {"Ref": "AWS::NoValue"}]}:
            return
    yield f"CORS does not depend on the widget's origins: {cors}"


# --- queues and state ------------------------------------------------------------------------------------------------


def _mappings(stack: Stack) -> Iterable[tuple[str, str, dict[str, Any]]]:
    for mapping in stack.of_type("AWS::Lambda::EventSourceMapping").values():
        yield target(mapping["FunctionName"]), target(mapping["EventSourceArn"]), mapping


def messages_stay_hidden_for_six_time_outs(stack: Stack) -> Iterator[str]:
    queues = stack.of_type("AWS::SQS::Queue")
    for function, queue, _ in _mappings(stack):
        hidden = float(queues[queue].get("VisibilityTimeout", 30))
        if hidden < 6 * float(stack.functions[function]["Timeout"]):
            yield f"{queue} hides a message for {hidden:g} s only"


def workers_return_only_what_failed_and_leave_room_for_others(stack: Stack) -> Iterator[str]:
    for function, _, mapping in _mappings(stack):
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{function} fails whole batches"
        if "MaximumConcurrency" not in mapping.get("ScalingConfig", {}):
            yield f"{function} has no most at once"


def every_queue_has_a_dead_letter_queue(stack: Stack) -> Iterator[str]:
    queues = stack.of_type("AWS::SQS::Queue")
    redrives = {name: it["RedrivePolicy"] for name, it in queues.items() if "RedrivePolicy" in it}
    dead = {name: target(policy["deadLetterTargetArn"]) for name, policy in redrives.items()}
    for name, properties in queues.items():
        if name in dead.values():
            continue
        if name not in dead:
            yield f"{name} has no dead letter queue"
        elif queues[dead[name]].get("FifoQueue") != properties.get("FifoQueue"):
            yield f"{name} and its dead letter queue are of different kinds"
        elif int(redrives[name]["maxReceiveCount"]) < 5:
            yield f"{name} gives up after {redrives[name]['maxReceiveCount']}"


def what_is_kept_is_encrypted_and_private(stack: Stack) -> Iterator[str]:
    for name, queue in stack.of_type("AWS::SQS::Queue").items():
        if not queue.get("SqsManagedSseEnabled"):
            yield f"{name} is not encrypted"
    for name, table in stack.of_type("AWS::DynamoDB::Table").items():
        if not table.get("SSESpecification", {}).get("SSEEnabled"):
            yield f"{name} is not encrypted"
        if not table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield f"{name} cannot be restored"
    for name, bucket in stack.of_type("AWS::S3::Bucket").items():
        if "BucketEncryption" not in bucket:
            yield f"{name} is not encrypted"
        if list(bucket.get("PublicAccessBlockConfiguration", {}).values()) != [True] * 4:
            yield f"{name} may be made public"
        if bucket.get("OwnershipControls") != {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}:
            yield f"{name} has access lists"


def browsers_put_files_and_read_nothing(stack: Stack) -> Iterator[str]:
    rules = stack.of_type("AWS::S3::Bucket")["Bucket"].get("CorsConfiguration", {}).get("CorsRules", [])
    if sorted(method for rule in rules for method in rule["AllowedMethods"]) != ["PUT"]:
        yield "scripts may do something else than put a file"
    if any(rule.get("AllowedHeaders") != ["Content-Type"] for rule in rules):
        yield "scripts may send more than a file's type"


def state_outlives_the_stack(stack: Stack) -> Iterator[str]:
    for name, resource in stack.written["Resources"].items():
        if resource["Type"] in ("AWS::DynamoDB::Table", "AWS::S3::Bucket"):
            policies = {resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")}
            if policies != {"Retain"}:
                yield f"{name} goes with the stack"


def old_objects_go(stack: Stack) -> Iterator[str]:
    rules = stack.written["Resources"]["Bucket"]["Properties"].get("LifecycleConfiguration", {}).get("Rules", [])
    days = {rule.get("Prefix"): rule.get("ExpirationInDays") for rule in rules}
    if days.get("recordings/") != {"Ref": "RetentionDays"}:
        yield "recordings are not kept for the tenant's days"
    yield from (f"{prefix} is kept for ever" for prefix in ("quarantine/", "message-files/") if not days.get(prefix))
    if {"DaysAfterInitiation": 1} not in [rule.get("AbortIncompleteMultipartUpload") for rule in rules]:
        yield "unfinished uploads are kept"
    if not any("NoncurrentVersionExpiration" in rule for rule in rules):
        yield "what was deleted is kept"


def plain_http_is_refused_under_the_condition(stack: Stack) -> Iterator[str]:
    refused = set()
    for name, resource in stack.written["Resources"].items():
        if resource["Type"] not in ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"):
            continue
        (statement,) = resource["Properties"]["PolicyDocument"]["Statement"]
        if resource.get("Condition") != "TlsOnly":
            yield f"{name} has not the condition TlsOnly"
        if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}:
            refused |= {target(it) for it in as_list(statement["Resource"])}
    kept = stack.of_type("AWS::SQS::Queue", "AWS::S3::Bucket")
    yield from (f"{name} takes plain http" for name in sorted(kept.keys() - refused))
    if stack.written["Parameters"]["RequireTls"]["Default"] != "true":
        yield "TLS is not required unless asked for"


# --- alarms ----------------------------------------------------------------------------------------------------------

_OF_QUEUES = {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"}
_SYSTEMS = {SYSTEM, *PROVIDERS}


def _alarms(stack: Stack) -> Resources:
    return stack.of_type("AWS::CloudWatch::Alarm")


def alarms_watch_what_is_written(stack: Stack) -> Iterator[str]:
    written = metrics_in_code()
    queues = stack.of_type("AWS::SQS::Queue")
    for name, alarm in _alarms(stack).items():
        metric = alarm["MetricName"]
        dimensions = {it["Name"]: it["Value"] for it in alarm.get("Dimensions", [])}
        match alarm["Namespace"]:
            case "Santral" if metric not in written:
                yield f"{name} watches {metric}, which nothing writes"
            case "Santral":
                if (
                    dimensions.keys() != {"tenant", *written[metric]}
                    or dimensions["tenant"] != stack.parameters["Tenant"]
                ):
                    yield f"{name} watches {metric} by {sorted(dimensions)}, which nothing writes"
                elif dimensions.get("system", SYSTEM) not in _SYSTEMS:
                    yield f"{name} watches the unknown system {dimensions['system']}"
            case "AWS/SQS":
                queue = target(dimensions.get("QueueName"))
                if metric not in _OF_QUEUES or dimensions.keys() != {"QueueName"} or queue not in queues:
                    yield f"{name} watches no queue of ours"
            case "AWS/Lambda":
                function = target(dimensions.get("FunctionName"))
                if metric != "Errors" or dimensions.keys() != {"FunctionName"} or function not in stack.functions:
                    yield f"{name} watches no function of ours"
            case other:
                yield f"{name} watches {other}"


def what_is_lost_doubled_late_or_put_aside_raises_an_alarm(stack: Stack) -> Iterator[str]:
    watched = {(alarm["MetricName"], _what(alarm)) for alarm in _alarms(stack).values()}
    redrives = [it["RedrivePolicy"] for it in stack.of_type("AWS::SQS::Queue").values() if "RedrivePolicy" in it]
    dead = {target(it["deadLetterTargetArn"]) for it in redrives}
    wanted = {
        *((metric, "") for metric in ("calls_missing", "calls_doubled", "oldest_pending_seconds", "auth_failures")),
        *((metric, "") for metric in ("unexpected_errors", "webhooks_quarantined")),
        *(("breaker_open", system) for system in _SYSTEMS),
        *(("ApproximateNumberOfMessagesVisible", queue) for queue in dead),
        *(("ApproximateAgeOfOldestMessage", queue) for _, queue, _ in _mappings(stack)),
        *(("Errors", each) for each in stack.functions if stack.handler_file(each).parent.name == "webhooks"),
    }
    yield from (f"no alarm on {metric} {what}".strip() for metric, what in sorted(wanted - watched))


def what_alarms_watch_is_always_written_and_nothing_else_is(stack: Stack) -> Iterator[str]:
    watched = {alarm["MetricName"] for alarm in _alarms(stack).values() if alarm["Namespace"] == "Santral"}
    yield from (f"{metric} is watched, but written only among the extra metrics" for metric in watched - ESSENTIAL)
    yield from (f"{metric} is always written and no alarm watches it" for metric in ESSENTIAL - watched)


def _what(alarm: dict[str, Any]) -> str:
    """The system, queue or function an alarm is about, if it is about one."""
    dimensions = {it["Name"]: it["Value"] for it in alarm.get("Dimensions", [])}
    return next(
        (target(dimensions[name]) for name in ("QueueName", "FunctionName", "system") if name in dimensions), ""
    )


def every_alarm_tells_the_tenant_and_says_what_to_do(stack: Stack) -> Iterator[str]:
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (\w+)$", runbook, re.MULTILINE)
    for name, resource in stack.written["Resources"].items():
        if resource["Type"] != "AWS::CloudWatch::Alarm":
            continue
        told = {"Fn::If": ["HasAlarmEmail", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
        if resource["Properties"].get("AlarmActions") != told:
            yield f"{name} tells nobody"
        if not resource["Properties"].get("AlarmDescription", "").endswith(f"See docs/runbook.md, {name}."):
            yield f"{name} does not say where to look"
        if "TreatMissingData" not in resource["Properties"]:
            yield f"{name} leaves open what silence means"
        if name not in sections:
            yield f"{name} is not in docs/runbook.md"
    yield from (f"{name} of docs/runbook.md is no alarm" for name in sections if name not in stack.written["Resources"])


def only_this_stacks_alarms_use_their_topic(stack: Stack) -> Iterator[str]:
    for name, topic in stack.of_type("AWS::SNS::Topic").items():
        if target(topic.get("KmsMasterKeyId")) not in stack.of_type("AWS::KMS::Key"):
            yield f"{name} is not encrypted with a key that alarms may use"
        if stack.written["Resources"][name].get("Condition") != "HasAlarmEmail":
            yield f"{name} is there without anybody to tell"
    for name, policy in stack.of_type("AWS::SNS::TopicPolicy").items():
        for statement in policy["PolicyDocument"]["Statement"]:
            conditions = {key for condition in statement.get("Condition", {}).values() for key in condition}
            if (
                statement["Principal"] != {"Service": "cloudwatch.amazonaws.com"}
                or statement["Action"] != "sns:Publish"
            ):
                yield f"{name} lets in more than alarms"
            if conditions != {"aws:SourceAccount", "aws:SourceArn"}:
                yield f"{name} lets in alarms of others"


def the_dashboard_shows_what_is_written(stack: Stack) -> Iterator[str]:
    switches = {it["Environment"]["Variables"].get("EXTRA_METRICS") for it in stack.functions.values()}
    written = metrics_in_code().keys() if switches == {"true"} else ESSENTIAL
    for name, dashboard in stack.of_type("AWS::CloudWatch::Dashboard").items():
        body = dashboard["DashboardBody"]
        text = json.dumps(json.loads(body["Fn::Sub"] if isinstance(body, dict) else body))
        for shown in re.findall(r'"Santral", "(\w+)"|MetricName=\\"(\w+)', text):
            if (metric := "".join(shown)) not in written:
                yield f"{name} shows {metric}, which nothing writes"


def two_tenants_fit_in_one_account(stack: Stack) -> Iterator[str]:
    for types, key in (
        (("AWS::SecretsManager::Secret", "AWS::Scheduler::Schedule"), "Name"),
        (("AWS::Logs::LogGroup",), "LogGroupName"),
        (("AWS::SQS::Queue",), "QueueName"),
        (("AWS::DynamoDB::Table",), "TableName"),
        (("AWS::S3::Bucket",), "BucketName"),
        (("AWS::Lambda::Function",), "FunctionName"),
        (("AWS::IAM::Role",), "RoleName"),
        (("AWS::CloudWatch::Alarm",), "AlarmName"),
        (("AWS::CloudWatch::Dashboard",), "DashboardName"),
        (("AWS::SNS::Topic",), "TopicName"),
    ):
        others = of_type(stack.made_for_another_tenant, *types)
        for name, properties in stack.of_type(*types).items():
            if key in properties and properties[key] == others[name].get(key):
                yield f"{name} is called {properties[key]} in every stack"


def nothing_refers_to_what_is_not_there(stack: Stack) -> Iterator[str]:
    there = {*stack.made, "Api.Stage"}
    for name in sorted(set(_references(stack.made)) - there):
        if not name.startswith("AWS::"):
            yield f"something refers to {name}"


def _references(node: Any) -> Iterator[str]:
    match node:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), _]}:
            yield name
        case {"Fn::Sub": [str(text), {**own}]}:
            yield from (name for name in _variables(text) if name not in own)
            yield from _references(list(own.values()))
        case {"Fn::Sub": str(text)}:
            yield from _variables(text)
        case dict():
            yield from _references(list(node.values()))
        case list():
            for item in node:
                yield from _references(item)


def _variables(text: str) -> list[str]:
    return [name.split(".")[0] for name in re.findall(r"\$\{([^!}][^}]*)\}", text)]


RULES = (
    functions_have_the_rights_of_the_design_and_no_others,
    no_right_is_on_everything,
    table_rights_name_their_rows,
    every_right_says_what_it_is_for,
    every_function_has_a_role_of_its_own,
    only_the_authorizer_reads_the_api_tokens,
    webhooks_read_only_their_providers_secret,
    secrets_are_granted_by_an_arn_that_holds_everywhere,
    every_function_logs_to_a_group_of_its_own_and_for_so_long,
    only_the_archiver_carries_what_reads_audio,
    every_function_has_its_file,
    every_file_is_a_function,
    every_function_has_a_sample_event,
    every_function_gets_the_settings_it_reads,
    functions_behind_the_api_answer_before_it_gives_up,
    who_asks_outside_does_so_from_the_fixed_address_and_nobody_else_pays_for_it,
    what_runs_in_a_vpc_never_goes_inactive,
    network_interfaces_are_lambdas_business_alone,
    every_route_but_webhooks_and_permalinks_asks_the_authorizer,
    the_authorizer_answers_simply_and_for_five_minutes,
    the_api_is_throttled_and_webhooks_hardly,
    what_costs_money_is_throttled_more_than_the_rest,
    access_logs_carry_no_path,
    cors_is_asked_for,
    messages_stay_hidden_for_six_time_outs,
    workers_return_only_what_failed_and_leave_room_for_others,
    every_queue_has_a_dead_letter_queue,
    what_is_kept_is_encrypted_and_private,
    state_outlives_the_stack,
    browsers_put_files_and_read_nothing,
    old_objects_go,
    plain_http_is_refused_under_the_condition,
    alarms_watch_what_is_written,
    what_is_lost_doubled_late_or_put_aside_raises_an_alarm,
    what_alarms_watch_is_always_written_and_nothing_else_is,
    every_alarm_tells_the_tenant_and_says_what_to_do,
    only_this_stacks_alarms_use_their_topic,
    the_dashboard_shows_what_is_written,
    two_tenants_fit_in_one_account,
    nothing_refers_to_what_is_not_there,
)
