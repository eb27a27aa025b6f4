"""Every case of the fault matrix, and where it is held: test nodes, or the reason why it cannot happen here."""

UNIT, COMPONENT, HERE = "tests/unit/santral", "tests/component", "tests/faults"
_WEBHOOK = f"{UNIT}/providers/virtualats/test_webhook.py"
_SIGNATURE = f"{UNIT}/providers/virtualats/test_signature.py"
_HTTP = f"{COMPONENT}/http/test_http.py"
_PIPELINE = f"{COMPONENT}/pipeline/test_webhooks.py"
_OUTBOX = f"{UNIT}/telephony/test_outbox.py"
_TOGETHER = f"{UNIT}/telephony/test_outbox_together.py"
_OUTAGE = f"{UNIT}/telephony/test_outage.py"
_RECONCILE = f"{UNIT}/telephony/test_reconcile.py"
_RECORDINGS = f"{UNIT}/telephony/test_recordings.py"
_CALLS = f"{UNIT}/test_calls.py"
_CRM = f"{COMPONENT}/zoho/test_call_log.py"
_TOKEN = f"{COMPONENT}/zoho/test_token.py"
_STORM = f"{HERE}/test_matrix.py"

HELD: dict[int, tuple[str, ...]] = {
    1: (f"{_STORM}::test_f01_fifty_equal_webhooks_are_one_call",),
    2: (f"{_STORM}::test_f02_copies_after_minutes_hours_and_days_change_nothing",),
    3: (
        f"{_PIPELINE}::test_any_order_with_duplicates_is_one_record",
        f"{_CALLS}::test_the_fold_does_not_know_grouping",
    ),
    4: (f"{_CALLS}::test_a_subset_of_events_tells_what_it_can", f"{_RECONCILE}::test_a_lost_hangup_is_found"),
    5: (f"{_PIPELINE}::test_what_is_not_authentic_is_refused_and_nothing_is_queued",),
    6: (
        f"{_SIGNATURE}::test_t7_a_token_within_five_minutes_of_our_clock_is_fresh",
        f"{_SIGNATURE}::test_t7_a_token_further_from_our_clock_is_stale",
        f"{_WEBHOOK}::test_t7_the_same_webhook_twice_is_the_same_event",
    ),
    7: (
        f"{_SIGNATURE}::test_a_malformed_or_foreign_header_is_not_ours",
        f"{_WEBHOOK}::test_t3_a_malformed_signature_is_not_authentic",
    ),
    8: (f"{_WEBHOOK}::test_every_configured_path_token_opens_the_door",),
    9: (
        f"{_PIPELINE}::test_a_probe_is_well_received",
        f"{_PIPELINE}::test_what_cannot_be_read_is_kept_whole",
        f"{_STORM}::test_f09_f12_whatever_is_posted_is_answered_and_kept",
    ),
    10: (f"{_PIPELINE}::test_what_cannot_be_read_is_kept_whole",),
    11: (f"{_STORM}::test_f11_the_body_counts_whatever_its_content_type_says",),
    12: (
        f"{_WEBHOOK}::test_whatever_is_posted_ends_as_events_or_as_one_of_two_refusals",
        f"{_STORM}::test_f12_no_body_makes_the_provider_stumble",
        f"{_STORM}::test_f09_f12_whatever_is_posted_is_answered_and_kept",
    ),
    13: (
        f"{_STORM}::test_f13_a_pbx_that_fails_half_the_time",
        f"{_STORM}::test_f13_a_pbx_that_is_away_for_an_hour_while_wapcrm_tells_of_its_calls",
        f"{_HTTP}::test_a_throttle_is_busy_and_not_repeated",
    ),
    14: (
        f"{_HTTP}::test_a_refused_connection_is_unreachable",
        f"{_HTTP}::test_an_unsafe_request_is_sent_once_and_its_lost_answer_is_an_unknown_outcome",
        f"{_HTTP}::test_a_safe_request_is_tried_twice_at_most",
    ),
    15: (f"{_HTTP}::test_a_safe_request_whose_answer_never_comes_whole_is_unanswered",),
    16: (
        f"{_HTTP}::test_a_stream_that_ends_early_is_unanswered",
        f"{COMPONENT}/providers/test_virtualats.py::test_a_recording_cut_short_never_looks_whole",
        f"{_STORM}::test_f16_recordings_that_are_cut_are_fetched_again",
    ),
    17: (f"{_HTTP}::test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent",),
    18: (f"{_HTTP}::test_a_redirect_is_not_followed", f"{_HTTP}::test_a_stream_follows_no_redirect"),
    20: (
        f"{_RECORDINGS}::test_a_log_in_page_is_no_recording",
        f"{_RECORDINGS}::test_an_empty_recording_is_not_kept",
        f"{UNIT}/providers/virtualats/test_client.py::test_a_recording_of_unknown_size_is_capped_while_it_streams",
    ),
    21: (
        f"{_TOKEN}::test_many_containers_replace_an_expired_token_once",
        f"{_STORM}::test_f21_tokens_that_expire_early",
    ),
    22: (
        f"{_TOKEN}::test_a_revoked_authorisation_is_tried_once_a_minute_and_works_again_once_restored",
        f"{_OUTAGE}::test_a_revoked_token_is_tried_once_a_minute_at_most_and_everything_waits",
        f"{_STORM}::test_f22_an_authorisation_revoked_again_and_again",
    ),
    23: (
        f"{_STORM}::test_f23_a_crm_that_is_too_busy_half_the_time",
        f"{_TOGETHER}::test_the_sweep_leaves_the_last_credits_to_calls_as_they_come_in",
    ),
    24: (f"{_STORM}::test_f24_zoho_commits_then_fails",),
    25: (
        f"{_TOGETHER}::test_of_a_burst_only_what_is_refused_for_good_stays_due",
        f"{_TOGETHER}::test_results_in_another_order_than_the_records_are_not_believed",
    ),
    26: (
        f"{_CRM}::test_a_field_removed_after_the_layout_was_read_does_not_cost_the_call",
        f"{_CRM}::test_a_date_the_customer_made_mandatory_is_named_and_the_call_goes_in_once_it_is_not",
    ),
    27: (f"{_CRM}::test_the_lag_of_the_search_index_doubles_nothing",),
    28: (
        f"{UNIT}/store/test_secrets.py::test_a_dropped_secret_is_read_again",
        f"{UNIT}/zoho/test_oauth.py::test_credentials_put_right_count_at_once",
    ),
    29: (
        f"{_STORM}::test_f29_a_table_that_throttles_conflicts_and_loses_answers",
        f"{COMPONENT}/store/test_table.py::test_of_many_writers_none_is_lost",
    ),
    30: (f"{_STORM}::test_f30_a_queue_that_refuses_half_of_what_it_is_sent",),
    31: (f"{_STORM}::test_f31_every_message_delivered_again",),
    32: (f"{_STORM}::test_f32_workers_that_die_in_mid_batch",),
    33: (f"{HERE}/test_crash_points.py::test_f33_killed_at_every_step_boundary",),
    34: (f"{_STORM}::test_f34_f35_a_poisoned_call_holds_up_no_other_and_comes_back_beside_live_traffic",),
    35: (
        f"{_STORM}::test_f34_f35_a_poisoned_call_holds_up_no_other_and_comes_back_beside_live_traffic",
        f"{COMPONENT}/operations/test_repairs.py::test_a_redriven_batch_makes_no_second_record_and_logs_what_was_never_seen",
    ),
    36: (
        f"{COMPONENT}/store/test_rights.py::test_a_stream_cut_short_leaves_no_object_and_no_parts",
        f"{_STORM}::test_f36_a_bucket_that_refuses_half_the_time",
    ),
    37: (
        f"{_RECORDINGS}::test_what_is_not_there_yet_stays_owed_and_is_archived_once_it_is",
        f"{_RECORDINGS}::test_the_provider_is_asked_after_ever_longer_pauses_and_for_six_hours",
    ),
    38: (f"{_RECONCILE}::test_a_pbx_whose_clock_is_wrong_loses_no_call",),
    39: (
        f"{_CALLS}::test_times_without_offset_are_refused_and_others_become_utc",
        f"{_RECONCILE}::test_two_hours_are_two_hours_when_the_clocks_change",
    ),
    40: (f"{UNIT}/test_phone.py::test_every_way_of_writing_a_turkish_number_is_the_same_number",),
    41: (
        f"{UNIT}/crm/test_matching.py::test_contact_before_lead_before_account",
        f"{UNIT}/crm/test_matching.py::test_of_several_modified_at_once_the_lowest_id_is_taken",
    ),
    42: (
        f"{_STORM}::test_f42_two_workers_on_everything",
        f"{HERE}/test_one_lead.py::test_a_second_worker_at_any_step_of_the_first_makes_no_second_lead",
    ),
    43: (f"{_STORM}::test_f43_every_click_twice_at_once_and_again_later",),
    44: (f"{_STORM}::test_f44_a_campaign_is_as_it_was_last_asked_to_be",),
    45: (
        f"{COMPONENT}/providers/test_wapcrm.py::test_a_message_whose_answer_is_lost_is_sent_once_and_its_outcome_is_unknown",
    ),
    46: (
        f"{_CALLS}::test_an_older_reader_ignores_what_a_newer_writer_adds",
        "tests/unit/functions/workers/test_record_event.py::test_a_newer_writers_extra_fields_are_ignored",
    ),
}
DOES_NOT_APPLY: dict[int, str] = {
    19: "No URL from outside is fetched: a recording's URL is reduced to its id, and the host is the operator's own.",
    47: "A matter of load, measured by `make bench-ingest`, since a test must not judge by the clock.",
    48: "Logs and metrics are lines on the standard output; CloudWatch reads them after the function has answered.",
}
