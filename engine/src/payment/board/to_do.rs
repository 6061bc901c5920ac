//! What waits for a person: amounts that no provider pays back, and what is wrong with a payment.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::clinics_of;
use crate::{
    account::Caller,
    database::{Database, Failure},
    error::AppError,
    money::Price,
    payment::{Provider, RefundState, Subject, Why},
    time::plus_minutes,
};

/// An amount that waits for a person.
#[derive(Clone, Debug)]
pub struct OpenRefund {
    pub id: i64,
    pub payment_id: i64,
    pub subject: Subject,
    pub reference: String,
    pub provider: Provider,
    pub state: RefundState,
    pub why: Why,
    pub amount: Price,
    pub created_at: Timestamp,
    /// Whether somebody has to pay it back; else it is the provider that takes its time.
    pub is_by_hand: bool,
}

/// What is wrong with a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    WrongAmount,
    Disputed,
}

impl TroubleKind {
    pub const ALL: [Self; 2] = [Self::WrongAmount, Self::Disputed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongAmount => "wrong_amount",
            Self::Disputed => "disputed",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Something about a payment that a person has to look at.
#[derive(Clone, Debug)]
pub struct OpenTrouble {
    pub id: i64,
    pub payment_id: i64,
    pub subject: Subject,
    pub reference: String,
    pub provider: Provider,
    pub kind: TroubleKind,
    pub asked: Price,
    /// What the provider says was paid.
    pub said: Option<Price>,
    pub noticed_at: Timestamp,
}

/// What waits for a person.
#[derive(Clone, Debug, Default)]
pub struct ToDo {
    pub refunds: Vec<OpenRefund>,
    pub troubles: Vec<OpenTrouble>,
}

/// The most of each kind that are listed.
const MAX_LISTED: i64 = 200;
/// The time after which a provider that has not paid back is worth a look, in minutes.
const SLOW_MINUTES: i64 = 24 * 60;

/// What waits for a person, the oldest first.
///
/// # Errors
/// Those of the database.
pub async fn to_do(database: &Database, caller: &Caller, now: Timestamp) -> Result<ToDo, AppError> {
    let clinics = clinics_of(caller);
    database
        .read("payment.to_do", move |mut connection| async move {
            let slow = plus_minutes(now, -SLOW_MINUTES);
            Ok(ToDo {
                refunds: refunds(&mut connection, clinics.as_deref(), slow, None).await?,
                troubles: troubles(&mut connection, clinics.as_deref()).await?,
            })
        })
        .await
}

/// An amount that has not gone back yet; none where it has, or is of a clinic that the caller does not have.
///
/// # Errors
/// Those of the database.
pub async fn open_refund(
    database: &Database,
    caller: &Caller,
    id: i64,
) -> Result<Option<OpenRefund>, AppError> {
    let clinics = clinics_of(caller);
    database
        .read("payment.open_refund", move |mut connection| async move {
            let found = refunds(
                &mut connection,
                clinics.as_deref(),
                Timestamp::UNIX_EPOCH,
                Some(id),
            )
            .await?;
            Ok(found.into_iter().next())
        })
        .await
}

/// Amounts that have not gone back: the one with this id, or those of which a person has to know.
async fn refunds(
    connection: &mut PgConnection,
    clinics: Option<&[i64]>,
    slow: Timestamp,
    id: Option<i64>,
) -> Result<Vec<OpenRefund>, Failure> {
    let rows = sqlx::query!(
        r#"select refunds.id, payment_id, appointment_id, stay_id,
                  coalesce(appointments.reference, stays.reference) as "reference!", provider, refunds.state, why, refunds.amount_minor,
                  payments.currency, refunds.created_at as "created_at: jiff_sqlx::Timestamp"
           from refunds
           join payments on payments.id = payment_id
           left join appointments on appointments.id = appointment_id
           left join stays on stays.id = stay_id
           left join room_types on room_types.id = stays.room_type_id
           where refunds.state in ('due', 'refunding', 'failed')
             and case when $4::bigint is null
                      then refunds.state = 'failed' or provider in ('cash', 'terminal') or refunds.created_at < $1
                      else refunds.id = $4 end
             and ($2::bigint[] is null or coalesce(appointments.clinic_id, room_types.clinic_id) = any($2))
           order by refunds.created_at, refunds.id
           limit $3"#,
        slow.to_sqlx(),
        clinics,
        MAX_LISTED,
        id,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let provider = Provider::parse(&row.provider).ok_or(AppError::Internal)?;
            let state = RefundState::parse(&row.state).ok_or(AppError::Internal)?;
            Ok(OpenRefund {
                id: row.id,
                payment_id: row.payment_id,
                subject: Subject::of(row.appointment_id, row.stay_id)?,
                reference: row.reference,
                is_by_hand: state == RefundState::Failed || provider.is_desk(),
                provider,
                state,
                why: Why::parse(&row.why).ok_or(AppError::Internal)?,
                amount: Price {
                    minor: row.amount_minor,
                    currency: row.currency,
                },
                created_at: row.created_at.to_jiff(),
            })
        })
        .collect()
}

async fn troubles(
    connection: &mut PgConnection,
    clinics: Option<&[i64]>,
) -> Result<Vec<OpenTrouble>, Failure> {
    let rows = sqlx::query!(
        r#"select payment_troubles.id, payment_id, appointment_id, stay_id,
                  coalesce(appointments.reference, stays.reference) as "reference!", provider, kind, payments.amount_minor,
                  payments.currency, said_minor, said_currency,
                  noticed_at as "noticed_at: jiff_sqlx::Timestamp"
           from payment_troubles
           join payments on payments.id = payment_id
           left join appointments on appointments.id = appointment_id
           left join stays on stays.id = stay_id
           left join room_types on room_types.id = stays.room_type_id
           where settled_at is null and ($1::bigint[] is null or coalesce(appointments.clinic_id, room_types.clinic_id) = any($1))
           order by noticed_at, payment_troubles.id
           limit $2"#,
        clinics,
        MAX_LISTED,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(OpenTrouble {
                id: row.id,
                payment_id: row.payment_id,
                subject: Subject::of(row.appointment_id, row.stay_id)?,
                reference: row.reference,
                provider: Provider::parse(&row.provider).ok_or(AppError::Internal)?,
                kind: TroubleKind::parse(&row.kind).ok_or(AppError::Internal)?,
                asked: Price {
                    minor: row.amount_minor,
                    currency: row.currency,
                },
                said: Price::of(row.said_minor, row.said_currency),
                noticed_at: row.noticed_at.to_jiff(),
            })
        })
        .collect()
}
