//! How the description of a service is stored.

use super::{Service, Subject, put::Description};
use crate::{
    database::{Failure, Lock, OnConstraint, Tx, locking},
    error::{AppError, Field, FieldProblem},
    idempotency::Changed,
};

const KEY_TAKEN: AppError = AppError::ValidationFailed {
    field: Field::ServiceKey,
    problem: FieldProblem::Taken,
};

/// Narrows a number that the form has checked.
fn small(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl Description for Service {
    const TRANSACTION: &'static str = "organisation.put_service";
    const CHANGES: [&'static str; 2] = ["service_added", "service_changed"];
    const CHANGED: Changed = Changed::Service;

    fn subject(id: i64) -> Subject {
        Subject::Service(id)
    }

    async fn check(&self, _: &mut Tx) -> Result<(), Failure> {
        Ok(())
    }

    async fn lock(tx: &mut Tx, id: i64) -> Result<Option<i32>, Failure> {
        let locked = sqlx::query_scalar!("select version from services where id = $1 for no key update", id);
        Ok(locking(Lock::Organisation, locked.fetch_optional(&mut **tx)).await?)
    }

    async fn lock_doctors(tx: &mut Tx, id: i64) -> Result<Vec<i64>, Failure> {
        let locked = sqlx::query_scalar!(
            // Those, too, who have sessions of it without offering it: who takes seats reads what it asks under the lock of their doctor.
            "select id from doctors
         where exists (select from offers where doctor_id = doctors.id and service_id = $1)
            or exists (select from groups
                       where doctor_id = doctors.id and service_id = $1 and state = 'published' and starts_at > now())
         order by id
         for no key update",
            id,
        );
        Ok(locking(Lock::Doctor, locked.fetch_all(&mut **tx)).await?)
    }

    async fn insert(&self, tx: &mut Tx) -> Result<i64, Failure> {
        let (horizon_unit, horizon_days) = self.horizon();
        let price = self.price.as_ref();
        let (pay_when, deposit) = self.terms.when.to_store();
        sqlx::query_scalar!(
            "insert into services
             (key, name, mode, duration_minutes, buffer_before_minutes, buffer_after_minutes, slot_interval_minutes,
              notice_minutes, horizon_days, horizon_unit, cutoff_minutes, instant, price_minor, currency, active, most_open, most_per_week, names,
              pay_when, deposit_minor, refund_minutes, late_refund_percent)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
         returning id",
            self.key,
            self.name,
            self.mode,
            small(self.rules.duration),
            small(self.rules.buffer_before),
            small(self.rules.buffer_after),
            self.rules.interval,
            small(self.rules.notice),
            horizon_days,
            horizon_unit,
            self.cutoff_minutes,
            self.instant,
            price.map(|price| price.minor),
            price.map(|price| price.currency.as_str()),
            self.active,
            self.limits.open,
            self.limits.per_week,
            self.names.to_store(),
            pay_when,
            deposit,
            self.terms.refund.full_minutes,
            self.terms.refund.late_percent,
        )
        .fetch_one(&mut **tx)
        .await
        .on_constraint("services_key_key", KEY_TAKEN)
    }

    async fn update(&self, tx: &mut Tx, id: i64) -> Result<(), Failure> {
        let (horizon_unit, horizon_days) = self.horizon();
        let price = self.price.as_ref();
        let (pay_when, deposit) = self.terms.when.to_store();
        sqlx::query!(
            "update services set
             key = $2, name = $3, mode = $4, duration_minutes = $5, buffer_before_minutes = $6,
             buffer_after_minutes = $7, slot_interval_minutes = $8, notice_minutes = $9, horizon_days = $10,
             horizon_unit = $11, cutoff_minutes = $12, instant = $13, price_minor = $14, currency = $15, active = $16,
             most_open = $17, most_per_week = $18, names = $19, pay_when = $20, deposit_minor = $21,
             refund_minutes = $22, late_refund_percent = $23, version = version + 1
         where id = $1",
            id,
            self.key,
            self.name,
            self.mode,
            small(self.rules.duration),
            small(self.rules.buffer_before),
            small(self.rules.buffer_after),
            self.rules.interval,
            small(self.rules.notice),
            horizon_days,
            horizon_unit,
            self.cutoff_minutes,
            self.instant,
            price.map(|price| price.minor),
            price.map(|price| price.currency.as_str()),
            self.active,
            self.limits.open,
            self.limits.per_week,
            self.names.to_store(),
            pay_when,
            deposit,
            self.terms.refund.full_minutes,
            self.terms.refund.late_percent,
        )
        .execute(&mut **tx)
        .await
        .on_constraint("services_key_key", KEY_TAKEN)?;
        Ok(())
    }
}
