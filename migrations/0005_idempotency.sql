-- Requests that come twice.

-- A request that was done, and what was answered, so that it is answered the same and done no second
-- time when it comes again (B6). The row is written in the transaction of the work itself: an attempt
-- that is rolled back leaves no key, and a twin that comes meanwhile waits for the row.
create table idempotency_keys (
    -- SHA-256 of who asks and of the key: nobody meets somebody else's.
    id              bytea not null,
    -- SHA-256 of what was asked for: the same key with another request is refused.
    request         bytea not null,
    -- What the service answered. Null where it refused, which may be tried again.
    answer          jsonb,
    -- Where the key stands for nothing longer than this appointment has its time.
    appointment_id  bigint,
    expires_at      timestamptz not null,
    constraint idempotency_keys_pkey primary key (id)
);
