-- Messages leave. A row is written in the transaction that makes it true; a worker claims it for some time, says what is
-- still so in the words of that moment, and writes down what became of it.

alter table messages
    -- What is said, such as code or reminder_day; the program has the list. A server one release older writes codes alone.
    add column kind            text        not null default 'code',
    add column locale          text        not null default 'en',
    -- None of the ids is a reference: what is no longer there is not spoken of.
    -- The appointment that is spoken of, at the version and the start at which it was so.
    add column appointment_id  bigint,
    add column version         integer,
    add column starts_at       timestamptz,
    -- Who is spoken to.
    add column patient_id      bigint,
    add column staff_id        bigint,
    -- The day of a doctor that is spoken of.
    add column day             date,
    -- What may be said once is said under one key.
    add column dedupe_key      text,
    add column state           text        not null default 'due',
    add column due_at          timestamptz not null default now(),
    -- From then on it helps nobody. What a server one release older writes is a code, and lives ten minutes.
    add column not_after       timestamptz not null default now() + interval '10 minutes',
    add column attempts        integer     not null default 0,
    -- The claim of a worker, by a name that no other claim has; it ends by this comparison alone.
    add column claimed_by      text,
    add column claimed_until   timestamptz,
    add column subject         text        not null default '',
    -- The name that the provider gave it.
    add column provider_id     text,
    add column delivered_at    timestamptz,
    -- Why it was not sent, as a word of the program's list; empty where nothing is wrong.
    add column last_error      text        not null default '',
    -- When it came to its end: sent, given up, or no longer true.
    add column ended_at        timestamptz,
    add constraint messages_state_known
        check (state in ('due', 'claimed', 'sent', 'delivered', 'failed', 'suppressed')),
    add constraint messages_claimed_by_somebody check (
        (state = 'claimed') = (claimed_by is not null) and (state = 'claimed') = (claimed_until is not null)
    ),
    add constraint messages_attempts_sane check (attempts >= 0);
comment on table messages is
    'The outbox: a row is something to be said to somebody, and what became of it. Nothing that is due is ever deleted.';

-- What waited for a sender that was not there is too late to be said.
update messages
set state = 'failed', last_error = 'too_late', due_at = created_at, not_after = created_at + interval '10 minutes',
    ended_at = now()
where state = 'due';

create unique index messages_dedupe_key on messages (dedupe_key) where dedupe_key is not null;
-- What a lane looks for: little, whatever has been said before.
create index messages_to_do_idx on messages (channel, due_at) where state in ('due', 'claimed');
create index messages_appointment_id_idx on messages (appointment_id, id) where appointment_id is not null;
create index messages_patient_id_idx on messages (patient_id, id) where patient_id is not null;
create index messages_staff_id_idx on messages (staff_id, id) where staff_id is not null;
create index messages_sent_at_idx on messages (channel, sent_at) where sent_at is not null;
create index messages_recipient_sent_at_idx on messages (recipient, sent_at) where sent_at is not null;
create index messages_failed_idx on messages (id) where state = 'failed';
create index messages_ended_at_idx on messages (ended_at) where ended_at is not null;
create index messages_provider_id_idx on messages (provider_id) where provider_id is not null;
drop index messages_unsent_idx;

-- Patients are spoken to in their language, and by e-mail where they gave an address and confirmed it.
alter table patients
    -- The language of their last booking; null until then.
    add column locale              text,
    add column email               text,
    -- Null: nothing is sent there.
    add column email_confirmed_at  timestamptz,
    add constraint patients_email_confirmed check (email_confirmed_at is null or email is not null);

-- The link of a message. Whoever has it may do what the message speaks of, and nothing else.
create table message_links (
    -- SHA-256 of the secret in the link: who reads this table cannot act.
    hash            bytea       not null,
    message_id      bigint      not null,
    -- What it is for: appointment, or unsubscribe.
    purpose         text        not null,
    -- From then on it leads nowhere.
    good_until      timestamptz not null,
    constraint message_links_pkey primary key (hash),
    constraint message_links_message_id_fkey foreign key (message_id) references messages (id) on delete cascade,
    constraint message_links_purpose_known check (purpose in ('appointment', 'unsubscribe'))
);
comment on table message_links is 'A row is a link in a message that was sent.';
create index message_links_message_id_idx on message_links (message_id);
create index message_links_good_until_idx on message_links (good_until);

-- Addresses and numbers to which nothing goes any more.
create table message_stops (
    recipient   text        not null,
    -- Such as opted_out or no_such_address.
    reason      text        not null,
    -- Times that it was refused; an address that does not exist is given up after the second.
    count       integer     not null default 1,
    stopped_at  timestamptz not null,
    constraint message_stops_pkey primary key (recipient)
);
comment on table message_stops is 'A row is a recipient who said stop, or where nobody is.';

alter table appointments
    -- When the patient said by a link that they come; null where they have not, and after a move.
    add column coming_at timestamptz;
