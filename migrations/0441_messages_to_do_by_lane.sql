-- no-transaction
-- What a lane has to do, by the lane: while a provider is away, thousands of messages wait, and a code is not looked for among them.
create index concurrently if not exists messages_of_lane_idx on messages (channel, (kind = 'code'), due_at)
    where state in ('due', 'claimed');
