from functions.queues.list_queues import handler as list_queues
from tests.fakes.doors import call, sample


def test_queues_are_listed_from_the_first_provider_that_has_any(tenant):
    assert call(list_queues, sample("queues/list_queues")).json == {"queues": [{"queue": "200", "name": "Destek"}]}
