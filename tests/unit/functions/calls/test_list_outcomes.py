from functions.calls.list_outcomes import handler as list_outcomes
from tests.fakes.doors import call, sample


def test_the_tree_is_listed_with_its_branches(tenant):
    heard = call(list_outcomes, sample("calls/list_outcomes"))

    assert heard.json == {
        "outcomes": [
            {
                "id": 23,
                "name": "Satış",
                "children": [
                    {"id": 21, "name": "Kapandı", "children": []},
                    {"id": 49, "name": "Ertelendi", "children": []},
                ],
            }
        ]
    }
