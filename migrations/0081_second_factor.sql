-- A second factor for staff: codes of an app, passkeys, and codes for when both are lost.

-- The app of a member of staff that makes a code every thirty seconds (TOTP, RFC 6238).
create table totp_factors (
    staff_id      bigint      not null,
    -- What the app has, too: sealed by the key of this installation, where it has one.
    secret        text        not null,
    made_at       timestamptz not null,
    -- When the first code was right. Null before: until then it is no factor.
    confirmed_at  timestamptz,
    -- The step of the last code that was accepted: it and those before are accepted no more.
    last_step     bigint      not null default 0,
    constraint totp_factors_pkey primary key (staff_id),
    constraint totp_factors_staff_id_fkey foreign key (staff_id) references staff (id) on delete cascade
);
comment on table totp_factors is 'A row is the app by whose codes a member of staff proves who they are, or is about to.';

-- A code for when the app or the passkey is lost. It is deleted when it is used.
create table recovery_codes (
    staff_id  bigint not null,
    -- SHA-256 of the code, which has 80 random bits: who reads this table finds none.
    hash      bytea  not null,
    constraint recovery_codes_pkey primary key (staff_id, hash),
    constraint recovery_codes_staff_id_fkey foreign key (staff_id) references staff (id) on delete cascade
);
comment on table recovery_codes is 'A row is a code that stands in for a lost factor, once.';

-- A passkey of a member of staff (WebAuthn).
create table passkeys (
    id             bigint generated always as identity,
    staff_id       bigint      not null,
    -- The name that the authenticator gave it.
    credential_id  bytea       not null,
    -- Its public key and counter, as the library keeps them. Nothing in it is secret.
    passkey        jsonb       not null,
    -- What its owner calls it.
    name           text        not null,
    made_at        timestamptz not null,
    last_used_at   timestamptz,
    constraint passkeys_pkey primary key (id),
    constraint passkeys_credential_id_key unique (credential_id),
    constraint passkeys_staff_id_fkey foreign key (staff_id) references staff (id) on delete cascade,
    constraint passkeys_name_there check (name <> '')
);
comment on table passkeys is 'A row is a passkey by which a member of staff proves who they are.';
create index passkeys_staff_id_idx on passkeys (staff_id);

-- What ties the second step of a sign-in to the first one, or the answer of an authenticator to what it was asked.
create table factor_challenges (
    -- SHA-256 of the challenge that the browser's session or the program keeps.
    hash        bytea       not null,
    staff_id    bigint      not null,
    -- sign_in: a factor is asked for. enrol: one has to be set up first. passkey: what an authenticator was asked.
    purpose     text        not null,
    -- What the library needs to check the answer of an authenticator; null for others.
    state       jsonb,
    made_at     timestamptz not null,
    expires_at  timestamptz not null,
    constraint factor_challenges_pkey primary key (hash),
    constraint factor_challenges_staff_id_fkey foreign key (staff_id) references staff (id) on delete cascade,
    constraint factor_challenges_purpose_known check (purpose in ('sign_in', 'enrol', 'passkey'))
);
comment on table factor_challenges is 'A row is a second step that somebody was asked to take, for some minutes.';
create index factor_challenges_staff_id_idx on factor_challenges (staff_id);
create index factor_challenges_expires_at_idx on factor_challenges (expires_at);
