-- Payments: what a service asks for, what was paid for an appointment, and what went back.

alter table services
    -- When it is paid: at the desk, or before it is booked; null where nothing is said of it.
    add column pay_when text,
    -- What is paid before it is booked; null for the whole price.
    add column deposit_minor bigint,
    -- Minutes before the start until which a patient who cancels gets everything back.
    add column refund_minutes integer not null default 0,
    -- What a patient gets back who cancels later, in percent of what was paid.
    add column late_refund_percent integer not null default 0,
    add constraint services_pay_when_known check (pay_when in ('desk', 'before')) not valid,
    -- Nobody pays before without a price, and no deposit is more than that.
    add constraint services_paid_before_has_price check (
        pay_when is distinct from 'before' or price_minor is not null and price_minor > 0
    ) not valid,
    add constraint services_deposit_sane check (
        deposit_minor is null or pay_when = 'before' and deposit_minor > 0 and deposit_minor <= price_minor
    ) not valid,
    add constraint services_refund_sane check (
        refund_minutes between 0 and 525600 and late_refund_percent between 0 and 100
    ) not valid;

alter table services
    validate constraint services_pay_when_known,
    validate constraint services_paid_before_has_price,
    validate constraint services_deposit_sane,
    validate constraint services_refund_sane;

alter table appointments
    -- Snapshots of the service, as its price is one: null in rows of before, and where nothing is said of payment.
    add column pay_when text,
    -- What is paid before it is booked.
    add column pay_minor bigint,
    add column refund_minutes integer,
    add column late_refund_percent integer,
    add constraint appointments_paid_before_known check (
        pay_when in ('desk', 'before') and (pay_when = 'before') = (pay_minor is not null)
    ) not valid;

-- Whoever writes an appointment, these snapshots are taken. Seats of a session are paid at the desk.
create or replace function appointments_take_snapshot() returns trigger
    language plpgsql as $$
begin
    if new.service_name is null or new.cutoff_minutes is null then
        select coalesce(new.service_name, name), coalesce(new.cutoff_minutes, services.cutoff_minutes),
               coalesce(new.service_names, names),
               case when services.pay_when = 'before' and (new.group_id is not null or coalesce(new.price_minor, 0) <= 0)
                    then 'desk' else services.pay_when end,
               case when services.pay_when = 'before' and new.group_id is null and new.price_minor > 0
                    then least(coalesce(services.deposit_minor, new.price_minor), new.price_minor) end,
               services.refund_minutes, services.late_refund_percent
        into new.service_name, new.cutoff_minutes, new.service_names,
             new.pay_when, new.pay_minor, new.refund_minutes, new.late_refund_percent
        from services where id = new.service_id;
    end if;
    return new;
end
$$;

-- The numbers of receipts. One that was given is never given again; there may be gaps.
create sequence receipt_numbers as bigint;

create table payments (
    id                bigint      generated always as identity,
    -- Its row is locked by whoever changes the payment: a payment has no lock of its own.
    appointment_id    bigint      not null,
    -- Where the money comes from: a provider's page, or the desk of the clinic.
    provider          text        not null,
    state             text        not null,
    amount_minor      bigint      not null,
    currency          text        not null,
    -- The patient who went to pay, or whose phone it is; null for what the desk took.
    started_by        bigint,
    -- Who of the staff took it.
    taken_by          bigint,
    -- The language of whoever pays.
    locale            text        not null default 'en',
    -- The ids of the provider's page and of the payment itself, as the provider has them.
    provider_session  text,
    provider_payment  text,
    -- The address of the provider's page.
    url               text,
    -- When the provider's page ends; null for what the desk took.
    session_ends_at   timestamptz,
    -- Since when it is to be ended at the provider: the patient went to pay anew, or gave the time up.
    given_up_at       timestamptz,
    receipt_number    bigint,
    created_at        timestamptz not null,
    paid_at           timestamptz,
    -- When it failed or ran out.
    ended_at          timestamptz,
    -- What the clinic keeps of it by the rule of the appointment; null as long as nothing went back.
    kept_minor        bigint,
    version           integer     not null default 1,
    -- What a worker does outside: when it is due again, until when one has it, and how often one had it.
    work_due_at       timestamptz,
    work_until        timestamptz,
    attempts          integer     not null default 0,
    constraint payments_pkey primary key (id),
    constraint payments_appointment_id_fkey foreign key (appointment_id) references appointments (id),
    constraint payments_started_by_fkey foreign key (started_by) references patients (id),
    constraint payments_taken_by_fkey foreign key (taken_by) references staff (id),
    constraint payments_provider_session_key unique (provider, provider_session),
    constraint payments_receipt_number_key unique (receipt_number),
    constraint payments_provider_known check (provider in ('stripe', 'midtrans', 'demo', 'cash', 'terminal')),
    constraint payments_state_known check (state in (
        'created', 'paying', 'paid', 'refund_due', 'refunding', 'refunded', 'refund_failed', 'failed', 'expired'
    )),
    constraint payments_amount_positive check (amount_minor > 0),
    constraint payments_kept_sane check (kept_minor between 0 and amount_minor),
    constraint payments_by_somebody check (
        (provider in ('cash', 'terminal')) = (taken_by is not null)
        and (provider in ('cash', 'terminal')) = (session_ends_at is null)
    ),
    constraint payments_paid_has_receipt check (
        (state in ('created', 'paying', 'failed', 'expired')) = (paid_at is null)
        and (paid_at is null) = (receipt_number is null)
    )
);
comment on table payments is 'A row is one attempt to pay for an appointment, or what the desk took for it, and what became of it.';
create index payments_appointment_id_idx on payments (appointment_id, id);
create index payments_provider_payment_idx on payments (provider, provider_payment) where provider_payment is not null;
create index payments_work_idx on payments (work_due_at, id) where work_due_at is not null;
create index payments_created_at_idx on payments (created_at, id);
create index payments_paid_at_idx on payments (paid_at, id) where paid_at is not null;
-- Nobody goes to pay twice for one appointment: the page before is given up first.
create unique index payments_one_open on payments (appointment_id)
    where state in ('created', 'paying') and given_up_at is null;

