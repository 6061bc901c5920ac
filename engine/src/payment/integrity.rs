//! The rules that payments keep, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// What was paid is neither booked nor on its way back, nor kept by a rule: paid minus paid back is not the price of what is
/// booked and paid.
pub const PAYMENT_ASTRAY: Rule = Rule::new("payment_astray");

/// An appointment or a stay lives, and what was paid for it goes back by us.
pub const LIVING_PAID_BACK: Rule = Rule::new("living_paid_back");

/// More was paid for an appointment or a stay than it costs.
pub const PAID_TOO_MUCH: Rule = Rule::new("paid_too_much");

/// A payment goes back more than once, or more of it than was paid.
pub const PAID_BACK_TWICE: Rule = Rule::new("paid_back_twice");

/// A share of a visit is not paid, or not by the same provider and in the same currency, as what is paid on the same page.
pub const SHARE_APART: Rule = Rule::new("share_apart");

/// The rules of payments.
pub const PAYMENTS: Integrity = Integrity {
    rules: &[
        PAYMENT_ASTRAY,
        LIVING_PAID_BACK,
        PAID_TOO_MUCH,
        PAID_BACK_TWICE,
        SHARE_APART,
    ],
    guards: &[
        "payments_pkey",
        "payments_provider_session_key",
        "payments_receipt_number_key",
        "payments_paid_has_receipt",
        "payments_of_one",
        "payments_share_has_no_page",
        "refunds_key_key",
        "provider_events_pkey",
    ],
    check: |checks| Box::pin(payments_are_whole(checks)),
};

async fn payments_are_whole(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        PAYMENT_ASTRAY,
        "select format('payment %s (%s) of %s: paid %s %s, kept %s, going back %s, %s is %s', payments.id,
                       payments.state, provider, amount_minor, payments.currency, coalesce(kept_minor::text, 'undecided'),
                       back, coalesce('appointment ' || appointment_id, 'stay ' || stay_id),
                       coalesce(appointments.status, stays.status)) as said
         from payments
         left join appointments on appointments.id = appointment_id
         left join stays on stays.id = stay_id
         cross join lateral (select coalesce(sum(refunds.amount_minor), 0) as back from refunds
                             where payment_id = payments.id and why <> 'outside') as refunds
         where paid_at is not null
           and amount_minor <> case
               when payments.state = 'paid' and kept_minor is null
                    and coalesce(appointments.status, stays.status)
                        not in ('held', 'cancelled', 'rejected', 'expired', 'lapsed') then amount_minor
               when kept_minor is null then -1
               else kept_minor + back
           end
         order by payments.id"
    );
    check!(
        checks,
        LIVING_PAID_BACK,
        "select format('refund %s of payment %s: %s is %s', refunds.id, payments.id,
                       coalesce('appointment ' || appointment_id, 'stay ' || stay_id),
                       coalesce(appointments.status, stays.status)) as said
         from refunds
         join payments on payments.id = payment_id
         left join appointments on appointments.id = appointment_id
         left join stays on stays.id = stay_id
         where coalesce(appointments.status, stays.status) not in ('held', 'cancelled', 'rejected', 'expired', 'lapsed')
           and why not in ('outside', 'fewer')
           and (why in ('cancelled', 'by_clinic')
                -- What was paid twice goes back once: the other one stays.
                or not exists (select from payments as other
                               where (other.appointment_id = payments.appointment_id or other.stay_id = payments.stay_id)
                                 and other.state = 'paid'))
         order by refunds.id"
    );
    check!(
        checks,
        PAID_TOO_MUCH,
        "select format('%s: price %s, paid %s', what, coalesce(price::text, 'none'), sum(standing)) as said
         from (select coalesce('appointment ' || appointment_id, 'stay ' || stay_id) as what,
                      coalesce(appointment_id, stay_id) as id,
                      coalesce(price_minor, total_minor + given_up_minor) as price,
                      -- What went back at the provider first does not go back once more where it costs less after that.
                      amount_minor - (select coalesce(sum(refunds.amount_minor), 0) from refunds
                                      where payment_id = payments.id
                                        and (why = 'fewer' or why = 'outside' and refunds.state <> 'failed')) as standing
               from payments
               left join appointments on appointments.id = appointment_id
               left join stays on stays.id = stay_id
               where payments.state = 'paid' and kept_minor is null) as paid
         group by what, id, price
         having sum(standing) > coalesce(price, 0)
         order by id, what"
    );
    check!(
        checks,
        PAID_BACK_TWICE,
        "select format('payment %s: paid %s, paid back %s in %s', payments.id, payments.amount_minor,
                       sum(refunds.amount_minor), count(*)) as said
         from payments
         join refunds on payment_id = payments.id
         group by payments.id
         having sum(refunds.amount_minor) filter (where why <> 'outside') > payments.amount_minor
             or count(*) filter (where why not in ('outside', 'fewer')) > 1
         order by payments.id"
    );
    check!(
        checks,
        SHARE_APART,
        "select format('payment %s (%s, %s) on the page of %s (%s, %s)', share.id, share.state, share.currency, page.id, page.state,
                       page.currency) as said
         from payments as share
         join payments as page on page.id = share.lead_id
         where page.lead_id is not null or page.parts is null or not share.appointment_id = any(page.parts) and share.paid_at is null
            or share.provider <> page.provider or share.currency <> page.currency
            or (share.paid_at is null) <> (page.paid_at is null)
         order by share.id"
    );
    Ok(())
}
