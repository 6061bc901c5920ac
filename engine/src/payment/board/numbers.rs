//! The numbers about what waits.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use metrics::gauge;

use super::TroubleKind;
use crate::{database::Database, error::AppError, payment::RefundState};

/// Measures what waits: amounts that go back, and what a person has to look at.
///
/// # Errors
/// Those of the database.
pub async fn measure_waiting(database: &Database, now: Timestamp) -> Result<(), AppError> {
    let (refunds, troubles) = database
        .read("payment.waiting", move |mut connection| async move {
            let refunds = sqlx::query!(
                r#"select state, count(*) as "count!",
                          extract(epoch from $1::timestamptz - min(created_at))::float8 as "seconds!"
                   from refunds where state in ('due', 'refunding', 'failed')
                   group by state"#,
                now.to_sqlx() as _,
            )
            .fetch_all(&mut *connection)
            .await?;
            let troubles = sqlx::query!(
                r#"select kind, count(*) as "count!" from payment_troubles where settled_at is null group by kind"#,
            )
            .fetch_all(&mut *connection)
            .await?;
            let refunds: Vec<_> = (refunds.into_iter())
                .map(|row| (row.state, row.count, row.seconds))
                .collect();
            let troubles: Vec<_> = (troubles.into_iter()).map(|row| (row.kind, row.count)).collect();
            Ok((refunds, troubles))
        })
        .await?;
    database.statistics().record(|| {
        for state in [RefundState::Due, RefundState::Refunding, RefundState::Failed] {
            let name = state.as_str();
            let known = refunds.iter().find(|(known, ..)| known == name);
            let (count, seconds) = known.map_or((0, 0.0), |(_, count, seconds)| (*count, *seconds));
            gauge!("janji_refunds_waiting", "state" => name).set(count as f64);
            gauge!("janji_refunds_oldest_seconds", "state" => name).set(seconds);
        }
        for kind in TroubleKind::ALL {
            let known = troubles.iter().find(|(known, _)| known == kind.as_str());
            let count = known.map_or(0, |(_, count)| *count);
            gauge!("janji_payment_troubles", "kind" => kind.as_str()).set(count as f64);
        }
    });
    Ok(())
}
