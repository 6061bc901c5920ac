-- Offers of seats, which are kept by a hold that has them; and what somebody on the waitlist is told without an offer.
alter table waitlist_offers
    -- The session and the number of its seats; null where a time is offered.
    add column group_id bigint,
    add column seats integer,
    add constraint waitlist_offers_group_id_fkey foreign key (group_id) references groups (id) not valid,
    add constraint waitlist_offers_seats_of_a_group check (num_nulls(group_id, seats) in (0, 2)) not valid,
    -- Told are also those who have an appointment then (skipped), and those whose session moved or was called off.
    drop constraint waitlist_offers_state_known,
    add constraint waitlist_offers_state_known check (state in (
        'offered', 'accepted', 'declined', 'lapsed', 'withdrawn', 'told', 'skipped', 'moved', 'called_off'
    )) not valid,
    drop constraint waitlist_offers_kept_by_a_hold,
    add constraint waitlist_offers_kept_by_a_hold check (
        (state in ('told', 'skipped', 'moved', 'called_off')) = (appointment_id is null)
        and (state in ('told', 'skipped', 'moved', 'called_off')) = (kept_until is null)
    ) not valid,
    drop constraint waitlist_offers_answered,
    add constraint waitlist_offers_answered check (
        (state in ('offered', 'told', 'skipped', 'moved', 'called_off')) = (answered_at is null)
    ) not valid,
    -- Whose offer the staff answered for the patient.
    add column answered_by bigint,
    add constraint waitlist_offers_answered_by_fkey foreign key (answered_by) references staff (id) not valid;
create index waitlist_offers_group_id_idx on waitlist_offers (group_id, id) where group_id is not null;
-- No time is offered to two; of a session, each has seats of their own.
drop index waitlist_offers_one_of_a_time;
create unique index waitlist_offers_one_of_a_time on waitlist_offers (doctor_id, starts_at)
    where state = 'offered' and group_id is null;
