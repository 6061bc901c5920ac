//! The form of a clinic.

use super::{Checks, Filled, MAX_LINE, MAX_NAME};
use crate::{
    error::{AppError, Field, FieldProblem},
    organisation::Clinic,
    time,
};

impl Filled {
    /// # Errors
    /// Those of [`Self::service`].
    pub fn clinic(&self) -> Result<Clinic, Vec<AppError>> {
        let mut checks = Checks::default();
        let clinic = Clinic {
            name: checks.take(self.line(Field::Title, MAX_NAME)),
            address: checks.take(self.line(Field::Address, MAX_LINE)),
            city: checks.take(self.line(Field::City, MAX_LINE)),
            phone: checks.take(self.line(Field::ClinicPhone, 40)),
            time_zone: checks.take(self.time_zone()),
        };
        checks.finish(clinic)
    }

    fn time_zone(&self) -> Result<String, AppError> {
        let name = self.text(Field::TimeZone.name()).trim();
        if name.is_empty() {
            return Err(AppError::invalid(Field::TimeZone, FieldProblem::Missing));
        }
        time::zone(name)
            .and_then(|zone| zone.iana_name().map(str::to_owned))
            .ok_or(AppError::invalid(Field::TimeZone, FieldProblem::Malformed))
    }
}

impl From<&Clinic> for Filled {
    fn from(clinic: &Clinic) -> Self {
        Self::default()
            .with(Field::Title.name(), &*clinic.name)
            .with(Field::Address.name(), &*clinic.address)
            .with(Field::City.name(), &*clinic.city)
            .with(Field::ClinicPhone.name(), &*clinic.phone)
            .with(Field::TimeZone.name(), &*clinic.time_zone)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::problems, *};

    #[test]
    fn a_time_zone_must_exist() {
        let clinic = |zone: &str| {
            Filled::default()
                .with("title", "Clinic")
                .with("address", "Street 1")
                .with("city", "Town")
                .with("clinic_phone", "+1 555 0100")
                .with("time_zone", zone)
                .clinic()
        };
        assert_eq!(clinic("asia/jakarta").unwrap().time_zone, "Asia/Jakarta");
        for (zone, problem) in [
            ("", FieldProblem::Missing),
            ("Asia/Jakarta2", FieldProblem::Malformed),
            ("+07:00", FieldProblem::Malformed),
            ("Etc/Unknown", FieldProblem::Malformed),
        ] {
            assert_eq!(problems(clinic(zone)), [(Field::TimeZone, problem)], "{zone}");
        }
    }
}
