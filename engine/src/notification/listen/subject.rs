//! Appointments that something is said about, and whom it is said to.

use jiff::{Timestamp, tz::TimeZone};

use super::news::News;
use crate::{
    appointment::Status,
    database::{Failure, Tx},
    i18n::Locale,
    notification::kind::Kind,
    time::shown_zone,
};

/// An appointment, as far as the plan of its messages depends on it.
pub(super) struct Subject {
    pub(super) id: i64,
    pub(super) status: Status,
    pub(super) starts_at: Timestamp,
    pub(super) created_at: Timestamp,
    pub(super) zone: TimeZone,
    pub(super) patient_id: i64,
    pub(super) phone: String,
    pub(super) email: Option<String>,
    pub(super) locale: Locale,
    /// The visit that it is a part of.
    pub(super) visit_id: Option<i64>,
    /// Whether this transaction says to the patient that the whole day is cancelled.
    pub(super) is_told_of_the_day: bool,
    /// Whether it is with a doctor, and not with nobody.
    pub(super) has_doctor: bool,
}

/// Finds what is left of visits of which a part has come to its end: that the rest is confirmed is said once nobody has to
/// answer any more, and who declines last says it as well as who confirms last. Whether it is so is looked at when it is
/// sent. Answers with the appointments that are left, each with the key under which it is said.
pub(super) async fn rest_of_visits(
    tx: &mut Tx,
    news: &[News],
    subjects: &[Subject],
) -> Result<Vec<(Subject, String)>, Failure> {
    let ended: Vec<(i64, i64, i32)> = news
        .iter()
        .filter(|news| matches!(news.kind, Kind::Declined | Kind::Cancelled | Kind::Expired))
        .filter_map(|news| {
            let subject = subjects
                .iter()
                .find(|subject| subject.id == news.appointment_id)?;
            Some((subject.visit_id?, subject.id, news.version.unwrap_or_default()))
        })
        .collect();
    let Some((_, ended_id, version)) = ended.first().copied() else {
        return Ok(Vec::new());
    };
    let visits: Vec<i64> = ended.iter().map(|(visit_id, ..)| *visit_id).collect();
    let left = sqlx::query_scalar!(
        "select id from appointments
             where visit_id = any($1) and status in ('pending', 'confirmed')
             order by id",
        &visits,
    )
    .fetch_all(&mut **tx)
    .await?;
    if left.is_empty() {
        return Ok(Vec::new());
    }
    let siblings = read_subjects(tx, &left, false).await?;
    Ok(siblings
        .into_iter()
        .map(|sibling| {
            let key = format!("rest:{}:{ended_id}:{version}", sibling.id);
            (sibling, key)
        })
        .collect())
}

/// Reads what the messages depend on. Of those who share a phone, its holder is told, in the language that was chosen or
/// that they signed in with last. Whether they are told of a day that is cancelled is read where something ends: it would be read for
/// each booking, whose hours are locked.
pub(super) async fn read_subjects(
    tx: &mut Tx,
    ids: &[i64],
    is_ending: bool,
) -> Result<Vec<Subject>, Failure> {
    let rows = sqlx::query!(
        r#"select appointments.id, status, starts_at, appointments.created_at, time_zone, visit_id,
                      doctor_id <> 0 as "has_doctor!", patients.id as patient_id,
                      patients.phone, case when reached.email_confirmed_at is not null then reached.email end as email,
                      coalesce(
                          reached.locale,
                          (select locale from messages
                           where recipient = patients.phone and sent_at is not null and kind = 'code'
                           order by sent_at desc limit 1)
                      ) as locale,
                      $2 and exists (
                          select from messages
                          where messages.patient_id = patients.id and kind = 'day_cancelled' and created_at = now()
                      ) as "is_told_of_the_day!"
               from appointments
               join patients on patients.id = patient_id
               join patients as reached on reached.id = coalesce(patients.holder_id, patients.id)
               join (select id as clinic_id, time_zone from clinics) as clinics using (clinic_id)
               where appointments.id = any($1)"#,
        ids,
        is_ending,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(Subject {
                id: row.id,
                status: Status::parse(&row.status)?,
                starts_at: row.starts_at.to_jiff(),
                created_at: row.created_at.to_jiff(),
                zone: shown_zone(&row.time_zone),
                patient_id: row.patient_id,
                locale: (row.locale.as_deref().and_then(Locale::parse))
                    .unwrap_or_else(|| Locale::of_phone(&row.phone)),
                phone: row.phone,
                email: row.email,
                visit_id: row.visit_id,
                is_told_of_the_day: row.is_told_of_the_day,
                has_doctor: row.has_doctor,
            })
        })
        .collect())
}
