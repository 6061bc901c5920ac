-- Sessions end after some time without a request, and after some time in all; a new password and a closed account end
-- them at once. Secrets stay no longer than they are good for.

-- Sessions and tokens that began before this are void, also one that was under way while it was set.
alter table staff add column access_since timestamptz not null default '-infinity';
alter table patients add column access_since timestamptz not null default '-infinity';

alter table sessions
    -- Who has signed in, and when: copies of what is in the data, to find and to end sessions by.
    add column patient_id bigint,
    add column staff_id bigint,
    add column signed_in_at timestamptz,
    -- When what was typed into forms is to be forgotten; null where there is nothing of the kind.
    add column typed_until timestamptz;
update sessions set typed_until = now();
create index sessions_patient_id_idx on sessions (patient_id) where patient_id is not null;
create index sessions_staff_id_idx on sessions (staff_id) where staff_id is not null;
create index sessions_typed_until_idx on sessions (typed_until) where typed_until is not null;

alter table messages
    -- Until when the body may be read: a secret that is good for some minutes is erased then, or once it is sent.
    add column secret_until timestamptz;
create index messages_secret_until_idx on messages (secret_until) where secret_until is not null;
-- Those that are in the outbox already: a code is the only number of six digits that a message has.
update messages set secret_until = created_at + interval '10 minutes' where body ~ '\m[0-9]{6}\M';
