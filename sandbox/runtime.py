"""Lambda's side of a function: the Runtime API, one process per concurrent invocation, time-outs and what follows them.

The processes run AWS's own runtime client, so a handler meets the same event loop, error answers and context as in
Lambda: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import os
import queue
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, cast

from sandbox import processes

_API = "/2018-06-01/runtime"
_LARGEST_PAYLOAD = 6 * 1024 * 1024
_LARGEST_ANSWER = 6_291_556  # Lambda's own number: 6 MB and a hundred bytes
# Lambda allows 10 s; a laptop compiling and sharing two cores gets more.
_INIT_TIMEOUT = 30.0
_CREDENTIALS_MARGIN = 60.0


@dataclass(frozen=True)
class Answer:
    """What the handler returned, as JSON."""

    payload: bytes

    def json(self) -> Any:
        return json.loads(self.payload)


@dataclass(frozen=True)
class Failure:
    """The handler raised, did not load, took too long, took its process along, or met an event or answer too large."""

    kind: Literal["error", "init", "timeout", "exit", "size"]
    payload: bytes = field(default=b"{}")

    def json(self) -> Any:
        return json.loads(self.payload)


Outcome = Answer | Failure


@dataclass(frozen=True)
class Credentials:
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expires_at: float


@dataclass(frozen=True)
class Code:
    """Where a function's code lies and how Python is to find it."""

    folder: Path
    python_path: tuple[Path, ...]
    interpreter_options: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Executable:
    """A function ready to run."""

    name: str
    handler: str
    arn: str
    code: Code
    environment: Mapping[str, str] = field(repr=False)
    timeout: float
    memory: int
    log: Path
    log_format: str = "Text"


class Worker:
    """One process of a function. It takes one event at a time; after a time-out or an exit it is gone."""

    def __init__(self, function: Executable, credentials: Credentials) -> None:
        self.credentials = credentials
        self._function = function
        self._events: queue.SimpleQueue[tuple[str, bytes] | None] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._loaded = threading.Event()
        self._api = _RuntimeApi(self)
        self._process = processes.start_module(
            "awslambdaric",
            [function.handler],
            environment=_environment(function, credentials, self._api.server_port),
            folder=function.code.folder,
            log=function.log,
            options=function.code.interpreter_options,
        )
        for task in (self._serve_api, self._notice_exit):
            threading.Thread(target=task, name=f"{task.__name__}-{function.name}", daemon=True).start()

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def invoke(self, event: bytes) -> Outcome:
        if len(event) > _LARGEST_PAYLOAD:
            return Failure("size", _error("RequestTooLargeException", "the event is larger than 6 MB"))
        self._events.put((str(uuid.uuid4()), event))
        # As in Lambda, loading the code does not count against the function's own time-out.
        if not self._loaded.wait(_INIT_TIMEOUT):
            return self._give_up(_INIT_TIMEOUT)
        try:
            return self._outcomes.get(timeout=self._function.timeout)
        except queue.Empty:
            return self._give_up(self._function.timeout)

    def stop(self) -> None:
        self._events.put(None)
        if self.alive:
            self._process.kill()
        self._process.wait()
        self._api.shutdown()
        self._api.server_close()

    def next_event(self) -> tuple[str, bytes] | None:
        """For the Runtime API: waits for the next event; None once the worker is stopped."""
        self._loaded.set()
        return self._events.get()

    def deadline(self) -> int:
        return int((time.time() + self._function.timeout) * 1000)

    def arn(self) -> str:
        return self._function.arn

    def report(self, outcome: Outcome) -> None:
        """For the Runtime API: how the invocation, or the loading, ended."""
        self._outcomes.put(outcome)
        self._loaded.set()

    def _serve_api(self) -> None:
        self._api.serve_forever(poll_interval=0.1)

    def _notice_exit(self) -> None:
        status = self._process.wait()
        self.report(Failure("exit", _error("Runtime.ExitError", f"the process ended with status {status}")))

    def _give_up(self, seconds: float) -> Failure:
        self._process.kill()
        sentence = f"Task timed out after {seconds:.2f} seconds"
        with self._function.log.open("a", encoding="utf-8") as log:
            log.write(sentence + "\n")
        return Failure("timeout", _error("Sandbox.Timedout", sentence))


