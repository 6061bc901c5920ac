-- Webhooks: programs elsewhere are told what happens to appointments. What is told is written in the transaction in which it
-- happens, and posted by a worker.

create table webhooks (
    id               bigint      generated always as identity,
    -- Whose it is: what it may tell follows what they may see.
    staff_id         bigint      not null,
    url              text        not null,
    -- In the words of its owner: what it is for.
    description      text        not null,
    -- What is told, such as appointment.confirmed; the program has the list.
    events           text[]      not null,
    -- Null: of whichever doctor, and at whichever clinic.
    doctor_id        bigint,
    clinic_id        bigint,
    -- Whether the patient, the service and the times are told as well, all but the times as ids.
    with_details     boolean     not null default false,
    -- The language in which its owner is told what became of it.
    language         text        not null,
    state            text        not null default 'active',
    -- Why it is not active; null where it is.
    because          text,
    -- What its requests are signed with, sealed; empty once it has ended.
    secret           text        not null,
    -- The secret before, which is good for some time beside it.
    old_secret       text,
    old_secret_until timestamptz,
    -- The browser that is shown the secret once, as a digest, and until when it waits for that.
    told_to          text,
    tell_until       timestamptz,
    made_at          timestamptz not null,
    -- Counts changes by people.
    version          integer     not null default 1,
    -- The claim of a worker, by a name that no other claim has; it ends by this comparison alone.
    claimed_by       text,
    claimed_until    timestamptz,
    tried_at         timestamptz,
    -- Attempts in a row that failed, and until when it is left alone after them.
    failures         integer     not null default 0,
    rest_until       timestamptz,
    -- When something arrived there last.
    delivered_at     timestamptz,
    ended_at         timestamptz,
    constraint webhooks_pkey primary key (id),
    constraint webhooks_staff_id_fkey foreign key (staff_id) references staff (id),
    constraint webhooks_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint webhooks_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    constraint webhooks_events_there check (cardinality(events) > 0),
    constraint webhooks_state_known check (state in ('active', 'paused', 'ended')),
    constraint webhooks_because_known check (because in ('by_hand', 'failing', 'gone', 'deleted')),
    constraint webhooks_not_active_for_a_reason check ((state = 'active') = (because is null)),
    constraint webhooks_ended_without_secrets check (
        (state = 'ended') = (ended_at is not null) and (state = 'ended') = (secret = '')
        and (state <> 'ended' or old_secret is null)
    ),
    constraint webhooks_old_secret_ends check ((old_secret is null) = (old_secret_until is null)),
    constraint webhooks_told_for_some_time check ((told_to is null) = (tell_until is null)),
    constraint webhooks_claimed_by_somebody check ((claimed_by is null) = (claimed_until is null)),
    constraint webhooks_failures_count check (failures >= 0),
    constraint webhooks_version_counts check (version >= 1)
);
comment on table webhooks is 'A row is an address elsewhere that is told what happens to appointments.';
create index webhooks_staff_id_idx on webhooks (staff_id);

create table webhook_deliveries (
    id              bigint      generated always as identity,
    -- No reference, which every booking would lock; what is of no webhook any more is not posted.
    webhook_id      bigint      not null,
    event           text        not null,
    -- No reference either. Null where a test is told, and with it all that is about an appointment.
    appointment_id  bigint,
    -- What the appointment was like when it happened.
    version         integer,
    status          text,
    doctor_id       bigint,
    clinic_id       bigint,
    starts_at       timestamptz,
    ends_at         timestamptz,
    happened_at     timestamptz not null,
    state           text        not null default 'due',
    due_at          timestamptz not null,
    -- Attempts, since it was written or replayed.
    attempts        integer     not null default 0,
    first_tried_at  timestamptz,
    tried_at        timestamptz,
    -- How often somebody had it posted again after it had come to its end.
    replays         integer     not null default 0,
    -- Why the last attempt failed, as a word of the program's list; empty where nothing is wrong.
    trouble         text        not null default '',
    -- What was answered last: the status, and the beginning of the body.
    answer_status   integer,
    answer          text        not null default '',
    took_ms         integer,
    ended_at        timestamptz,
    constraint webhook_deliveries_pkey primary key (id),
    constraint webhook_deliveries_state_known check (state in ('due', 'delivered', 'failed', 'dropped')),
    constraint webhook_deliveries_ended check ((state = 'due') = (ended_at is null)),
    constraint webhook_deliveries_of_an_appointment_or_none check (
        (appointment_id is null) = (version is null) and (appointment_id is null) = (status is null)
        and (appointment_id is null) = (doctor_id is null) and (appointment_id is null) = (clinic_id is null)
        and (appointment_id is null) = (starts_at is null) and (appointment_id is null) = (ends_at is null)
    ),
    constraint webhook_deliveries_attempts_count check (attempts >= 0 and replays >= 0)
);
comment on table webhook_deliveries is
    'A row is something that one webhook is told, and what became of that. It is written in the transaction in which it happens.';
-- What a worker looks for, and what has to be told before: little, whatever has been told.
create index webhook_deliveries_due_idx on webhook_deliveries (webhook_id, due_at, id) where state = 'due';
-- A test is posted while its webhook is paused as well, whatever waits there.
create index webhook_deliveries_test_idx on webhook_deliveries (webhook_id, due_at, id)
    where state = 'due' and event = 'webhook.test';
create index webhook_deliveries_order_idx on webhook_deliveries (webhook_id, appointment_id, id) where state = 'due';
create index webhook_deliveries_failed_idx on webhook_deliveries (webhook_id, id) where state = 'failed';
create index webhook_deliveries_webhook_id_idx on webhook_deliveries (webhook_id, id);
create index webhook_deliveries_ended_at_idx on webhook_deliveries (ended_at) where ended_at is not null;
-- A change is told once.
create unique index webhook_deliveries_once on webhook_deliveries (webhook_id, appointment_id, version)
    where event like 'appointment.%';
