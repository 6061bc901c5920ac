-- no-transaction
-- `messages_of_lane_idx` is in its place.
drop index concurrently if exists messages_to_do_idx;
