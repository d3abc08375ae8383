"""What is tried so that whoever puts a community's voice here can rely on it, and the tests that show it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is tried. Without tests it does not apply, and `why` says so."""

    id: str
    tried: str
    expected: str
    tests: tuple[str, ...] = ()
    why: str = ""


# Each test has its file and its name. Read a test before you name it here: it must really try what the row says.
CHECKS = (
    Check(
        "A1",
        "seven wrong sign-ins in a minute",
        "the seventh waits, with Retry-After and a line in the log, also after a restart",
        (
            "tests/app/test_race.py::test_the_seventh_wrong_sign_in_of_a_minute_waits_also_after_a_restart",
            "tests/app/people/test_person.py::test_the_seventh_attempt_in_a_minute_waits_and_other_accounts_do_not",
            "tests/app/accounts/test_sign_in_limit.py::test_tries_from_one_address_are_limited_without_the_other_addresses",
        ),
    ),
    Check(
        "A2",
        "signing in, and asking for a new password, with a known and an unknown address",
        "the same status and body; the same time, as a password is hashed once either way",
        (
            "tests/app/people/test_person.py::test_an_unknown_address_and_a_wrong_password_get_the_same_answer",
            "tests/ideas/accounts/test_identity.py::test_all_wrong_credentials_get_the_same_message",
            "tests/ideas/accounts/test_identity.py::test_a_refused_sign_in_hashes_once_whoever_is_asked_for",
            "tests/app/accounts/test_password.py::test_the_answer_does_not_tell_who_has_an_account",
        ),
    ),
    Check(
        "A3",
        "a link for a new password used twice, or after an hour",
        "refused",
        (
            "tests/app/accounts/test_password.py::test_a_reset_link_works_once_and_a_refused_password_does_not_use_it_up",
            "tests/ideas/accounts/test_link.py::test_a_link_works_once",
            "tests/ideas/accounts/test_link.py::test_a_link_expires",
            "tests/ideas/accounts/test_link.py::test_a_link_of_a_reset_lasts_an_hour",
        ),
    ),
    Check(
        "A4",
        "a password of 64 characters and more; common ones",
        "accepted; refused",
        (
            "tests/ideas/accounts/test_password.py::test_sixty_four_characters_and_more_are_accepted",
            "tests/ideas/accounts/test_password.py::test_common_ones_are_refused_in_both_languages",
        ),
    ),
    Check(
        "A5",
        "the cookie of a session sent again after signing out",
        "sent to the sign-in page; there is no other cookie that signs in",
        (
            "tests/app/people/test_person.py::test_signing_out_ends_every_copy_of_the_cookie",
            "tests/ideas/people/test_person.py::test_ending_one_sign_in_leaves_the_others",
            "tests/app/web/test_clock.py::test_a_forged_or_an_old_cookie_signs_nobody_in",
        ),
    ),
    Check(
        "A6",
        "a new password while two browsers are signed in",
        "the other one is signed out, unless the box is unticked",
        (
            "tests/app/accounts/test_password.py::test_changing_the_password_ends_the_other_sign_ins_and_tells_by_mail",
            "tests/app/accounts/test_password.py::test_the_other_sign_ins_may_be_kept",
            "tests/app/accounts/test_password.py::test_the_box_is_ticked_until_somebody_unticks_it",
        ),
    ),
    Check(
        "A7",
        "the cookie of a site that is reached by https",
        "`__Host-`, Secure, HttpOnly, SameSite=Lax, no domain",
        ("tests/app/web/test_headers.py::test_the_cookie_of_a_site_that_is_reached_by_https_is_bound_to_it",),
    ),
    Check(
        "A8",
        "a forged token of OpenID Connect",
        "refused",
        why="There is no single sign-on: no token of another service is accepted.",
    ),
    Check(
        "A9",
        "each act of power, eleven minutes after the password was last given in that browser",
        "a page asks for it, and nothing is written before; then the act goes on with all that was typed",
        (
            "tests/app/access/test_enforcement.py::test_every_act_of_power_asks_for_the_password_and_does_nothing_before",
            "tests/app/accounts/test_confirmation.py::test_the_act_goes_on_after_the_password_with_all_that_was_typed",
            "tests/app/accounts/test_confirmation.py::test_wrong_passwords_are_limited_as_elsewhere",
        ),
    ),
    Check(
        "C1",
        "every route that writes, without its token",
        "refused with 400, with each object there and by who may do all",
        ("tests/app/access/test_enforcement.py::test_every_write_without_a_token_is_refused",),
    ),
    Check(
        "C2",
        "posts of a part of a page in a real browser",
        "the token is sent and the answer is shown",
        (
            "tests/browser/test_bad_line.py::test_support_shows_at_once_on_a_slow_line",
            "tests/browser/test_talk.py::test_people_reply_mention_and_see_new_comments_without_a_reload",
        ),
    ),
    Check(
        "C3",
        "every route that reads, as a visitor, an owner and an administrator",
        "no row is written: all are counted before and after",
        ("tests/app/access/test_enforcement.py::test_get_requests_write_nothing",),
    ),
    Check(
        "Z1",
        "each role, each route, each age of a campaign",
        "what the written policy says; a route without a need keeps the site from starting",
        (
            "tests/app/access/test_enforcement.py::test_each_route_admits_exactly_the_roles_that_may_do_its_act",
            "tests/app/access/test_enforcement.py::test_each_route_of_a_campaign_admits_exactly_its_audience",
            "tests/app/access/test_needs.py::test_every_route_declares_what_it_requires",
            "tests/app/access/test_needs.py::test_an_application_with_a_route_that_declares_nothing_does_not_start",
            "tests/app/access/test_document.py::test_the_document_equals_what_the_routes_declare",
        ),
    ),
    Check(
        "Z2",
        "an object of campaign B below the address of campaign A, by the owner of both",
        "404; a post is logged",
        ("tests/app/access/test_enforcement.py::test_an_object_of_another_campaign_is_not_found_and_a_post_is_logged",),
    ),
    Check(
        "Z3",
        "a participant posts a role, another campaign and another author",
        "ignored",
        (
            "tests/app/access/test_enforcement.py::test_form_fields_cannot_give_a_role",
            "tests/app/people/test_person.py::test_form_fields_cannot_make_an_administrator",
        ),
    ),
    Check(
        "Z4",
        "similar ideas of another campaign, answers of a private one",
        "never shown",
        (
            "tests/ideas/contributions/test_similar.py::test_ideas_of_another_campaign_are_not_similar",
            "tests/ideas/contributions/test_similar.py::test_only_ideas_that_count_and_are_not_the_readers_own_are_similar",
            "tests/ideas/answers/test_similar.py::test_an_answer_is_shown_only_to_who_finds_it_published",
            "tests/app/access/test_enforcement.py::test_no_list_search_or_preview_names_a_campaign_to_whom_it_is_not_open",
        ),
    ),
    Check(
        "Z5",
        "a role taken away in the middle of a session",
        "the next request is refused",
        (
            "tests/app/access/test_enforcement.py::test_a_withdrawn_role_is_refused_at_the_next_request",
            "tests/app/people/test_platform_role.py::test_a_role_taken_away_is_refused_at_the_next_request",
        ),
    ),
    Check(
        "X1",
        "scripts in titles, texts, names, themes, answers, actions and a debrief",
        "inert in pages, feeds, pictures, mails and PDFs",
        (
            "tests/app/faults/test_hostile_texts.py::test_no_script_of_a_text_is_on_a_page_or_in_a_feed",
            "tests/app/answers/debriefs/test_debrief.py::test_texts_are_escaped",
            "tests/app/mail/test_letter.py::test_the_html_part_needs_nothing_from_outside_and_escapes_what_people_wrote",
            "tests/clustering/test_pipeline.py::test_strange_texts_get_a_result",
            "tests/app/answers/debriefs/test_documents.py::test_a_pdf_opens_no_address_and_no_file",
        ),
    ),
    Check(
        "X2",
        "the Content-Security-Policy of every answer; a browser's console on every page",
        "present and strict; no complaint",
        (
            "tests/test_house.py::test_responses_have_security_headers",
            "tests/app/web/test_headers.py::test_pages_and_built_files_carry_the_same_protection",
            "tests/test_house.py::test_templates_hold_no_inline_style_or_script",
            "tests/browser/test_pages.py::test_every_page_fits_and_is_accessible",
        ),
    ),
    Check(
        "X3",
        "addresses to go to after signing in: `//evil`, `/\\evil`, `https:evil` and others",
        "they lead to the home page",
        (
            "tests/app/people/test_person.py::test_next_never_leads_to_another_site",
            "tests/app/accounts/test_verification.py::test_a_link_leads_to_no_other_site",
        ),
    ),
    Check(
        "X4",
        "images, frames, links and formulas that name 169.254.169.254, localhost, a file",
        "no page and no PDF fetches them, and the server opens no connection",
        (
            "tests/app/faults/test_hostile_texts.py::test_an_address_in_a_text_a_table_or_a_picture_is_never_opened",
            "tests/app/answers/debriefs/test_documents.py::test_a_pdf_opens_no_address_and_no_file",
        ),
    ),
    Check(
        "X5",
        "texts and names that begin with `=`, `+`, `-`, `@` or a tab",
        "text in CSV and XLSX",
        (
            "tests/app/exports/test_export.py::test_csv_is_safe_in_a_spreadsheet_and_the_same_after_an_import",
            "tests/app/exports/test_export.py::test_a_workbook_has_texts_as_they_are_and_explains_its_columns",
            "tests/app/people/test_platform_role.py::test_no_cell_of_an_export_is_a_formula",
            "tests/app/contributions/imports/test_importing.py::test_a_formula_of_a_workbook_is_never_run",
        ),
    ),
    Check(
        "X6",
        "SVG, files of two kinds, archives that unpack too large, `../` in a name",
        "refused, or drawn again; files are sent to be saved, with nosniff",
        (
            "tests/ideas/test_files.py::test_any_other_kind_is_refused_with_the_kinds_that_are_accepted",
            "tests/ideas/test_files.py::test_an_archive_that_is_no_document_or_holds_more_is_refused",
            "tests/ideas/test_files.py::test_a_document_that_unpacks_beyond_measure_is_refused",
            "tests/ideas/test_files.py::test_a_name_has_no_folder_and_the_extension_of_what_the_file_is",
            "tests/app/pictures/test_portrait.py::test_what_the_camera_wrote_is_dropped_and_the_picture_is_upright",
            "tests/app/test_files.py::test_a_document_is_downloaded_with_these_headers_to_the_letter",
        ),
    ),
    Check(
        "X7",
        "a made-up host while asking for a new password",
        "the configured host is in the mail; 400 where TRUSTED_HOSTS is set",
        (
            "tests/app/accounts/test_password.py::test_the_host_that_a_request_names_is_not_in_the_mail",
            "tests/app/web/test_headers.py::test_a_host_that_is_not_trusted_is_refused_with_a_page_from_the_first_request_on",
            "tests/app/web/pages/test_links.py::test_a_made_up_host_is_in_no_address_of_a_page",
        ),
    ),
    Check(
        "U1",
        "NUL, a lone surrogate, U+202E, a text of signs that nobody sees",
        "stripped, or a clear sentence; never 500",
        (
            "tests/app/contributions/test_idea.py::test_a_hostile_text_is_escaped",
            "tests/app/contributions/test_idea.py::test_a_lone_surrogate_and_broken_utf8_do_no_harm",
            "tests/app/contributions/test_idea.py::test_a_text_of_invisible_characters_is_empty",
            "tests/ideas/test_text.py::test_a_text_is_made_safe_and_stays_itself",
            "tests/ideas/test_text.py::test_whatever_comes_can_be_stored_and_cleaning_again_changes_nothing",
        ),
    ),
    Check(
        "U2",
        "an idea of 1 MB; 10,000 combining marks",
        "422, the text stays in the form, and 413 beyond 16 MB; marks are cut and widen no page",
        (
            "tests/app/contributions/test_idea.py::test_one_megabyte_is_refused_by_the_form_and_twenty_by_the_server",
            "tests/ideas/test_text.py::test_a_tower_of_accents_is_cut_to_what_languages_need",
            "tests/browser/test_long_words.py::test_whatever_people_write_widens_no_page",
        ),
    ),
    Check(
        "U3",
        "the same tag, composed and decomposed",
        "one tag",
        ("tests/ideas/desk/test_work.py::test_the_same_tag_composed_and_decomposed_is_one",),
    ),
    Check(
        "R1",
        "submitting a millisecond before the closing, at it, and after it, also where the clocks change",
        "by the server's clock; a late text is kept as a draft",
        (
            "tests/app/campaigns/test_campaign.py::test_the_closing_is_an_instant_even_when_the_clocks_change",
            "tests/ideas/contributions/test_idea.py::test_the_instant_of_closing_is_too_late_and_the_text_is_kept",
            "tests/app/contributions/test_idea.py::test_after_the_closing_the_text_is_kept_as_a_draft_with_a_notice",
        ),
    ),
    Check(
        "R2",
        "50 browsers submit while the owner closes",
        "no idea after the close; each text is there, as an idea or a draft",
        (
            "tests/app/test_race.py::test_no_idea_comes_after_the_close_and_no_text_is_lost",
            "tests/app/test_race.py::test_no_idea_changes_after_the_close",
        ),
    ),
    Check(
        "R3",
        "a double click; the same form sent twice",
        "one idea, the same page",
        (
            "tests/app/contributions/test_idea.py::test_a_double_click_submits_once",
            "tests/ideas/contributions/test_idea.py::test_the_same_key_submits_once",
        ),
    ),
    Check(
        "R4",
        "100 votes of one person at once",
        "one vote; the count is that of the rows",
        ("tests/app/test_race.py::test_many_votes_of_one_person_are_one",),
    ),
    Check(
        "R5",
        "two managers change the same campaign, theme or answer",
        "409 with both versions; the second may send theirs again",
        (
            "tests/app/campaigns/test_campaign.py::test_a_second_manager_sees_both_versions_and_loses_nothing",
            "tests/app/themes/test_meanwhile.py::test_a_stale_name_is_refused_with_both_names_and_saved_when_it_is_sent_again",
            "tests/app/test_race.py::test_two_managers_who_change_an_answer_at_once_do_not_overwrite_each_other",
        ),
    ),
    Check(
        "J1",
        "kill -9 of the worker in the middle of a grouping",
        "the themes of before stay; the job runs once more; what people decided is kept",
        (
            "tests/app/worker/test_worker.py::test_a_job_whose_worker_was_killed_is_tried_once_more",
            "tests/app/worker/test_killed.py::test_a_job_whose_worker_is_killed_anywhere_is_done_once",
            "tests/app/worker/test_waits.py::test_a_job_whose_worker_was_killed_is_taken_over_when_its_lease_has_run_out",
            "tests/app/worker/test_waits.py::test_a_job_that_outlives_the_time_of_its_id_is_done_once",
            "tests/app/worker/test_queues.py::test_a_job_whose_worker_is_killed_is_done_once_by_another",
            "tests/ideas/themes/test_trust.py::test_what_people_decided_is_kept_through_every_run",
        ),
    ),
    Check(
        "J2",
        "a worker that lost its lease finishes late",
        "it writes nothing",
        (
            "tests/app/worker/test_worker.py::test_a_worker_that_lost_its_lease_writes_nothing",
            "tests/ideas/work/test_job.py::test_a_job_whose_lease_ran_out_is_claimed_again_and_its_first_worker_writes_nothing",
        ),
    ),
    Check(
        "J3",
        "the mail server dies after the text of a mail",
        "the same mail with the same Message-ID is sent again, and marked as sent once",
        (
            "tests/app/mail/test_delivery.py::test_a_server_that_dies_after_the_text_gets_the_same_mail_again",
            "tests/app/mail/test_delivery.py::test_a_worker_that_dies_repeats_one_mail_at_most",
        ),
    ),
    Check(
        "J4",
        "the model is missing, or takes 30 seconds",
        "an idea is sent within a second; similar ideas are found by their words, and the page says so",
        (
            "tests/app/faults/test_slow_model.py::test_a_text_is_sent_within_a_second_and_similar_ideas_are_found_by_words",
            "tests/app/worker/test_similar_server.py::test_a_page_is_answered_over_a_private_socket_and_not_kept_waiting",
            "tests/app/worker/test_worker.py::test_a_model_that_cannot_be_loaded_fails_the_job_and_changes_nothing",
        ),
    ),
    Check(
        "D1",
        "a lock that another connection holds on and on",
        "503 in bounded time; the same form is taken afterwards",
        ("tests/app/test_race.py::test_a_locked_database_is_reported_in_bounded_time_and_the_form_can_be_sent_again",),
    ),
    Check(
        "D2",
        "a back-up while people write, then a restore",
        "every row that was acknowledged before; the same counts and files; a whole log",
        (
            "tests/app/test_backup.py::test_a_back_up_while_people_write_holds_every_row_that_was_acknowledged_before",
            "tests/app/test_backup.py::test_a_restored_back_up_has_the_same_counts_files_and_a_whole_log",
            "tests/app/test_backup.py::test_a_restored_back_up_of_postgresql_has_the_same_counts_files_and_a_whole_log",
        ),
    ),
    Check(
        "D6",
        "PostgreSQL is killed with SIGKILL while people submit ideas, and started again",
        "503 meanwhile; then pages come back by themselves; each acknowledged idea is there once",
        (
            "tests/app/faults/test_killed_database.py::test_each_acknowledged_idea_is_there_after_the_database_was_killed",
        ),
    ),
    Check(
        "D3",
        "a small disk that fills up (SQLite, uploads; PostgreSQL)",
        "503 with the text on the page; pages are read, health tells it; with room again all goes on, nothing is lost",
        (
            "tests/app/faults/test_full_disk.py::test_a_disk_that_fills_up_takes_no_text_and_all_are_taken_again_with_room",
            "tests/app/faults/test_full_disk.py::test_a_full_disk_of_postgresql_takes_no_text_and_all_are_taken_again_with_room",
            "tests/app/health/test_health.py::test_a_disk_that_takes_no_byte_is_full_whatever_it_says_is_free",
            "tests/app/test_files.py::test_a_full_disk_is_said_in_the_page_and_leaves_nothing",
        ),
    ),
    Check(
        "D4",
        "pages of a campaign of 100,000 ideas, to the last: list, search, desk, standings",
        "p95 below 300 ms of computing, that of PostgreSQL too; not one query more than for a hundred ideas",
        ("tests/app/faults/test_many_ideas.py::test_each_page_of_very_many_ideas_comes_in_time",),
    ),
    Check(
        "D5",
        "copying the file of a database in use, beside the command",
        "the copy loses rows, the command none; the documents warn",
        (
            "tests/app/test_backup.py::test_a_copy_of_the_file_alone_loses_rows_and_the_back_up_none",
            "tests/app/test_backup.py::test_what_was_acknowledged_is_there_after_the_process_is_killed",
        ),
    ),
    Check(
        "F1",
        "40,000 marks in turns, spaces after braces, 30 kB of the worst Markdown, in each field of each form",
        "answered in less than a second; the health check answers while all threads are busy",
        (
            "tests/app/faults/test_hostile_texts.py::test_no_field_takes_a_second_whatever_is_written_in_it",
            "tests/app/server/test_hostile_requests.py::test_no_form_of_any_route_takes_a_second_whatever_is_written_in_it",
            "tests/test_patterns.py::test_a_pattern_takes_linear_time_on_the_worst_text",
            "tests/ideas/test_text.py::test_long_runs_of_marks_are_cleaned_in_linear_time",
            "tests/app/server/test_connections.py::test_the_health_check_answers_while_every_thread_is_busy",
        ),
    ),
    Check(
        "F2",
        "small tables that name 10^12 rows or the last column, 5 million rows, pictures of 59 megapixels at once",
        "a sentence; bounded memory in a process apart; others are served",
        (
            "tests/app/sandbox/test_process.py::test_a_small_file_that_names_a_huge_table_is_refused_within_its_bounds",
            "tests/app/sandbox/test_process.py::test_memory_beyond_the_bound_is_refused",
            "tests/app/sandbox/test_process.py::test_four_pictures_of_59_megapixels_at_once_take_two_processes",
            "tests/app/sandbox/test_process.py::test_a_picture_is_drawn_while_a_table_takes_its_time",
            "tests/app/sandbox/test_process.py::test_of_tables_one_is_read_one_waits_and_a_third_is_refused_at_once",
        ),
    ),
    Check(
        "F3",
        "half-open, silent, slow and idle connections",
        "closed in time, while others are served, without and behind nginx",
        (
            "tests/app/server/test_connections.py::test_half_open_connections_leave_room_for_others",
            "tests/app/server/test_nginx.py::test_half_open_connections_leave_room_for_others",
            "tests/app/server/test_serving.py::test_half_open_connections_do_not_stop_the_server",
            "tests/app/server/test_connections.py::test_a_connection_that_sends_a_byte_now_and_then_is_closed",
            "tests/app/server/test_connections.py::test_a_connection_that_is_kept_and_idle_is_closed",
        ),
    ),
    Check(
        "F4",
        "the key of a form or a draft of one campaign used in another, and any order of requests around a closing",
        "nothing comes to a campaign that is not open; no text is lost",
        (
            "tests/app/web/test_headers.py::test_a_key_of_a_form_counts_in_its_campaign_only",
            "tests/app/test_request_stories.py::test_nothing_comes_to_a_closed_campaign_and_no_text_is_lost",
        ),
    ),
    Check(
        "F5",
        "forwarded addresses with no, one and two trusted proxies, through the embedded server and gunicorn",
        "the right address counts; forged ones do not",
        (
            "tests/app/server/test_proxies.py::test_without_trusted_proxies_forged_headers_are_ignored",
            "tests/app/server/test_proxies.py::test_a_trusted_proxy_names_the_caller_the_scheme_and_the_host",
            "tests/app/server/test_proxies.py::test_of_two_trusted_proxies_the_outer_one_names_the_caller",
            "tests/app/server/test_proxies.py::test_the_address_is_the_one_that_the_outermost_trusted_proxy_saw",
        ),
    ),
    Check(
        "F6",
        "a clock that steps back by seconds and hours, or forward by two hours",
        "nobody is signed out, the text is published, no job is stuck",
        (
            "tests/app/web/test_clock.py::test_nobody_is_signed_out_when_the_clock_steps_back",
            "tests/app/web/test_clock.py::test_a_job_claimed_or_queued_in_a_future_is_claimed_again",
            "tests/app/web/test_clock.py::test_a_running_job_is_not_taken_when_the_clock_steps_back_by_seconds",
            "tests/app/web/test_clock.py::test_what_recurs_does_not_wait_for_an_hour_that_the_clock_has_left",
            "tests/app/faults/test_clock_steps.py::test_a_clock_that_is_set_and_the_end_of_summer_time_lose_no_text",
        ),
    ),
    Check(
        "F7",
        "JSON, torn files, files for texts, odd zones and numbers to every route; odd and long hosts",
        "400 or a page with a sentence; never 500",
        (
            "tests/app/server/test_hostile_requests.py::test_no_body_makes_a_route_fail",
            "tests/app/server/test_hostile_requests.py::test_no_query_makes_a_route_fail",
            "tests/app/server/test_random_requests.py::test_no_request_that_is_invented_makes_a_route_fail",
            "tests/app/faults/test_hostile_server.py::test_acknowledged_ideas_stay_while_others_send_hostile_requests",
            "tests/app/web/test_headers.py::test_a_host_that_is_none_is_answered_with_a_page",
            "tests/app/web/test_headers.py::test_a_host_that_is_not_trusted_is_refused_with_a_page_from_the_first_request_on",
        ),
    ),
    Check(
        "F8",
        "the modes of the instance folder, the database, keys, mails, uploads and back-ups",
        "0700 and 0600; what was open is mended at the start",
        (
            "tests/app/server/test_private_files.py::test_a_new_site_is_for_its_user_only",
            "tests/app/server/test_private_files.py::test_what_was_open_to_others_is_mended_at_start_and_said",
            "tests/ideas/test_files.py::test_only_this_user_reads_the_bytes_and_nobody_guesses_their_name",
            "tests/app/test_backup.py::test_a_back_up_is_for_its_user_only",
        ),
    ),
    Check(
        "F9",
        "U+3164, U+2800, U+FFA0 alone; 900 Thai marks; texts of any direction",
        'refused as empty; the layout holds; `dir="auto"`',
        (
            "tests/ideas/test_text.py::test_what_shows_nothing_is_nothing",
            "tests/ideas/test_text.py::test_a_tower_of_accents_is_cut_to_what_languages_need",
            "tests/browser/test_long_words.py::test_whatever_people_write_widens_no_page",
            "tests/app/text/test_peoples_text.py::test_the_language_of_a_text_is_written_only_where_it_is_known",
        ),
    ),
    Check(
        "F10",
        "a job that fails when it writes",
        "tried again after longer and longer pauses; seen by administrators and managers; everyone is told once",
        (
            "tests/ideas/work/test_job.py::test_an_attempt_that_failed_is_repeated_after_a_pause_that_doubles",
            "tests/app/worker/test_failure.py::test_each_error_has_its_code_and_only_what_may_pass_is_tried_again",
            "tests/app/work/test_job.py::test_failures_come_first_with_a_sentence_and_a_detail",
            "tests/app/work/test_job.py::test_managers_see_what_failed_in_their_campaign_and_run_it_again",
            "tests/app/mail/test_told_once.py::test_everyone_concerned_is_told_exactly_once",
        ),
    ),
    Check(
        "G1",
        "the export, then the erasure of a person",
        "a complete archive; no name or address in tables, vectors, files, mails or pieces of pages; the log is whole",
        (
            "tests/app/privacy/test_my_data.py::test_it_holds_everything_and_opens_as_tables",
            "tests/app/privacy/test_my_data.py::test_no_secret_and_nobody_else_is_in_it",
            "tests/app/privacy/test_erasure_everywhere.py::test_deleted_contents_are_nowhere",
            "tests/app/privacy/test_erasure_interrupted.py::test_nothing_is_left_in_the_files_of_the_database",
            "tests/app/privacy/test_erasure_pages.py::test_pieces_of_pages_that_a_process_kept_are_forgotten",
        ),
    ),
)
