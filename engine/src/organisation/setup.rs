//! How far an installation has come until patients can book.

use crate::{database::Database, error::AppError};

/// The first steps of an installation, in their order, and whether they are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// There is a clinic.
    pub has_clinic: bool,
    /// There is a service that can be booked.
    pub has_service: bool,
    /// There is a doctor who offers one, at hours of the week at the same clinic.
    pub has_doctor: bool,
    /// The organisation has a name. Patients can book without.
    pub has_name: bool,
}

impl Setup {
    /// Returns whether patients find times to book.
    pub fn is_complete(self) -> bool {
        self.has_clinic && self.has_service && self.has_doctor
    }
}

/// Looks how far the installation has come.
///
/// # Errors
/// Those of the database.
pub async fn setup(database: &Database) -> Result<Setup, AppError> {
    database
        .read("organisation.setup", |mut connection| async move {
            let row = sqlx::query!(
                r#"select exists (select from clinics) as "has_clinic!",
                          exists (select from services where active) as "has_service!",
                          exists (select from doctors
                                  join offers on offers.doctor_id = doctors.id
                                  join services on services.id = service_id
                                  where doctors.active and services.active
                                    and exists (select from working_hours
                                                where working_hours.doctor_id = doctors.id
                                                  and working_hours.clinic_id = offers.clinic_id
                                                  and not is_break)) as "has_doctor!",
                          exists (select from organisation where name <> '') as "has_name!""#
            )
            .fetch_one(&mut *connection)
            .await?;
            Ok(Setup {
                has_clinic: row.has_clinic,
                has_service: row.has_service,
                has_doctor: row.has_doctor,
                has_name: row.has_name,
            })
        })
        .await
}
