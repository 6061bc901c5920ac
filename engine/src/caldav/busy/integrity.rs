//! The rules that busy times elsewhere keep, whatever the program did.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule, check},
};

/// A busy time is of another doctor than the calendar that it is from.
pub const BUSY_ASTRAY: Rule = Rule::new("busy_astray");

/// A doctor is busy by an object that takes no time.
pub const BUSY_BY_NOTHING: Rule = Rule::new("busy_by_nothing");

/// The constraints without which only the program keeps these rules.
const GUARDS: [&str; 3] = [
    "external_items_once",
    "external_busy_item_id_fkey",
    "external_busy_span_is_one",
];

/// The rules of busy times elsewhere.
pub const BUSY_ELSEWHERE: Integrity = Integrity {
    rules: &[BUSY_ASTRAY, BUSY_BY_NOTHING],
    guards: &GUARDS,
    check: |checks| Box::pin(check_busy(checks)),
};

async fn check_busy(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        BUSY_ASTRAY,
        "select distinct on (items.id)
                format('item %s of collection %s: a time of doctor %s, and the calendar is that of doctor %s',
                       items.id, items.collection_id, busy.doctor_id, accounts.doctor_id) as said
         from external_busy as busy
         join external_items as items on items.id = busy.item_id
         join calendar_collections as collections on collections.id = items.collection_id
         join calendar_accounts as accounts on accounts.id = collections.account_id
         where busy.doctor_id <> accounts.doctor_id or items.doctor_id <> accounts.doctor_id
         order by items.id"
    );
    check!(
        checks,
        BUSY_BY_NOTHING,
        "select format('item %s of collection %s is %s', items.id, items.collection_id, items.state) as said
         from external_items as items
         where items.state in ('free', 'own')
           and exists (select from external_busy where item_id = items.id)
         order by items.id"
    );
    Ok(())
}
