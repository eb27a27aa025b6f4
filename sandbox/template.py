"""What template.yaml says: functions, routes, queues, schedules. The sandbox keeps no second list.

Reading goes as in AWS: parameters and conditions are worked out, SAM's transform makes plain CloudFormation of the
rest, and what is needed is picked from that.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.translator import Translator

from sandbox.intrinsics import NO_VALUE, Scope, TemplateError, evaluate, load_yaml, unresolved

REGION: Final = "eu-central-1"
ACCOUNT = "000000000000"
STACK = "santral"

_PSEUDO_PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NoValue": NO_VALUE,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/local",
    "AWS::StackName": STACK,
    "AWS::URLSuffix": "amazonaws.com",
}
_FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{STACK}-"
_FIXED_RATE = re.compile(r"rate\((\d+) (second|minute|hour|day)s?\)")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_WITH_NOTHING_BEHIND = "s3://built-elsewhere/artefact"


@dataclass(frozen=True)
class Function:
    name: str
    handler: str
    code: Path
    layers: tuple[Path, ...]
    environment: Mapping[str, Any] = field(repr=False)  # as in the template: it may name resources
    timeout: float
    memory: int
    role: str
    log_format: str = "Text"

    @property
    def arn(self) -> str:
        return _FUNCTION_ARN + self.name

    def resolved_environment(self, scope: Scope) -> dict[str, str]:
        """Its variables, once every resource has a name."""
        values = evaluate(dict(self.environment), scope)
        for variable, value in values.items():
            if unresolved(value):
                raise TemplateError(f"{variable} of {self.name} refers to something unknown: {value}")
        return {variable: str(value) for variable, value in values.items()}


@dataclass(frozen=True)
class Throttle:
    rate: float
    burst: float


@dataclass(frozen=True)
class Route:
    method: str  # ANY for every method
    path: str  # $default for whatever nothing else takes
    function: str
    authorizer: str | None = None
    timeout: float = 30
    throttle: Throttle | None = None

    @property
    def key(self) -> str:
        return self.path if self.path == "$default" else f"{self.method} {self.path}"


@dataclass(frozen=True)
class Authorizer:
    name: str
    function: str
    identity_sources: tuple[str, ...]
    ttl: float


@dataclass(frozen=True)
class Cors:
    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed_headers: tuple[str, ...] = ()
    credentials: bool = False
    max_age: int | None = None


@dataclass(frozen=True)
class HttpApi:
    routes: tuple[Route, ...] = ()
    authorizers: Mapping[str, Authorizer] = field(default_factory=dict)
    cors: Cors | None = None


@dataclass(frozen=True)
class EventSource:
    """A queue whose messages a function is given."""

    function: str
    queue: str
    batch_size: int
    reports_failures: bool
    concurrency: int


@dataclass(frozen=True)
class Schedule:
    function: str
    every: float
    payload: str | None


class Template:
    """One reading of a template with given parameters."""

    def __init__(self, path: Path, settings: Mapping[str, Any], defaults: Mapping[str, str] | None = None) -> None:
        """`defaults` are ours: they count before the template's, for the parameters that exist."""
        self.folder = path.resolve().parent
        source = load_yaml(path.read_text(encoding="utf-8"))
        self.parameters = _parameters(source.get("Parameters", {}), settings, defaults or {})
        scope = Scope(
            references={**_PSEUDO_PARAMETERS, **self.parameters},
            conditions=source.get("Conditions", {}),
            mappings=source.get("Mappings", {}),
        )
        self._source = _with_parameters(source, scope)
        self.resources = evaluate(_transformed(self._source), scope)
        self.outputs: dict[str, Any] = _existing(source.get("Outputs", {}), scope)

    def of_type(self, *types: str) -> dict[str, dict[str, Any]]:
        """The properties of all resources of these types, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] in types
        }

    @cached_property
    def functions(self) -> dict[str, Function]:
        return {name: self._function(name, it) for name, it in self.of_type("AWS::Lambda::Function").items()}

    @cached_property
    def api_id(self) -> str | None:
        """The logical id of the HTTP API."""
        ids = list(self.of_type("AWS::ApiGatewayV2::Api"))
        if len(ids) > 1:
            raise TemplateError(f"one HTTP API can be served, not {len(ids)}: {', '.join(ids)}")
        return ids[0] if ids else None

    @cached_property
    def http_api(self) -> HttpApi:
        if self.api_id is None:
            return HttpApi()
        body = self.resources[self.api_id]["Properties"]["Body"]
        schemes = body.get("components", {}).get("securitySchemes", {})
        return HttpApi(
            routes=tuple(self._routes(body["paths"], schemes)),
            authorizers={
                name: self._authorizer(name, scheme["x-amazon-apigateway-authorizer"])
                for name, scheme in schemes.items()
            },
            cors=_cors(body.get("x-amazon-apigateway-cors")),
        )

    @cached_property
    def event_sources(self) -> tuple[EventSource, ...]:
        return tuple(
            _event_source(mapping)
            for mapping in self.of_type("AWS::Lambda::EventSourceMapping").values()
            if mapping.get("Enabled", True)
        )

    @cached_property
    def schedules(self) -> tuple[Schedule, ...]:
        return tuple(
            Schedule(
                function=_logical_id(schedule["Target"]["Arn"]),
                every=_period(schedule["ScheduleExpression"]),
                payload=schedule["Target"].get("Input"),
            )
            for schedule in self.of_type("AWS::Scheduler::Schedule").values()
            if schedule.get("State", "ENABLED") == "ENABLED"
        )

    def rights(self, function: Function) -> Iterator[dict[str, Any]]:
        """The statements of its own role's policies."""
        for policy in self.resources[function.role]["Properties"].get("Policies", []):
            yield from policy["PolicyDocument"]["Statement"]

    def _function(self, name: str, properties: dict[str, Any]) -> Function:
        shared = self._source.get("Globals", {}).get("Function", {})
        own = self._source["Resources"][name]["Properties"]
        layers = [*shared.get("Layers", []), *own.get("Layers", [])]
        return Function(
            name=name,
            handler=properties["Handler"],
            code=self.folder / own.get("CodeUri", shared.get("CodeUri", ".")),
            layers=tuple(self._layer_folder(_logical_id(layer)) for layer in layers),
            environment=properties.get("Environment", {}).get("Variables", {}),
            timeout=float(properties.get("Timeout", 3)),
            memory=int(properties.get("MemorySize", 128)),
            role=_logical_id(properties["Role"]),
            log_format=properties.get("LoggingConfig", {}).get("LogFormat", "Text"),
        )

    def _layer_folder(self, name: str) -> Path:
        return self.folder / str(self._source["Resources"][name]["Properties"]["ContentUri"])

    def _routes(self, paths: dict[str, Any], schemes: dict[str, Any]) -> Iterator[Route]:
        stage = next(iter(self.of_type("AWS::ApiGatewayV2::Stage").values()), {})
        for path, methods in paths.items():
            for method, operation in methods.items():
                integration = operation["x-amazon-apigateway-integration"]
                route = Route(
                    method="ANY" if "any" in method else method.upper(),
                    path=path.removeprefix("/") if path == "/$default" else path,
                    function=self._function_behind(integration["uri"]),
                    authorizer=next((it for use in operation.get("security", []) for it in use if it in schemes), None),
                    timeout=integration.get("timeoutInMillis", 30_000) / 1000,
                )
                yield _throttled(route, stage)

    def _authorizer(self, name: str, settings: dict[str, Any]) -> Authorizer:
        if not settings.get("enableSimpleResponses"):
            raise TemplateError(f"the authorizer {name} does not answer simply (EnableSimpleResponses)")
        sources = settings.get("identitySource", [])
        return Authorizer(
            name=name,
            function=self._function_behind(settings["authorizerUri"]),
            identity_sources=tuple(sources.split(",") if isinstance(sources, str) else sources),
            ttl=float(settings.get("authorizerResultTtlInSeconds", 0)),
        )

    def _function_behind(self, uri: Any) -> str:
        names = self.of_type("AWS::Lambda::Function")
        written_out = evaluate(uri, Scope(attributes={(name, "Arn"): _FUNCTION_ARN + name for name in names}))
        if found := re.search(re.escape(_FUNCTION_ARN) + r"(\w+)/invocations", str(written_out)):
            return found[1]
        raise TemplateError(f"no function of this template behind {uri}")


