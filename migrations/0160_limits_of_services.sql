-- Services have limits for each patient: how many appointments may be open at once, and how many there may be in a week.

alter table services
    -- How many appointments of it a patient may have ahead; null for no limit.
    add column most_open integer,
    -- How many appointments of it a patient may have from a Monday to a Sunday of the clinic's zone; null for no limit.
    add column most_per_week integer,
    add constraint services_limits_sane check (
        most_open between 1 and 100 and most_per_week between 1 and 100
    ) not valid;

alter table services validate constraint services_limits_sane;

-- A change of an appointment by which a patient has more of a service than its limits allow, since staff said so. Written
-- in the transaction of the change; never altered.
create table limits_exceeded (
    appointment_id  bigint not null,
    -- The version that the change made.
    version         integer not null,
    constraint limits_exceeded_pkey primary key (appointment_id, version),
    constraint limits_exceeded_appointment_id_fkey foreign key (appointment_id) references appointments (id)
);
comment on table limits_exceeded is 'A row is a change by which staff let a patient have more of a service than its limits allow.';