class Pool:
    """A function's workers: started on demand, kept warm, at most so many at once."""

    def __init__(self, function: Executable, credentials: Callable[[], Credentials], limit: int = 8) -> None:
        self.function = function
        self._credentials = credentials
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._stopped = False
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(limit)

    def invoke(self, event: Any) -> Outcome:
        """Give the event to a worker, waiting for one if all are busy."""
        payload = json.dumps(event, ensure_ascii=False).encode()
        with self._slots:
            worker = self._take()
            outcome = worker.invoke(payload)
            self._give_back(worker, outcome)
        return outcome

    def process_ids(self) -> list[int]:
        with self._lock:
            return [worker.process_id for worker in self._all]

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            workers, self._all, self._idle = self._all, set(), []
        for worker in workers:
            worker.stop()

    def _take(self) -> Worker:
        while (worker := self._most_recent()) is not None:
            # Credentials stand in the environment, so a worker lives no longer than they do.
            good_until = time.time() + self.function.timeout + _CREDENTIALS_MARGIN
            if worker.alive and worker.credentials.expires_at > good_until:
                return worker
            self._discard(worker)
        worker = Worker(self.function, self._credentials())
        with self._lock:
            self._all.add(worker)
            stopped = self._stopped
        if stopped:
            worker.stop()
        return worker

    def _most_recent(self) -> Worker | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _give_back(self, worker: Worker, outcome: Outcome) -> None:
        if isinstance(outcome, Answer) or outcome.kind == "error":
            with self._lock:
                self._idle.append(worker)
        else:
            self._discard(worker)

    def _discard(self, worker: Worker) -> None:
        with self._lock:
            self._all.discard(worker)
        worker.stop()


class _RuntimeApi(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, worker: Worker) -> None:
        super().__init__(("127.0.0.1", 0), _RuntimeApiHandler)
        self.worker = worker

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A killed process hangs up.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _RuntimeApiHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Together these keep an answer in one packet; else Nagle and delayed ACK cost every warm call 40 ms.
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024

    @property
    def _worker(self) -> Worker:
        return cast(_RuntimeApi, self.server).worker

    def do_GET(self) -> None:
        event = self._worker.next_event()
        if event is None:
            self.close_connection = True
            return
        request_id, payload = event
        self._answer(
            HTTPStatus.OK,
            payload,
            {
                "Lambda-Runtime-Aws-Request-Id": request_id,
                "Lambda-Runtime-Deadline-Ms": str(self._worker.deadline()),
                "Lambda-Runtime-Invoked-Function-Arn": self._worker.arn(),
                "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
            },
        )

    def do_POST(self) -> None:
        payload = self._body()
        match self.path.removeprefix(_API).strip("/").split("/"):
            case ["invocation", _, "response"] if len(payload) > _LARGEST_ANSWER:
                self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                self._worker.report(Failure("size", _error("Function.ResponseSizeTooLarge", "the answer is over 6 MB")))
            case ["invocation", _, "response"]:
                self._accept(Answer(payload))
            case ["invocation", _, "error"]:
                self._accept(Failure("error", payload))
            case ["init", "error"]:
                self._accept(Failure("init", payload))
            case _:
                self._answer(HTTPStatus.NOT_FOUND)

    def _accept(self, outcome: Outcome) -> None:
        self._answer(HTTPStatus.ACCEPTED)
        self._worker.report(outcome)

    def _answer(self, status: HTTPStatus, payload: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)
        self.wfile.flush()

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return b"".join(iter(self._chunk, b""))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    def log_message(self, *_: object) -> None:
        """The function's own log is what counts."""


def _error(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def _environment(function: Executable, credentials: Credentials, api_port: int) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": os.pathsep.join(str(folder) for folder in function.code.python_path),
        "_HANDLER": function.handler,
        "LAMBDA_TASK_ROOT": str(function.code.folder),
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": function.arn.rsplit(":", 1)[1],
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": function.log_format,
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.arn.rsplit(':', 1)[1]}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"local/{uuid.uuid4().hex}",
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api_port}",
        "AWS_REGION": function.arn.split(":")[3],
        "AWS_DEFAULT_REGION": function.arn.split(":")[3],
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        **function.code.environment,
        **function.environment,
    }
