-- Rooms and seats that are paid before they are booked: what a kind of rooms asks for, what a stay was promised with, and
-- payments for stays.

alter table room_types
    -- When a stay is paid: at the desk, or before it is booked; null where nothing is said of it.
    add column pay_when text,
    -- What is paid for a stay before it is booked; null for all of it.
    add column deposit_minor bigint,
    -- Minutes before the day of the arrival until which a patient who cancels gets everything back.
    add column refund_minutes integer not null default 0,
    -- What a patient gets back who cancels later, in percent of what was paid.
    add column late_refund_percent integer not null default 0,
    add constraint room_types_pay_when_known check (pay_when in ('desk', 'before')) not valid,
    -- Nobody pays before for what costs nothing.
    add constraint room_types_paid_before_has_price check (
        pay_when is distinct from 'before' or price_minor > 0
    ) not valid,
    add constraint room_types_deposit_sane check (
        deposit_minor is null or pay_when is not distinct from 'before' and deposit_minor > 0
    ) not valid,
    add constraint room_types_refund_sane check (
        refund_minutes between 0 and 527040 and late_refund_percent between 0 and 100
    ) not valid;

alter table room_types
    validate constraint room_types_pay_when_known,
    validate constraint room_types_paid_before_has_price,
    validate constraint room_types_deposit_sane,
    validate constraint room_types_refund_sane;

alter table stays
    -- Snapshots of the kind of rooms, as the prices of the nights are: null in rows of before, and where nothing is said.
    add column pay_when text,
    -- What is paid before it is booked.
    add column pay_minor bigint,
    add column refund_minutes integer,
    add column late_refund_percent integer,
    -- What the clinic keeps for nights that were given up too late: it is paid, and no night has it.
    add column given_up_minor bigint not null default 0,
    -- The earliest arrival that a late change by the patient was from or to; null where there was none.
    add column refund_from date,
    add constraint stays_paid_before_known check (
        pay_when in ('desk', 'before') and (pay_when = 'before') = (pay_minor is not null)
    ) not valid,
    add constraint stays_given_up_sane check (given_up_minor >= 0) not valid;

alter table payments
    -- Set where it is for rooms: then there is no appointment. The row of the stay is locked by whoever changes the payment.
    add column stay_id bigint,
    alter column appointment_id drop not null,
    add constraint payments_stay_id_fkey foreign key (stay_id) references stays (id) not valid,
    add constraint payments_of_one check (num_nonnulls(appointment_id, stay_id) = 1) not valid;
comment on table payments is
    'A row is one attempt to pay for an appointment or a stay, or what the desk took for it, and what became of it.';

-- What a stay costs less, once it is shorter, goes back beside what goes back in the end.
alter table refunds
    drop constraint refunds_why_known,
    add constraint refunds_why_known check (
        why in ('too_late', 'twice', 'cancelled', 'by_clinic', 'outside', 'fewer')
    ) not valid;

-- Whoever writes an appointment, these snapshots are taken. A deposit is for each seat of a session, as its price is.
create or replace function appointments_take_snapshot() returns trigger
    language plpgsql as $$
begin
    if new.service_name is null or new.cutoff_minutes is null then
        select coalesce(new.service_name, name), coalesce(new.cutoff_minutes, services.cutoff_minutes),
               coalesce(new.service_names, names),
               case when services.pay_when = 'before' and coalesce(new.price_minor, 0) <= 0
                    then 'desk' else services.pay_when end,
               case when services.pay_when = 'before' and new.price_minor > 0
                    then least(coalesce(services.deposit_minor * case when new.group_id is null then 1 else greatest(1, coalesce(
                                   new.price_minor / nullif((select groups.price_minor from groups where id = new.group_id), 0),
                                   1)) end,
                               new.price_minor),
                          new.price_minor) end,
               services.refund_minutes, services.late_refund_percent
        into new.service_name, new.cutoff_minutes, new.service_names,
             new.pay_when, new.pay_minor, new.refund_minutes, new.late_refund_percent
        from services where id = new.service_id;
    end if;
    return new;
end
$$;
