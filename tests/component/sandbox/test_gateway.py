"""What callers of an HTTP API see, and what its functions are given."""

import base64
import http.client
import json
import socket
from urllib.parse import urlsplit

import pytest
import requests


@pytest.fixture
def url(small_sandbox):
    return small_sandbox.url


@pytest.fixture
def token(small_sandbox):
    return {"Authorization": f"Bearer {small_sandbox.ready['agent_token']}"}


def echoed(response):
    assert response.status_code == 200, response.text
    return response.json()["event"]


def answered_with(url, answer, method="POST", **options):
    options.setdefault("headers", {})["Content-Type"] = "application/json"
    return requests.request(method, f"{url}/answer/this", data=json.dumps(answer).encode(), timeout=10, **options)


def test_a_route_of_the_template_reaches_its_function_with_payload_2(url):
    event = echoed(
        requests.get(
            f"{url}/open/some%20way/on?a=1&b=x%20y&a=2&empty=",
            headers={"X-Crm-User": "ayse@example.com", "Cookie": "one=1; two=2", "User-Agent": "test"},
            timeout=10,
        )
    )

    host = urlsplit(url).netloc
    assert event["version"] == "2.0"
    assert event["routeKey"] == "ANY /open/{rest+}"
    assert event["rawPath"] == "/open/some way/on"
    assert event["rawQueryString"] == "a=1&b=x%20y&a=2&empty="
    assert event["queryStringParameters"] == {"a": "1,2", "b": "x y", "empty": ""}
    assert event["pathParameters"] == {"rest": "some way/on"}
    assert event["cookies"] == ["one=1", "two=2"]
    assert event["headers"]["x-crm-user"] == "ayse@example.com"
    assert event["headers"]["x-forwarded-proto"] == "http"
    assert event["headers"]["host"] == host
    assert "cookie" not in event["headers"]
    assert event["isBase64Encoded"] is False
    assert "body" not in event
    context = event["requestContext"]
    assert context["domainName"] == host
    assert context["stage"] == "$default"
    assert context["http"] == {
        "method": "GET",
        "path": "/open/some way/on",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "test",
    }
    assert context["requestId"]


def test_the_environment_is_lambdas_and_the_templates_and_nothing_else(url, monkeypatch):
    environment = requests.get(f"{url}/open/x", timeout=10).json()["environment"]

    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "santral-Echo"
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert environment["_HANDLER"] == "functions.handlers.echo"
    assert environment["TZ"] == ":UTC"
    assert environment["TENANT"] == "sandbox"
    assert environment["EXTRA"] == "yes"
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert "HOME" not in environment


def test_layers_are_on_the_path(url):
    assert requests.get(f"{url}/open/x", timeout=10).json()["greeting"] == "hello from the layer"


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/json; charset=utf-8", '{"ad":"Şule"}', '{"ad":"Şule"}'),
        ("text/plain", "düz", "düz"),
        ("application/x-www-form-urlencoded", "a=1", None),
        ("application/octet-stream", "x", None),
        (None, "{}", None),
        ("application/json", b"\xff\xfe", None),
    ],
)
def test_only_text_comes_as_text(url, content_type, body, expected):
    raw = body if isinstance(body, bytes) else body.encode()
    headers = {"Content-Type": content_type} if content_type else {}

    event = echoed(requests.post(f"{url}/open/x", data=raw, headers=headers, timeout=10))

    if expected is None:
        assert event["isBase64Encoded"] is True
        assert base64.b64decode(event["body"]) == raw
    else:
        assert event["isBase64Encoded"] is False
        assert event["body"] == expected


def test_a_chunked_body_arrives_whole(url):
    event = echoed(
        requests.post(f"{url}/open/x", data=iter([b"ab", b"cd"]), headers={"Content-Type": "text/plain"}, timeout=10)
    )

    assert event["body"] == "abcd"


