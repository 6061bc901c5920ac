-- Programs that act for somebody.

-- Whoever shows the token acts for its patient or member of staff, until it expires or is revoked (I5).
create table tokens (
    id            bigint generated always as identity,
    -- SHA-256 of the token: who reads this table cannot act for anybody.
    hash          bytea not null,
    patient_id    bigint,
    staff_id      bigint,
    made_at       timestamptz not null,
    expires_at    timestamptz not null,
    revoked_at    timestamptz,
    -- Within some minutes: reading who calls is no write.
    last_used_at  timestamptz not null,
    constraint tokens_pkey primary key (id),
    constraint tokens_hash_key unique (hash),
    constraint tokens_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint tokens_staff_id_fkey foreign key (staff_id) references staff (id),
    constraint tokens_somebodys check (num_nonnulls(patient_id, staff_id) = 1),
    constraint tokens_expires_after_made check (made_at < expires_at)
);
create index tokens_expires_at_idx on tokens (expires_at);