def _parameters(declared: dict[str, Any], settings: Mapping[str, Any], defaults: Mapping[str, str]) -> dict[str, Any]:
    """The parameters' values. A setting is a parameter by its own name or in snake case."""
    names = {_plain(name): name for name in declared}
    if unknown := [name for name in settings if _plain(name) not in names]:
        raise TemplateError(f"the template has no parameter for {', '.join(sorted(unknown))}")
    given = {**defaults, **{names[_plain(name)]: _as_parameter(value) for name, value in settings.items()}}
    return {name: _parameter(name, declaration, given) for name, declaration in declared.items()}


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _as_parameter(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parameter(name: str, declaration: dict[str, Any], given: Mapping[str, str]) -> Any:
    if name not in given and "Default" not in declaration:
        raise TemplateError(f"the parameter {name} needs a value")
    value = str(given.get(name, declaration.get("Default")))
    allowed = [str(choice) for choice in declaration.get("AllowedValues", [])]
    if allowed and value not in allowed:
        raise TemplateError(f"{name} is one of {', '.join(allowed)}, not {value}")
    is_list = declaration["Type"] in ("CommaDelimitedList", "List<String>")
    items = [item.strip() for item in value.split(",") if item.strip()] if is_list else [value]
    for item in items:
        if "AllowedPattern" in declaration and not re.fullmatch(declaration["AllowedPattern"], item):
            raise TemplateError(f"{name} does not match {declaration['AllowedPattern']}: {item}")
    return items if is_list else value


def _with_parameters(source: dict[str, Any], scope: Scope) -> dict[str, Any]:
    return {
        "Transform": source.get("Transform", "AWS::Serverless-2016-10-31"),
        "Globals": evaluate(source.get("Globals", {}), scope),
        "Resources": _existing(source["Resources"], scope),
    }


def _existing(entries: dict[str, Any], scope: Scope) -> dict[str, Any]:
    """Those whose condition holds."""
    return {
        name: evaluate({key: value for key, value in entry.items() if key != "Condition"}, scope)
        for name, entry in entries.items()
        if "Condition" not in entry or scope.condition(entry["Condition"])
    }


def _transformed(source: dict[str, Any]) -> dict[str, Any]:
    source = copy.deepcopy(source)
    shared = source["Globals"].get("Function", {})
    for properties in (shared, *(resource.get("Properties", {}) for resource in source["Resources"].values())):
        # The transform refuses folders; nothing that runs is deployed from its outcome.
        for key in {"CodeUri", "ContentUri"} & properties.keys():
            properties[key] = _WITH_NOTHING_BEHIND
    # The session gives the transform its region; it asks AWS nothing.
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
    try:
        resources: dict[str, Any] = translator.translate(source, {})["Resources"]
    except InvalidDocumentException as error:
        raise TemplateError("\n".join(str(cause.message) for cause in error.causes)) from error
    return resources


def _logical_id(reference: Any) -> str:
    match reference:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return name
    raise TemplateError(f"a reference to a resource of this template was expected, not {reference}")


def _throttled(route: Route, stage: dict[str, Any]) -> Route:
    settings = {**stage.get("DefaultRouteSettings", {}), **stage.get("RouteSettings", {}).get(route.key, {})}
    if "ThrottlingRateLimit" not in settings and "ThrottlingBurstLimit" not in settings:
        return route
    rate = float(settings.get("ThrottlingRateLimit", 10_000))
    return replace(route, throttle=Throttle(rate, float(settings.get("ThrottlingBurstLimit", 5_000))))


def _cors(settings: dict[str, Any] | None) -> Cors | None:
    if not settings:
        return None
    return Cors(
        origins=tuple(settings.get("allowOrigins", [])),
        methods=tuple(settings.get("allowMethods", [])),
        headers=tuple(settings.get("allowHeaders", [])),
        exposed_headers=tuple(settings.get("exposeHeaders", [])),
        credentials=bool(settings.get("allowCredentials", False)),
        max_age=settings.get("maxAge"),
    )


def _event_source(mapping: dict[str, Any]) -> EventSource:
    batch_size = int(mapping.get("BatchSize", 10))
    if batch_size > 10:
        raise TemplateError("a batch of more than 10 messages needs a batching window, which is not played here")
    return EventSource(
        function=_logical_id(mapping["FunctionName"]),
        queue=_logical_id(mapping["EventSourceArn"]),
        batch_size=batch_size,
        reports_failures="ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", []),
        concurrency=int(mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 5)),
    )


def _period(expression: str) -> float:
    found = _FIXED_RATE.fullmatch(expression)
    if not found:
        raise TemplateError(f"only rate(..) schedules are played here, not {expression}")
    return int(found[1]) * _SECONDS[found[2]]
