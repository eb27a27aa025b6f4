"""`python -m sandbox` as a process: what it prints, what it starts, and what it leaves behind."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
import requests

from sandbox.processes import start_module
from sandbox.system import ROOT, Sandbox
from sandbox.tenant import TenantFile

PATIENCE = 60
SMALL_STACK = Path(__file__).parent.parent / "stack" / "template.yaml"


@contextlib.contextmanager
def started(*arguments):
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ready(process):
    line = process.stdout.readline()
    assert line.startswith("READY "), process.stderr.read()
    return json.loads(line.removeprefix("READY "))


def children(process):
    """The processes started by this one, and theirs."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = path.read_text().rsplit(")", 1)[1].split()
            parents[int(path.parent.name)] = int(fields[1])
    family = {process.pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sorted(family - {process.pid})


def alive(process_id):
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def wait_until_gone(process_ids):
    for _ in range(200):
        if not any(alive(process_id) for process_id in process_ids):
            return
        time.sleep(0.05)
    pytest.fail(f"still there: {[it for it in process_ids if alive(it)]}")


def listening_addresses(process_ids):
    """The local addresses these processes listen on, as the kernel writes them."""
    sockets = set()
    for process_id in process_ids:
        for entry in Path(f"/proc/{process_id}/fd").iterdir():
            with contextlib.suppress(OSError):
                sockets.add(str(entry.readlink()))
    addresses = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                addresses.add(fields[1].split(":")[0])
    return addresses


def call_something(facts):
    """A request that needs a worker, whatever it answers."""
    headers = {"Authorization": f"Bearer {facts['agent_token']}"}
    return requests.get(f"{facts['url']}/calls/virtualats:none", headers=headers, timeout=PATIENCE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_and_all_it_started(number):
    with started() as process:
        facts = ready(process)
        call_something(facts)
        family = children(process)

        process.send_signal(number)

        assert process.wait(PATIENCE) == 0
        assert len(family) >= 2
        wait_until_gone(family)
        for address in (facts["url"], facts["aws_endpoint"], *facts["simulators"].values()):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", urlsplit(address).port)).close()


def test_what_it_started_does_not_outlive_it_when_it_is_killed():
    with started() as process:
        call_something(ready(process))
        family = children(process)

        process.kill()
        process.wait(PATIENCE)

        assert len(family) >= 2
        wait_until_gone(family)


def test_a_start_that_fails_half_way_leaves_nothing(tmp_path):
    tenant = tmp_path / "tenant.json"
    tenant.write_text(json.dumps({"secrets": {"zoho": {}, "pigeon": {"wings": 2}}}))

    with started("--tenant", str(tenant)) as process:
        output, complaint = process.communicate(timeout=PATIENCE)

    assert process.returncode == 1
    assert output == ""
    assert "no secret pigeon" in complaint
    assert "Traceback" not in complaint


def test_a_signal_while_starting_leaves_nothing():
    with started() as process:
        for _ in range(200):
            if family := children(process):
                break
            time.sleep(0.05)
        process.terminate()

        assert process.wait(PATIENCE) == 0
        wait_until_gone(family)


def test_everything_listens_on_loopback_only():
    with started() as process:
        call_something(ready(process))

        assert listening_addresses([process.pid, *children(process)]) == {"0100007F"}


def test_ready_tells_what_its_user_must_know():
    with started() as process:
        facts = ready(process)

        assert {
            "url",
            "aws_endpoint",
            "table",
            "bucket",
            "events_queue_url",
            "events_dlq_url",
            "agent_token",
            "admin_token",
        } <= facts.keys()
        assert set(facts["simulators"]) == {"virtualats", "kobikom", "verimor", "wapcrm", "zoho"}
        assert facts["webhooks"]["virtualats"].startswith(facts["url"] + "/webhooks/virtualats/")
        aws = {"endpoint_url": facts["aws_endpoint"], "region_name": facts["region"]}
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        table = boto3.client("dynamodb", **aws, **keys).describe_table(TableName=facts["table"])["Table"]
        assert {index["IndexName"] for index in table["GlobalSecondaryIndexes"]} == {
            "due",
            "by_phone",
            "by_day",
            "live",
        }
        boto3.client("s3", **aws, **keys).head_bucket(Bucket=facts["bucket"])
        for queue in ("events_queue_url", "events_dlq_url", "recordings_queue_url", "recordings_dlq_url"):
            boto3.client("sqs", **aws, **keys).get_queue_attributes(QueueUrl=facts[queue])


def test_two_sandboxes_run_side_by_side(tmp_path, small_sandbox):
    with Sandbox(tmp_path, template=SMALL_STACK, tenant=TenantFile(), with_timers=False) as other:
        assert other.url != small_sandbox.url
        assert other.aws.endpoint != small_sandbox.aws.endpoint
        other.invoke("Writer", {"do": "put"})
        for sandbox in (other, small_sandbox):
            assert requests.get(f"{sandbox.url}/open/x", timeout=PATIENCE).status_code == 200
        token = {"Authorization": f"Bearer {other.ready['agent_token']}"}
        assert requests.get(f"{other.url}/echo/x", headers=token, timeout=PATIENCE).status_code == 200
        assert requests.get(f"{small_sandbox.url}/echo/x", headers=token, timeout=PATIENCE).status_code == 403


def test_a_taken_port_is_a_sentence(small_sandbox):
    port = urlsplit(small_sandbox.url).port

    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "--port", str(port)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert str(port) in done.stderr


def test_a_running_schedule_fires_by_itself(tmp_path):
    template = tmp_path / "template.yaml"
    template.write_text(SMALL_STACK.read_text().replace("rate(1 minute)", "rate(1 second)"))
    for folder in ("functions", "layer"):
        (tmp_path / folder).symlink_to(SMALL_STACK.parent / folder)

    with Sandbox(tmp_path / "run", template=template, tenant=TenantFile()) as sandbox:
        for _ in range(400):
            if sandbox.root.dynamodb.scan(TableName=sandbox.stack.physical_ids["Table"])["Count"]:
                break
            time.sleep(0.05)
        else:
            pytest.fail(sandbox.log("Timer"))


def test_a_child_started_by_a_thread_that_ended_lives_on_until_this_process_ends(tmp_path):
    # The kernel's parent-death signal would end it with the thread.
    child = []
    log = tmp_path / "log"

    def start():
        arguments = ["0", "--bind", "127.0.0.1"]
        child.append(start_module("http.server", arguments, environment={}, folder=tmp_path, log=log))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            child[0].wait(0.5)
    finally:
        child[0].kill()
        child[0].wait()


def test_a_tenant_file_decides_what_is_set_up(tmp_path):
    tenant = TenantFile(
        settings={"language": "az", "country": "AZ"},
        secrets={"virtualats": {"public_key": "ours"}},
        users=[{"email": "nigar@example.com", "extensions": {"virtualats": ["104"]}}],
    )

    with Sandbox(tmp_path, tenant=tenant, with_timers=False) as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.ready['agent_token']}"}
        checks = requests.get(f"{sandbox.url}/status", headers=headers, timeout=PATIENCE).json()["checks"]
        well = {check["name"]: check["ok"] for check in checks}
        written = json.loads(
            sandbox.root.secrets.get_secret_value(SecretId="santral/sandbox/virtualats")["SecretString"]
        )

        assert (well["virtualats"], well["zoho"]) == (True, False)
        assert "wapcrm" not in well
        assert set(sandbox.simulators) == {"virtualats"}
        assert written["public_key"] == "ours"
        assert written["base_url"].startswith(sandbox.simulators["virtualats"].url)
        assert sandbox.stack.environments["Dial"]["LANGUAGE"] == "az"
        assert sandbox.stack.environments["RecordEvent"]["PUBLIC_URL"] == sandbox.url
        with pytest.raises(sandbox.root.secrets.exceptions.ResourceNotFoundException):
            sandbox.root.secrets.get_secret_value(SecretId="santral/sandbox/zoho")
