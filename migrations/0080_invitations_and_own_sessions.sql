-- Accounts of staff on pages: who is invited chooses the first password by a link, who has forgotten theirs a new one, and
-- everybody sees where they are signed in.

alter table staff
    -- When somebody was invited who has not chosen a password yet; null otherwise. Until then nobody can sign in with the
    -- account, and it counts for nobody.
    add column invited_at timestamptz;

-- A link that was sent to an address.
create table account_links (
    -- SHA-256 of the secret in the link: who reads this table cannot follow it.
    hash        bytea       not null,
    -- What it is good for, and nothing else.
    purpose     text        not null,
    staff_id    bigint,
    patient_id  bigint,
    -- SHA-256 of what it was made for: the password that it replaces. Once that is another one, the link is void.
    bound_to    bytea       not null,
    made_at     timestamptz not null,
    expires_at  timestamptz not null,
    constraint account_links_pkey primary key (hash),
    constraint account_links_staff_id_fkey foreign key (staff_id) references staff (id) on delete cascade,
    constraint account_links_patient_id_fkey foreign key (patient_id) references patients (id) on delete cascade,
    constraint account_links_somebodys check (num_nonnulls(patient_id, staff_id) = 1),
    constraint account_links_purpose_known check (purpose in ('invitation', 'password')),
    constraint account_links_expires_after_made check (made_at < expires_at)
);
comment on table account_links is 'A row is a link in a mail by which somebody sets a password, once.';
create index account_links_staff_id_idx on account_links (staff_id) where staff_id is not null;
create index account_links_patient_id_idx on account_links (patient_id) where patient_id is not null;
create index account_links_expires_at_idx on account_links (expires_at);

alter table sessions
    -- The last request that was noted, within some minutes.
    add column used_at  timestamptz;