def test_repeated_headers_are_joined_and_lower_cased(url):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.putrequest("GET", "/open/x")
    connection.putheader("X-Twice", "a")
    connection.putheader("x-twice", "b")
    connection.endheaders()

    event = json.loads(connection.getresponse().read())["event"]
    connection.close()

    assert event["headers"]["x-twice"] == "a,b"


@pytest.mark.parametrize("path", ["/", "/nowhere", "/echo", "/echo/a/b", "/rare/", "/status"])
def test_an_unknown_path_is_not_found(url, path):
    response = requests.delete(url + path, timeout=10)

    assert response.status_code in (404, 405)
    if path != "/":
        assert (response.status_code, response.text) == (404, '{"message":"Not Found"}')


def test_a_method_the_route_has_not_is_not_found(url):
    assert requests.post(f"{url}/rare", timeout=10).status_code == 404
    assert requests.head(f"{url}/echo/mine", timeout=10).status_code == 404


def test_a_full_match_wins_over_a_variable(url, token):
    assert echoed(requests.get(f"{url}/echo/mine", timeout=10))["routeKey"] == "GET /echo/mine"
    assert echoed(requests.get(f"{url}/echo/other", headers=token, timeout=10))["routeKey"] == "GET /echo/{name}"


def test_no_identity_header_is_unauthorized(url):
    response = requests.get(f"{url}/echo/x", timeout=10)

    assert (response.status_code, response.text) == (401, '{"message":"Unauthorized"}')


def test_a_denied_identity_is_forbidden(url):
    response = requests.get(f"{url}/echo/x", headers={"Authorization": "Bearer wrong"}, timeout=10)

    assert (response.status_code, response.text) == (403, '{"message":"Forbidden"}')


def test_an_authorizer_that_fails_is_our_error(url):
    response = requests.get(f"{url}/echo/x", headers={"Authorization": "broken"}, timeout=10)

    assert (response.status_code, response.text) == (500, '{"message":"Internal Server Error"}')


def test_the_authorizers_context_reaches_the_function_and_its_answer_is_kept(url, token, small_sandbox):
    first = echoed(requests.get(f"{url}/echo/x", headers=token, timeout=10))
    asked = small_sandbox.log("Authorizer").count("authorizing")
    second = echoed(requests.post(f"{url}/echo/y", headers=token, timeout=10))

    assert first["requestContext"]["authorizer"] == {"lambda": {"role": "agent", "level": 1}}
    assert second["requestContext"]["authorizer"] == first["requestContext"]["authorizer"]
    assert small_sandbox.log("Authorizer").count("authorizing") == asked


def test_a_full_answer_passes_through(url):
    response = answered_with(
        url,
        {
            "statusCode": 302,
            "headers": {"Location": "https://elsewhere.example.com/", "X-Number": 5},
            "cookies": ["a=1; Path=/", "b=2"],
            "body": "",
        },
        allow_redirects=False,
    )

    assert response.status_code == 302
    assert response.headers["location"] == "https://elsewhere.example.com/"
    assert response.headers["x-number"] == "5"
    assert response.cookies.get_dict() == {"a": "1", "b": "2"}
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_binary_answers_are_decoded(url):
    answer = {"statusCode": 200, "isBase64Encoded": True, "body": base64.b64encode(b"\x00\xff").decode()}

    assert answered_with(url, answer).content == b"\x00\xff"


@pytest.mark.parametrize(("answer", "body"), [({"a": 1}, '{"a": 1}'), ("words", "words"), (None, "null"), ([1], "[1]")])
def test_an_answer_without_a_status_is_the_body(url, answer, body):
    response = answered_with(url, answer)

    assert (response.status_code, response.text) == (200, body)
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": 200, "body": {"not": "a string"}},
        {"statusCode": "many"},
        {"statusCode": 9999},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"a": ["b"]}},
        {"statusCode": 200, "isBase64Encoded": True, "body": "%%%"},
    ],
)
def test_an_ill_formed_answer_is_an_internal_error(url, answer):
    response = answered_with(url, answer)

    assert (response.status_code, response.text) == (500, '{"message":"Internal Server Error"}')


