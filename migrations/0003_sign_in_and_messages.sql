-- Who is there, and how they are reached.

-- The one active code of a phone number (I1). Asking again replaces the row, and with it the
-- challenge: a code answers only to the request that asked for it.
create table login_codes (
    phone          text not null,
    -- SHA-256 of the challenge that the asking browser or program keeps.
    challenge      bytea not null,
    -- argon2id of the six digits, as a PHC string.
    code_hash      text not null,
    expires_at     timestamptz not null,
    -- Counted down before a code is compared, in a transaction that commits either way.
    attempts_left  smallint not null,
    constraint login_codes_pkey primary key (phone),
    constraint login_codes_challenge_key unique (challenge),
    constraint login_codes_attempts_left_sane check (attempts_left >= 0)
);

-- How often something was asked for in a window of time, counted in the database so that several
-- servers count together.
create table rate_limits (
    -- What is limited, such as code-by-phone.
    action      text not null,
    -- For whom: SHA-256 of a phone number, an e-mail or an address; empty for everybody together.
    subject     bytea not null,
    window_starts_at  timestamptz not null,
    count       integer not null,
    constraint rate_limits_pkey primary key (action, subject)
);

-- A browser that is signed in or holds a time.
create table sessions (
    -- SHA-256 of the session id: who reads this table cannot step into a session.
    id          bytea not null,
    data        jsonb not null,
    expires_at  timestamptz not null,
    constraint sessions_pkey primary key (id)
);
create index sessions_expires_at_idx on sessions (expires_at);

-- The outbox: something to be said to somebody, written in the transaction that makes it true and
-- sent afterwards.
create table messages (
    id          bigint generated always as identity,
    channel     text not null,
    recipient   text not null,
    body        text not null,
    created_at  timestamptz not null default now(),
    sent_at     timestamptz,
    constraint messages_pkey primary key (id),
    constraint messages_channel_known check (channel in ('sms', 'email'))
);
create index messages_unsent_idx on messages (id) where sent_at is null;
