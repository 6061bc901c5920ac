-- Tokens that people make for their programs (I5): each has a name by which it is found again and revoked, and may be good
-- for some things only.
alter table tokens
    -- What its owner calls the program. Null where a program was given it for a code or a password.
    add column name text,
    -- What it is good for. Null: whatever its owner may do.
    add column scopes text[],
    -- Half of the token, until its owner has seen it, once. Only their browser has the other half: who reads this table
    -- cannot act for anybody.
    add column salt text,
    -- Null: never.
    alter column last_used_at drop not null,
    add constraint tokens_name_there check (name <> ''),
    add constraint tokens_scopes_some check (cardinality(scopes) > 0),
    add constraint tokens_scopes_known check (scopes <@ array['read', 'book', 'treat', 'plan', 'organise']),
    add constraint tokens_scopes_of_named check (scopes is null or name is not null),
    add constraint tokens_salt_until_revoked check (salt is null or revoked_at is null);

-- Everybody looks at their own.
create index tokens_patient_id_idx on tokens (patient_id) where patient_id is not null;
create index tokens_staff_id_idx on tokens (staff_id) where staff_id is not null;