create table refunds (
    id               bigint      generated always as identity,
    payment_id       bigint      not null,
    -- The key under which the provider does it once. One of ours for each payment; those made at the provider have its id.
    key              text        not null,
    -- Why: the time had gone, it was paid twice, the appointment was cancelled, or the clinic did it at the provider.
    why              text        not null,
    state            text        not null,
    amount_minor     bigint      not null,
    -- As the provider has it.
    provider_refund  text,
    -- For what was paid back by hand: where it can be found, and who did it.
    reference        text        not null default '',
    done_by          bigint,
    created_at       timestamptz not null,
    done_at          timestamptz,
    work_due_at      timestamptz,
    work_until       timestamptz,
    attempts         integer     not null default 0,
    constraint refunds_pkey primary key (id),
    constraint refunds_key_key unique (key),
    constraint refunds_payment_id_fkey foreign key (payment_id) references payments (id),
    constraint refunds_done_by_fkey foreign key (done_by) references staff (id),
    constraint refunds_state_known check (state in ('due', 'refunding', 'refunded', 'failed', 'by_hand')),
    constraint refunds_why_known check (why in ('too_late', 'twice', 'cancelled', 'by_clinic', 'outside')),
    constraint refunds_amount_positive check (amount_minor > 0),
    constraint refunds_by_hand_by_somebody check ((state = 'by_hand') = (done_by is not null)),
    constraint refunds_done check ((state in ('refunded', 'by_hand')) = (done_at is not null))
);
comment on table refunds is 'A row is an amount of a payment that goes back, or went back.';
create index refunds_payment_id_idx on refunds (payment_id, id);
create index refunds_open_idx on refunds (created_at, id) where state in ('due', 'refunding', 'failed');
create index refunds_done_at_idx on refunds (done_at, id) where done_at is not null;
create index refunds_work_idx on refunds (work_due_at, id) where work_due_at is not null;

create table payment_troubles (
    id           bigint      generated always as identity,
    payment_id   bigint      not null,
    -- A wrong amount or currency; a dispute, by the provider's id of it.
    kind         text        not null,
    reference    text        not null default '',
    -- What the provider says was paid.
    said_minor   bigint,
    said_currency text,
    noticed_at   timestamptz not null,
    settled_at   timestamptz,
    -- Who of the staff saw to it; null where the provider says that it is over.
    settled_by   bigint,
    constraint payment_troubles_pkey primary key (id),
    constraint payment_troubles_once_key unique (payment_id, kind, reference),
    constraint payment_troubles_payment_id_fkey foreign key (payment_id) references payments (id),
    constraint payment_troubles_settled_by_fkey foreign key (settled_by) references staff (id),
    constraint payment_troubles_kind_known check (kind in ('wrong_amount', 'disputed'))
);
comment on table payment_troubles is 'A row is something about a payment that a person has to look at.';
create index payment_troubles_open_idx on payment_troubles (noticed_at, id) where settled_at is null;

create table provider_events (
    source       text        not null,
    event_id     text        not null,
    received_at  timestamptz not null,
    constraint provider_events_pkey primary key (source, event_id)
);
comment on table provider_events is 'A row is an event of a provider that was taken in: the key by which it is taken in once.';
create index provider_events_received_at_idx on provider_events (received_at);

-- What a message about a payment speaks of. No reference, as with the other ids of a message.
alter table messages
    add column payment_id bigint;
