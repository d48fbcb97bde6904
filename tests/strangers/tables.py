"""What a signed-in stranger gets of every endpoint."""

#: Lists that ask whose course it is: a stranger's is empty.
OWNERS_LISTS = {"modules_list", "contents_list"}
PUBLIC = {
    "accounts_register", "accounts_login", "accounts_refresh", "accounts_password_reset",
    "accounts_password_reset_confirm", "accounts_email_verify",
    "categories_list", "courses_list", "courses_retrieve", "reviews_list", "search",
    "plans_list", "payments_webhook",
}  # fmt: skip
#: About the caller alone: there is nobody else's row to name.
OWN = {
    "accounts_logout", "accounts_me", "accounts_me_update", "accounts_my_settings", "accounts_my_settings_update",
    "accounts_password_change", "accounts_email_resend", "accounts_sessions", "enrollments_list", "bookmarks_list",
    "quiz_attempts_list", "progress_stats", "progress_history", "progress_sync",
    "search_suggestions", "payments_list", "refunds_list",
    "subscription_status", "subscriptions_create", "subscriptions_cancel", "subscriptions_upgrade",
}  # fmt: skip
LISTS_OF_OWN = {
    "enrollments_list", "bookmarks_list", "quiz_attempts_list", "progress_history", "payments_list", "refunds_list",
}  # fmt: skip
#: What a stranger may do to a published course: look at it, keep it, join it where it is free.
OPEN = {
    "courses_enroll", "bookmarks_create", "bookmarks_delete", "accounts_user", "courses_create",
    "library_retrieve", "library_shelf", "library_topic", "coupons_validate",
}  # fmt: skip
#: What names somebody else's row, and what the stranger gets: on a published course, and on a draft.
REFUSED: dict[str, tuple[int, int]] = {
    "assessments_create": (409, 409),
    "assets_list": (403, 404),
    "assets_create": (403, 404),
    "assets_delete": (403, 404),
    "contents_upload": (404, 404),
    "contents_upload_status": (404, 404),
    "accounts_session_end": (404, 404),
    "contents_retrieve": (403, 404),
    "contents_update": (404, 404),
    "contents_delete": (404, 404),
    "contents_create": (404, 404),
    "contents_reorder": (404, 404),
    "contents_subtitles": (403, 404),
    "contents_subtitles_put": (404, 404),
    "courses_update": (403, 404),
    "courses_delete": (403, 404),
    "courses_progress": (403, 404),
    "modules_create": (403, 404),
    "payments_create_order": (409, 404),
    "payments_invoice": (404, 404),
    "payments_retrieve": (404, 404),
    "payments_verify": (404, 404),
    "refunds_create": (404, 404),
    "sandbox_pay": (404, 404),
    "modules_retrieve": (404, 404),
    "modules_update": (404, 404),
    "modules_delete": (404, 404),
    "modules_reorder": (404, 404),
    "progress_update": (403, 404),
    "questions_list": (404, 404),
    "questions_create": (404, 404),
    "questions_retrieve": (404, 404),
    "questions_update": (404, 404),
    "questions_delete": (404, 404),
    "quiz_attempts_retrieve": (404, 404),
    "quiz_attempts_autosave": (404, 404),
    "quiz_attempts_submit": (404, 404),
    "quiz_attempts_start": (403, 404),
    "reviews_create": (403, 404),
    "reviews_update": (403, 404),
    "reviews_delete": (403, 404),
    "quizzes_list": (404, 404),
    "quizzes_create": (404, 404),
    "quizzes_retrieve": (404, 404),
    "quizzes_update": (404, 404),
    "quizzes_delete": (404, 404),
}

