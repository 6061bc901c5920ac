-- What these two answer has not changed. In plpgsql a session plans them once; in SQL they were planned anew for every request
-- of somebody who is signed in, which took longer than all the rest of the request's first statement.
create or replace function opened_since(of_patient bigint) returns timestamptz
    language plpgsql stable
    as $$
    begin
        return (
            select now() - make_interval(days => number_days)
            from organisation
            join patients on patients.id = of_patient
            left join number_confirmations on number_confirmations.patient_id = coalesce(holder_id, patients.id)
                and number_confirmations.phone = patients.phone
            where number_days > 0
              and (confirmed_at is null or confirmed_at < now() - make_interval(days => number_days))
        );
    end
    $$;

create or replace function consents_to(whose bigint, what text) returns boolean
    language plpgsql stable
    as $$
    begin
        return coalesce(
            (select is_given from consents where patient_id = whose and purpose = what order by id desc limit 1),
            true);
    end
    $$;
