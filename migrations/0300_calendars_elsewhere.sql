-- Calendars elsewhere: a doctor's account at a server of calendars, what we have written there, and what is to be written.

create table calendar_accounts (
    id            bigint      generated always as identity,
    doctor_id     bigint      not null,
    kind          text        not null,
    -- Where it was looked for: as it was typed.
    url           text        not null,
    username      text        not null,
    -- The password, sealed.
    secret        text        not null,
    -- Whether names are written there, and in which language it is written.
    details       boolean     not null default false,
    language      text        not null,
    state         text        not null default 'choosing',
    -- Why it could not be reached last, as a word of the program's list; empty where nothing is wrong.
    trouble       text        not null default '',
    -- Counts changes by people.
    version       integer     not null default 1,
    linked_at     timestamptz not null,
    -- The claim of a worker, by a name that no other claim has; it ends by this comparison alone.
    claimed_by    text,
    claimed_until timestamptz,
    tried_at      timestamptz,
    -- When it is asked next what was changed there.
    pull_at       timestamptz not null,
    -- When all of it was read last without trouble.
    pulled_at     timestamptz,
    -- Rounds in a row that failed, since when, and until when it is left alone after them.
    failures      integer     not null default 0,
    failing_since timestamptz,
    rest_until    timestamptz,
    constraint calendar_accounts_pkey primary key (id),
    constraint calendar_accounts_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint calendar_accounts_kind_known check (kind in ('caldav', 'calcom')),
    constraint calendar_accounts_state_known check (state in ('choosing', 'active', 'paused', 'ending')),
    constraint calendar_accounts_claimed_by_somebody check ((claimed_by is null) = (claimed_until is null)),
    constraint calendar_accounts_failures_count check (failures >= 0 and (failures = 0) = (failing_since is null)),
    constraint calendar_accounts_version_counts check (version >= 1),
    constraint calendar_accounts_once unique (doctor_id, kind)
);
comment on table calendar_accounts is 'A row is a doctor''s account at a server of calendars, for as long as it is linked.';

create table calendar_collections (
    id         bigint      generated always as identity,
    account_id bigint      not null,
    -- As the server says it.
    href       text        not null,
    name       text        not null,
    -- Whether the server lets us write.
    can_write  boolean     not null default true,
    -- Whether our appointments are written there: one of an account.
    is_written boolean     not null default false,
    -- Whether what is there takes times of the doctor.
    reads_busy boolean     not null default false,
    -- What the server gave for asking only what has changed; null where all is listed next.
    sync_token text,
    -- Whether it can be asked what has changed; null until it was tried.
    can_sync   boolean,
    -- When every entry was listed last: a token may be answered with nothing.
    listed_at  timestamptz,
    constraint calendar_collections_pkey primary key (id),
    constraint calendar_collections_account_id_fkey foreign key (account_id) references calendar_accounts (id) on delete cascade,
    constraint calendar_collections_once unique (account_id, href),
    constraint calendar_collections_written_where_allowed check (can_write or not is_written)
);
comment on table calendar_collections is 'A row is a calendar of an account elsewhere.';
create unique index calendar_collections_written_key on calendar_collections (account_id) where is_written;

create table calendar_items (
    id            bigint  generated always as identity,
    collection_id bigint  not null,
    -- As the server says it.
    href          text    not null,
    etag          text    not null,
    constraint calendar_items_pkey primary key (id),
    constraint calendar_items_collection_id_fkey
        foreign key (collection_id) references calendar_collections (id) on delete cascade,
    constraint calendar_items_once unique (collection_id, href)
);
comment on table calendar_items is 'A row is an entry of a calendar elsewhere, and the ETag under which it was read last.';

create table calendar_events (
    id             bigint      generated always as identity,
    account_id     bigint      not null,
    -- No reference: an account is left, and appointments stay.
    appointment_id bigint      not null,
    -- The calendar that it was written to, and its name there: as the server says it.
    collection_id  bigint,
    href           text        not null,
    -- As the server says it; null where it is not known what is there.
    etag           text,
    -- The version of the appointment that is known to have been written last; null where none is.
    version        integer,
    written_at     timestamptz,
    -- When it was found to be deleted there, until the doctor has decided.
    gone_at        timestamptz,
    constraint calendar_events_pkey primary key (id),
    constraint calendar_events_account_id_fkey foreign key (account_id) references calendar_accounts (id) on delete cascade,
    constraint calendar_events_collection_id_fkey
        foreign key (collection_id) references calendar_collections (id) on delete set null,
    constraint calendar_events_once unique (account_id, appointment_id),
    constraint calendar_events_written_once check ((version is null) = (written_at is null))
);
comment on table calendar_events is 'A row is an appointment of ours in a calendar elsewhere.';
create unique index calendar_events_href_key on calendar_events (account_id, href);
create index calendar_events_collection_id_idx on calendar_events (collection_id);
create index calendar_events_appointment_id_idx on calendar_events (appointment_id);

create table calendar_jobs (
    id             bigint      generated always as identity,
    -- No references, which every booking would lock; what is of no account any more is not done.
    account_id     bigint      not null,
    appointment_id bigint      not null,
    action         text        not null,
    -- Counts what has happened since it was written: who has done an earlier one has not done it.
    changes        integer     not null default 1,
    due_at         timestamptz not null,
    attempts       integer     not null default 0,
    trouble        text        not null default '',
    constraint calendar_jobs_pkey primary key (id),
    constraint calendar_jobs_action_known check (action in ('put', 'delete')),
    constraint calendar_jobs_changes_count check (changes >= 1 and attempts >= 0),
    constraint calendar_jobs_once unique (account_id, appointment_id, action)
);
comment on table calendar_jobs is
    'A row is something that is still to be done in a calendar elsewhere. It is written in the transaction that changes the appointment.';
create index calendar_jobs_due_idx on calendar_jobs (account_id, due_at, id);

create table calendar_questions (
    id             bigint      generated always as identity,
    account_id     bigint      not null,
    doctor_id      bigint      not null,
    appointment_id bigint      not null,
    kind           text        not null,
    -- Where it was moved to there.
    wanted_start   timestamptz,
    -- Why it could not be, as the code of an error; empty where nothing was refused.
    because        text        not null default '',
    made_at        timestamptz not null,
    answer         text,
    settled_at     timestamptz,
    constraint calendar_questions_pkey primary key (id),
    constraint calendar_questions_account_id_fkey
        foreign key (account_id) references calendar_accounts (id) on delete cascade,
    constraint calendar_questions_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint calendar_questions_kind_known check (kind in ('deleted', 'moved', 'refused')),
    constraint calendar_questions_answer_known check (answer in ('keep', 'cancel', 'read', 'over')),
    constraint calendar_questions_settled check ((answer is null) = (settled_at is null)),
    constraint calendar_questions_refused_for_a_reason check ((kind = 'refused') = (because <> ''))
);
comment on table calendar_questions is
    'A row is what a doctor is asked or told of a change in their calendar elsewhere.';
create index calendar_questions_open_idx on calendar_questions (doctor_id, id) where settled_at is null;
create unique index calendar_questions_deleted_key on calendar_questions (account_id, appointment_id)
    where kind = 'deleted' and settled_at is null;
create index calendar_questions_account_id_idx on calendar_questions (account_id);
create index calendar_questions_settled_at_idx on calendar_questions (settled_at) where settled_at is not null;
