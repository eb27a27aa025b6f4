"""Setting the CRM up by a command, and what the running functions make of it."""


def test_the_field_that_is_made_keeps_calls_single_from_the_next_call_on(run, company):
    company.zoho.arrange(call_id_field="absent")
    made = run("zoho setup")
    assert "made" in made
    assert company.zoho.layout.fields("Calls")["Santral_Call_ID"].unique

    company.webhook(company.event())
    [logged] = company.logged()

    assert logged["Santral_Call_ID"] == company.call_id
    assert company.zoho.counts["upsert"] == 1
    assert "missing" not in run("zoho setup --check")


def test_a_field_the_layout_asks_for_is_filled_in_and_told_by_the_status_page(run, company):
    company.zoho.customise("Calls", mandatory=[{"api_name": "Branch_Code"}])
    try:
        company.webhook(company.event())
        [logged] = company.logged()
        [told] = [check for check in company.get("/status").json()["checks"] if check["name"] == "zoho records"]
    finally:
        company.zoho.customise("Calls")
        run("zoho setup")

    assert logged["Branch_Code"] == "-"
    assert (told["level"], "Branch Code" in told["sentence"]) == ("warning", True)
