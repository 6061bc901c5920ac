-- Every row of before keeps these constraints. Whoever writes does not wait for this: it takes a lock that only other
-- changes of the table wait for.
alter table waitlist_entries
    validate constraint waitlist_entries_group_id_fkey,
    validate constraint waitlist_entries_seats_of_a_group,
    validate constraint waitlist_entries_seats_sane,
    validate constraint waitlist_entries_seats_are_somewhere,
    validate constraint waitlist_entries_ended_because_known;
alter table waitlist_offers
    validate constraint waitlist_offers_group_id_fkey,
    validate constraint waitlist_offers_seats_of_a_group,
    validate constraint waitlist_offers_state_known,
    validate constraint waitlist_offers_kept_by_a_hold,
    validate constraint waitlist_offers_answered,
    validate constraint waitlist_offers_answered_by_fkey;