# --- communities --------------------------------------------------------------------------------
OWN |= {
    "accounts_device_register", "accounts_ws_ticket", "community_blocks", "community_direct", "community_notifications",
    "community_notifications_mark_all_as_read", "community_notifications_unread_count",
}  # fmt: skip
LISTS_OF_OWN |= {"community_blocks", "community_direct", "community_notifications"}
OWNERS_LISTS |= {"community_posts_list"}
#: A public community is seen by whoever is signed in, and nothing of what is said there.
OPEN |= {"community_groups", "community_group"}
#: Taking back what was never done tells nothing.
OPEN |= {"community_unblock"}
REFUSED |= {
    "accounts_device_remove": (404, 404),
    "community_block": (404, 404),
    "community_direct_begin": (404, 404),
    "community_direct_messages": (404, 404),
    "community_direct_send": (404, 404),
    "community_group_join": (403, 404),
    "community_group_leave": (403, 404),
    "community_group_messages": (403, 404),
    "community_group_posts_create": (403, 404),
    "community_group_posts_list": (403, 404),
    "community_group_update": (403, 404),
    "community_groups_create": (403, 403),
    "community_member_update": (403, 404),
    "community_members": (403, 404),
    "community_message_attachment": (404, 404),
    "community_message_delete": (404, 404),
    "community_message_dismiss_flags": (404, 404),
    "community_message_edit": (404, 404),
    "community_message_flag": (404, 404),
    "community_message_read": (404, 404),
    "community_message_restore": (404, 404),
    "community_messages": (403, 404),
    "community_messages_send": (403, 404),
    "community_moderation_actions": (403, 404),
    "community_moderation_queue": (403, 404),
    "community_moderation_undo": (403, 404),
    "community_notification": (404, 404),
    "community_notification_mark_as_read": (404, 404),
    "community_post": (403, 404),
    "community_post_approve": (403, 404),
    "community_post_delete": (403, 404),
    "community_post_dismiss_flags": (403, 404),
    "community_post_flag": (403, 404),
    "community_post_pin": (403, 404),
    "community_post_react": (403, 404),
    "community_post_reject": (403, 404),
    "community_post_replace": (403, 404),
    "community_post_restore": (403, 404),
    "community_post_update": (403, 404),
    "community_posts_create": (403, 404),
}

# --- live classes -------------------------------------------------------------------------------
#: Opened by what is in its address, and by nothing else.
PUBLIC |= {"attendance_calendar_file", "attendance_join"}
OWN |= {
    "attendance_calendar", "attendance_calendar_renew", "attendance_excuses", "attendance_records",
    "attendance_sessions", "attendance_warnings",
}  # fmt: skip
LISTS_OF_OWN |= {"attendance_excuses", "attendance_records", "attendance_sessions", "attendance_warnings"}
REFUSED |= {
    "attendance_check_in": (404, 404),
    "attendance_check_out": (404, 404),
    "attendance_code": (404, 404),
    "attendance_excuse_ask": (404, 404),
    "attendance_excuse_decide": (404, 404),
    "attendance_join_address": (404, 404),
    "attendance_policy": (404, 404),
    "attendance_policy_update": (404, 404),
    "attendance_record": (404, 404),
    "attendance_record_history": (404, 404),
    "attendance_roll": (404, 404),
    "attendance_roll_mark": (404, 404),
    "attendance_session": (404, 404),
    "attendance_session_cancel": (404, 404),
    "attendance_session_change": (404, 404),
    "attendance_session_plan": (403, 404),
    "attendance_summary": (404, 404),
}

# --- the tutor ----------------------------------------------------------------------------------
PUBLIC |= {"chatbot_faqs_list"}
OWN |= {"chatbot_conversations", "chatbot_jobs", "chatbot_recommend"}
LISTS_OF_OWN |= {"chatbot_conversations", "chatbot_jobs"}
#: The way to a public course names what its page names.
OPEN |= {"chatbot_learning_path"}
REFUSED |= {
    "chatbot_analyze": (404, 404),
    "chatbot_ask": (404, 404),
    "chatbot_conversation": (404, 404),
    "chatbot_conversation_delete": (404, 404),
    "chatbot_conversations_create": (404, 404),
    "chatbot_feedback": (404, 404),
    "chatbot_generate": (404, 404),
    "chatbot_job": (404, 404),
    "chatbot_job_accept": (404, 404),
    "chatbot_job_delete": (404, 404),
    "chatbot_job_reject": (404, 404),
    "chatbot_study": (403, 404),
    "chatbot_transcript": (404, 404),
    "chatbot_transcripts": (404, 404),
}
