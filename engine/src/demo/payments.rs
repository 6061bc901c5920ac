//! A service of the demo that is paid before it is booked, at the provider of our own.

use super::Ids;
use crate::database::{Failure, Tx};

/// Adds a vaccination for travellers at the first two doctors, who are of one clinic: 450,000 rupiah, all of it back until a day before, and half of it later.
pub(super) async fn insert(tx: &mut Tx, ids: &Ids) -> Result<(), Failure> {
    let Some(clinic_id) = ids.clinics.first() else {
        return Ok(());
    };
    let doctors: Vec<i64> = ids
        .doctors
        .iter()
        .take(2)
        .map(|(doctor_id, _)| *doctor_id)
        .collect();
    sqlx::query!(
        r#"with added as (
               insert into services
                   (key, name, names, mode, duration_minutes, buffer_after_minutes, slot_interval_minutes, notice_minutes,
                    horizon_days, cutoff_minutes, instant, price_minor, currency, pay_when, refund_minutes,
                    late_refund_percent)
               values ('travel_vaccination', 'Vaccination for travellers',
                       '{"de": "Reiseimpfung", "id": "Vaksinasi perjalanan"}', 'in_person', 15, 0, 30, 60, 60, 60, true,
                       45000000, 'IDR', 'before', 1440, 50)
               returning id
           )
           insert into offers (doctor_id, clinic_id, service_id)
           select doctor_id, $2, added.id from added, unnest($1::bigint[]) as doctor_id"#,
        &doctors,
        clinic_id,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
