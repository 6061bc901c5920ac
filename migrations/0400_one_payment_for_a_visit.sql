-- A visit of several appointments that is paid before it is booked: one page at the provider, and for each appointment its own share.

alter table payments
    -- The payment on whose page this one is paid; null for those that have a page of their own, or none. What is paid on one page is
    -- paid, failed and ended together; each of them goes back by itself.
    add column lead_id bigint,
    -- All appointments that are booked by what is paid on this page, in their order, also those that cost nothing first; null where
    -- that is one, or a stay.
    add column parts bigint[],
    add constraint payments_lead_id_fkey foreign key (lead_id) references payments (id) not valid,
    -- A share has neither a page nor shares of its own, and is nothing that the desk took.
    add constraint payments_share_has_no_page check (
        lead_id is null
        or lead_id <> id and parts is null and provider_session is null and url is null and appointment_id is not null
           and taken_by is null
    ) not valid;
comment on table payments is
    'A row is one attempt to pay for an appointment or a stay, or what the desk took for it, and what became of it. What a visit is paid with has a row for each appointment.';