@pytest.mark.parametrize("what", ["raise", "exit", "time-out", "large"])
def test_a_function_that_fails_is_an_internal_error_and_tells_nothing(url, what):
    response = requests.get(f"{url}/answer/{what}", timeout=20)

    assert (response.status_code, response.text) == (500, '{"message":"Internal Server Error"}')


def test_what_a_failing_function_says_is_in_its_log(url, small_sandbox):
    requests.get(f"{url}/answer/raise", timeout=10)

    assert "about to fail" in small_sandbox.log("Answer")
    assert "a secret reason" in small_sandbox.log("Answer")


def test_a_function_slower_than_the_integration_allows_is_unavailable(url):
    response = requests.get(f"{url}/sleep", timeout=10)

    assert (response.status_code, response.text) == (503, '{"message":"Service Unavailable"}')


def test_a_head_answer_has_no_body(url):
    response = requests.head(f"{url}/open/x", timeout=10)

    assert response.status_code == 200
    assert int(response.headers["content-length"]) > 0
    assert response.content == b""


def test_a_body_over_10_megabytes_is_refused_after_it_was_read(url):
    session = requests.Session()

    response = session.post(f"{url}/open/x", data=b"x" * (10 * 1024 * 1024 + 1), timeout=30)

    assert (response.status_code, response.text) == (413, '{"message":"Request Entity Too Large"}')
    assert session.get(f"{url}/open/x", timeout=10).status_code == 200
    session.close()


def test_a_head_over_10240_bytes_is_refused(url):
    assert requests.get(f"{url}/open/x", headers={"X-Long": "x" * 9000}, timeout=10).status_code == 200
    for excess in ({"X-Long": "x" * 10_240}, {f"X-{number}": "x" for number in range(150)}):
        response = requests.get(f"{url}/open/x", headers=excess, timeout=10)
        assert response.status_code == 431
        assert "message" in response.json()


def test_what_is_no_http_is_a_bad_request(url):
    with socket.create_connection(("127.0.0.1", urlsplit(url).port), timeout=10) as connection:
        connection.sendall(b"HELLO\r\n\r\n")
        answer = connection.recv(65536)

    assert b"400" in answer.split(b"\r\n")[0]


@pytest.mark.parametrize("head", ["Content-Length: many", "Transfer-Encoding: chunked"])
def test_a_body_of_no_known_length_is_a_bad_request(url, head):
    with socket.create_connection(("127.0.0.1", urlsplit(url).port), timeout=10) as connection:
        connection.sendall(f"POST /open/x HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\nmany\r\n".encode())
        answer = connection.recv(65536)

    assert b"400" in answer.split(b"\r\n")[0]


def test_more_than_a_routes_burst_is_too_many(url):
    answers = [requests.get(f"{url}/rare", timeout=10) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].text == '{"message":"Too Many Requests"}'


def test_preflights_are_answered_by_the_template(url):
    asked = {"Origin": "https://crm.example.com", "Access-Control-Request-Method": "GET"}

    response = requests.options(f"{url}/echo/x", headers=asked, timeout=10)

    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "https://crm.example.com"
    assert response.headers["access-control-allow-methods"] == "GET,POST"
    assert response.headers["access-control-allow-headers"] == "authorization,content-type"
    assert response.headers["access-control-max-age"] == "600"


def test_a_foreign_origin_gets_no_cors_headers(url):
    asked = {"Origin": "https://evil.example.com", "Access-Control-Request-Method": "GET"}

    response = requests.options(f"{url}/echo/x", headers=asked, timeout=10)

    assert response.status_code == 204
    assert not [name for name in response.headers if name.lower().startswith("access-control-")]


def test_cors_headers_are_the_gateways_also_on_refusals(url):
    origin = {"Origin": "https://crm.example.com"}
    answer = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}}

    assert requests.get(f"{url}/echo/x", headers=origin, timeout=10).headers["access-control-allow-origin"]
    assert answered_with(url, answer, headers=origin).headers["access-control-allow-origin"] == origin["Origin"]
    assert "access-control-allow-origin" not in answered_with(url, answer).headers
