"""The limits that rooms and edges keep, as `app` takes them from the settings (described in `settings.py`)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes or characters, times in seconds. `rates`: whether rate limits are kept."""

    rates: bool = True
    api_requests_per_15_minutes: int = 100
    joins_per_15_minutes: int = 300
    rooms_per_15_minutes: int = 60
    rooms_by_address_per_15_minutes: int = 300
    logins_per_minute: int = 5
    wrong_logins_per_15_minutes: int = 30
    registrations_per_15_minutes: int = 20
    password_guesses_per_15_minutes: int = 10
    rate_keys: int = 50_000
    audit_joins: bool = False
    people_per_room: int = 500
    outstanding_bytes: int = 4 * 1024 * 1024
    request_seconds: float = 30
    answer_seconds: float = 30
    head_bytes: int = 64 * 1024
    message_bytes: int = 8 * 1024 * 1024
    fragments: int = 1024
    text_bytes: int = 1_000_000
    document_bytes: int = 32 * 1024 * 1024
    document_clients: int = 20_000
    files_per_room: int = 64
    waiting_bytes: int = 8 * 1024 * 1024
    edits_set_aside: int = 64
    name_characters: int = 40
    title_characters: int = 80
    invites_per_room: int = 100
    awareness_states: int = 64
    awareness_bytes: int = 16 * 1024
    clients_per_connection: int = 4
    chat_characters: int = 2000
    chat_per_minute: int = 10
    changes_per_minute: int = 30
    messages_per_second: float = 1000
    bytes_per_second: int = 4 * 1024 * 1024
    cursors_per_second: float = 30
    answer_milliseconds_per_second: float = 50
    work_milliseconds_per_second: float = 200
    room_messages_per_second: float = 10_000
    room_bytes_per_second: int = 16 * 1024 * 1024
    room_cursors_per_second: float = 200
    chat_kept: int = 200
    run_seconds: float = 30
    runs_per_minute: int = 60
    runs_kept: int = 20
    run_bytes_per_day: int = 64 * 1024 * 1024
    output_bytes: int = 1024 * 1024
    picture_bytes: int = 4 * 1024 * 1024
    history_events: int = 1000
    erase_least_characters: int = 4
    erase_most_characters: int = 10_000
    history_bytes: int = 4 * 1024 * 1024
    outbox_bytes: int = 16 * 1024 * 1024
    backlog_bytes: int = 256 * 1024 * 1024
    idle_seconds: float = 210
    heartbeat_seconds: float = 14
