-- no-transaction
-- What a lane gives up, without all that waits in it.
create index concurrently if not exists messages_too_late_idx on messages (channel, (kind = 'code'), not_after)
    where state in ('due', 'claimed');
