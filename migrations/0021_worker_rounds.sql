-- The rounds of the workers. Nothing relies on a round having been made; but where none has been made for long, nobody could
-- be served meanwhile, and what fell due in that time is not held against anybody.

create table worker_rounds (
    id              smallint    not null default 1,
    -- The end of the last round of whichever server.
    ended_at        timestamptz not null,
    -- Since when so many requests are due at once that they are kept from expiring until an admin has decided.
    held_back_since timestamptz,
    -- Until when an admin lets them expire, however many they are.
    let_go_until    timestamptz,
    -- The last write by which a server found out whether it can write.
    probed_at       timestamptz,
    constraint worker_rounds_pkey primary key (id),
    constraint worker_rounds_is_one_row check (id = 1)
);
comment on table worker_rounds is
    'The one row is the state of the workers of all servers: when they made their last round, and what they wait for.';

insert into worker_rounds (ended_at) values (now());
