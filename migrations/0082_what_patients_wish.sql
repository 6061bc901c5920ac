-- What patients want to be told how, and where by mail.

alter table patients
    -- The language in which they are spoken to; null until they chose or booked in one.
    add column if not exists locale              text,
    add column if not exists email               text,
    -- Null: the link that was sent there has not been followed, and nothing else is sent there.
    add column if not exists email_confirmed_at  timestamptz,
    -- On which way they are told of what, such as {"reminder": "email"}; what is not named goes by SMS. Codes always do.
    add column wishes                            jsonb not null default '{}',
    add constraint patients_wishes_object check (jsonb_typeof(wishes) = 'object') not valid;
