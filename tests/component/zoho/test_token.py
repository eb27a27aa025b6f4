import threading

import pytest

from santral.errors import Busy, CredentialsRefused
from santral.zoho.users import current_user


def test_a_hundred_containers_at_once_fetch_one_token(container, crm):
    crm.limits.concurrency = 200
    start = threading.Barrier(100)
    failures = []

    def work():
        tenant = container()
        start.wait()
        try:
            current_user(tenant.zoho)
        except Exception as error:  # noqa: BLE001 (whatever it is, the test is to show it)
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert crm.accounts.minted == 1
    assert crm.counts["token"] == 1


def test_many_containers_replace_an_expired_token_once(container, crm):
    tenants = [container() for _ in range(10)]
    for tenant in tenants:
        current_user(tenant.zoho)
    crm.expire_access_tokens()

    for tenant in tenants:
        current_user(tenant.zoho)

    assert crm.counts["token"] == 2


def test_a_revoked_authorisation_is_tried_once_a_minute_and_works_again_once_restored(container, crm, clock):
    crm.revoke_refresh_token()
    for _ in range(30):
        with pytest.raises(CredentialsRefused):
            current_user(container().zoho)
    assert crm.counts["token"] == 1

    clock.pass_seconds(60)
    with pytest.raises(CredentialsRefused):
        current_user(container().zoho)
    assert crm.counts["token"] == 2

    crm.restore_refresh_token()
    clock.pass_seconds(60)
    assert current_user(container().zoho)["full_name"] == "Ayşe Demir"


def test_a_lock_out_of_the_token_endpoint_is_waited_for(container, crm, clock):
    for _ in range(10):
        crm.expire_access_tokens()
        current_user(container().zoho)
    crm.expire_access_tokens()

    for _ in range(5):
        with pytest.raises(Busy):
            current_user(container().zoho)
    assert crm.counts["token"] == 11

    clock.pass_seconds(600)
    current_user(container().zoho)


def test_too_many_requests_at_once_are_told_to_slow_down(tenant, crm):
    current_user(tenant.zoho)
    crm.limits.concurrency = 0

    with pytest.raises(Busy):
        current_user(tenant.zoho)
