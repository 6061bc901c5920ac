//! The figures of a report while they are being counted.

use std::collections::BTreeMap;

use super::Figures;

/// The query of figures of the appointments that are chosen, each of which has in `key` the line that it belongs to. The
/// last argument is what the statement goes on with after them. A statement that reads them twice says before it which columns
/// it wants: all of them are kept, and some are dear.
macro_rules! of_chosen {
    ($chosen:expr, $rest:literal) => {
        crate::report::table::of_chosen!($chosen, "*", $rest)
    };
    ($chosen:expr, $columns:literal, $rest:literal) => {
        sqlx::query!(
            "with chosen as (select "
                + $columns
                + r#",
                      case $6::text when 'doctor' then doctor_id::text when 'clinic' then clinic_id::text
                                    when 'service' then service_id::text when 'channel' then channel end
                          collate "C" as key
               from reported_appointments
               where starts_at >= $1::date - interval '1 day' and starts_at < $2::date + interval '3 days'
                 and local_start >= $1::date and local_start < $2::date + 1
                 and ($3::bigint[] is null or clinic_id = any($3))
                 and ($4::bigint is null or doctor_id = $4)
                 and ($5::bigint is null or service_id = $5))"#
                + $rest,
            jiff_sqlx::ToSqlx::to_sqlx($chosen.period.first) as _,
            jiff_sqlx::ToSqlx::to_sqlx($chosen.period.last) as _,
            $chosen.clinics.as_deref(),
            $chosen.doctor_id,
            $chosen.service_id,
            $chosen.by.map(crate::report::By::as_str),
        )
    };
}
pub(super) use of_chosen;

/// The figures that are being counted.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub total: Figures,
    pub by_key: BTreeMap<String, Figures>,
    /// What has no part to belong to, such as of a channel that is unknown.
    rest: Figures,
}

impl Table {
    /// The figures that a row is about.
    pub fn figures(&mut self, is_total: bool, key: Option<String>) -> &mut Figures {
        match (is_total, key) {
            (true, _) => &mut self.total,
            (false, Some(key)) => self.by_key.entry(key).or_default(),
            (false, None) => &mut self.rest,
        }
    }
}
