import pytest

from sandbox.intrinsics import NO_VALUE, Scope, TemplateError, evaluate, load_yaml, unresolved

SCOPE = Scope(
    references={"Tenant": "acme", "Origins": ["a", "b"], "AWS::NoValue": NO_VALUE},
    attributes={("Queue", "Arn"): "arn:queue"},
    conditions={
        "Acme": {"Fn::Equals": [{"Ref": "Tenant"}, "acme"]},
        "Other": {"Fn::Not": [{"Condition": "Acme"}]},
        "Both": {"Fn::And": [{"Condition": "Acme"}, {"Condition": "Other"}]},
        "Either": {"Fn::Or": [{"Condition": "Acme"}, {"Condition": "Other"}]},
    },
    mappings={"Sizes": {"small": {"memory": 256}}},
)


def evaluated(yaml):
    return evaluate(load_yaml(yaml), SCOPE)


@pytest.mark.parametrize(
    ("yaml", "value"),
    [
        ("!Ref Tenant", "acme"),
        ("!GetAtt Queue.Arn", "arn:queue"),
        ("Fn::GetAtt: Queue.Arn", "arn:queue"),
        ('!Sub "${Tenant}/${Queue.Arn}/${!literal}"', "acme/arn:queue/${literal}"),
        ('!Sub ["${Who}!", {Who: !Ref Tenant}]', "acme!"),
        ('!Join ["-", [a, !Ref Tenant]]', "a-acme"),
        ('!Select [1, !Split [",", "a,b"]]', "b"),
        ("!If [Acme, yes-it-is, no]", "yes-it-is"),
        ("!If [Other, 1, 2]", 2),
        ("!If [Both, 1, 2]", 2),
        ("!If [Either, 1, 2]", 1),
        ("!FindInMap [Sizes, small, memory]", 256),
        ("!Ref Origins", ["a", "b"]),
        ("{kept: 1, gone: !Ref AWS::NoValue}", {"kept": 1}),
        ("[1, !Ref AWS::NoValue]", [1]),
    ],
)
def test_a_function_of_known_names_is_worked_out(yaml, value):
    assert evaluated(yaml) == value


@pytest.mark.parametrize(
    ("yaml", "left"),
    [
        ("!Ref Table", {"Ref": "Table"}),
        ("!GetAtt Table.Arn", {"Fn::GetAtt": ["Table", "Arn"]}),
        ('!Sub "${Tenant}-${Table}-${!x}"', {"Fn::Sub": "acme-${Table}-${!x}"}),
        ('!Sub ["${A}${B}", {A: !Ref Table, B: b}]', {"Fn::Sub": ["${A}b", {"A": {"Ref": "Table"}}]}),
        ('!Join ["-", [!Ref Tenant, !Ref Table]]', {"Fn::Join": ["-", ["acme", {"Ref": "Table"}]]}),
    ],
)
def test_a_name_not_known_yet_is_left_for_later(yaml, left):
    first = evaluated(yaml)

    assert first == left
    assert unresolved(first)
    later = Scope(references={"Table": "t"}, attributes={("Table", "Arn"): "arn:t"})
    assert not unresolved(evaluate(first, later))


def test_a_condition_of_a_policy_statement_is_no_condition_of_the_template():
    statement = {"Effect": "Allow", "Condition": {"StringLike": {"dynamodb:LeadingKeys": ["CALL#*"]}}}

    assert evaluate(statement, SCOPE) == statement


@pytest.mark.parametrize("yaml", ["!If [Nowhere, 1, 2]", "!FindInMap [Sizes, large, memory]"])
def test_what_the_template_does_not_have_is_named(yaml):
    with pytest.raises(TemplateError, match=r"Nowhere|large"):
        evaluated(yaml)
