//! How the description of a clinic is stored.

use super::{Clinic, Subject, put::Description, zone::must_be_known};
use crate::{
    database::{Failure, Lock, OnConstraint, Tx, locking},
    error::{AppError, Field, FieldProblem},
    idempotency::Changed,
};

const NAME_TAKEN: AppError = AppError::ValidationFailed {
    field: Field::Title,
    problem: FieldProblem::Taken,
};

impl Description for Clinic {
    const TRANSACTION: &'static str = "organisation.put_clinic";
    const CHANGES: [&'static str; 2] = ["clinic_added", "clinic_changed"];
    const CHANGED: Changed = Changed::Clinic;

    fn subject(id: i64) -> Subject {
        Subject::Clinic(id)
    }

    async fn check(&self, tx: &mut Tx) -> Result<(), Failure> {
        must_be_known(tx, &self.time_zone).await
    }

    async fn lock(tx: &mut Tx, id: i64) -> Result<Option<i32>, Failure> {
        let locked = sqlx::query_scalar!("select version from clinics where id = $1 for no key update", id);
        Ok(locking(Lock::Organisation, locked.fetch_optional(&mut **tx)).await?)
    }

    async fn lock_doctors(tx: &mut Tx, id: i64) -> Result<Vec<i64>, Failure> {
        let locked = sqlx::query_scalar!(
            "select id from doctors
         where exists (select from offers where doctor_id = doctors.id and clinic_id = $1)
         order by id
         for no key update",
            id,
        );
        Ok(locking(Lock::Doctor, locked.fetch_all(&mut **tx)).await?)
    }

    async fn insert(&self, tx: &mut Tx) -> Result<i64, Failure> {
        sqlx::query_scalar!(
            "insert into clinics (name, address, city, phone, time_zone) values ($1, $2, $3, $4, $5) returning id",
            self.name,
            self.address,
            self.city,
            self.phone,
            self.time_zone,
        )
        .fetch_one(&mut **tx)
        .await
        .on_constraint("clinics_name_key", NAME_TAKEN)
    }

    async fn update(&self, tx: &mut Tx, id: i64) -> Result<(), Failure> {
        sqlx::query_scalar!(
            "update clinics set name = $2, address = $3, city = $4, phone = $5, time_zone = $6, version = version + 1
         where id = $1 returning version",
            id,
            self.name,
            self.address,
            self.city,
            self.phone,
            self.time_zone,
        )
        .fetch_one(&mut **tx)
        .await
        .on_constraint("clinics_name_key", NAME_TAKEN)?;
        Ok(())
    }
}
