//! The values of the forms of the organisation: kept as typed until they can be parsed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Clinic, MODES, NewDoctor, Offer, Profile, Service, name_field};
use crate::{
    account::{check_new_password, email_address, required, storable, typed},
    availability::{Horizon, ServiceLimits, ServiceRules, Weekly},
    error::{AppError, Field, FieldProblem},
    i18n::{Locale, Names},
    money::Price,
    schedule::{
        Act,
        week::{Row, read},
    },
    stay::{MAX_TOTAL, RoomType},
    time,
};

/// The lengths of inputs, in characters.
pub const MAX_NAME: usize = 120;
pub const MAX_LINE: usize = 200;
pub const MAX_ABOUT: usize = 2000;

/// A year, in minutes: no notice and no cut-off is longer.
const A_YEAR: i32 = 366 * 24 * 60;

/// The most that a limit of a service for each patient can be.
const MAX_LIMIT: i32 = 100;

/// The fields that are no [`Field`] of their own.
pub const HORIZON_UNIT: &str = "horizon_unit";
pub const MODE: &str = "mode";
pub const INSTANT: &str = "instant";
pub const ACTIVE: &str = "active";
pub const UNTIL: &str = "until";
pub const BREAK_FROM: &str = "break_from";
pub const BREAK_UNTIL: &str = "break_until";
pub const MORE_LANGUAGES: &str = "more_languages";

/// The names of checkboxes.
pub const DAYS: &str = "days";
pub const SERVICES: &str = "services";
pub const OFFERS: &str = "offers";
pub const LANGUAGES: &str = "languages";

/// A form, as it was filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filled {
    fields: BTreeMap<String, String>,
    ticked: BTreeMap<String, Vec<String>>,
}

impl Filled {
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    pub fn is(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    pub fn ticked(&self, group: &str) -> &[String] {
        self.ticked.get(group).map_or(&[], Vec::as_slice)
    }

    pub fn has(&self, group: &str, value: &str) -> bool {
        self.ticked(group).iter().any(|ticked| ticked == value)
    }

    #[must_use]
    pub fn with(mut self, name: &str, text: impl Into<String>) -> Self {
        self.fields.insert(name.to_owned(), text.into());
        self
    }

    #[must_use]
    pub fn tick(mut self, group: &str, values: impl IntoIterator<Item = String>) -> Self {
        self.ticked.insert(group.to_owned(), values.into_iter().collect());
        self
    }

    /// Returns the values that a session may store: no password, and no characters that PostgreSQL refuses.
    #[must_use]
    pub fn without_password(mut self) -> Self {
        self.fields.remove(Field::NewPassword.name());
        self.fields.remove(Field::OwnPassword.name());
        Self {
            fields: self
                .fields
                .into_iter()
                .map(|(name, text)| (storable(&name), storable(&text)))
                .collect(),
            ticked: self
                .ticked
                .into_iter()
                .map(|(group, values)| {
                    (
                        storable(&group),
                        values.iter().map(|value| storable(value)).collect(),
                    )
                })
                .collect(),
        }
    }

    /// # Errors
    /// `VALIDATION_FAILED`, once for each field that is not right.
    pub fn service(&self) -> Result<Service, Vec<AppError>> {
        let mut checks = Checks::default();
        let name = checks.take(self.line(Field::Title, MAX_NAME));
        let key = checks.take(self.service_key(&name));
        let mode = checks.take(self.mode());
        let rules = ServiceRules {
            duration: checks.take(self.number(Field::Length, 1, 1440)).into(),
            buffer_before: checks.take(self.number(Field::BufferBefore, 0, 1440)).into(),
            buffer_after: checks.take(self.number(Field::BufferAfter, 0, 1440)).into(),
            interval: checks.take(self.number(Field::Interval, 1, 1440)),
            notice: checks.take(self.number(Field::Notice, 0, A_YEAR)).into(),
            horizon: {
                let days = checks.take(self.number(Field::Horizon, 0, 730));
                match self.text(HORIZON_UNIT) {
                    "working_days" => Horizon::WorkingDays(days),
                    _ => Horizon::CalendarDays(days),
                }
            },
        };
        let service = Service {
            key,
            name,
            names: self.names(&mut checks),
            mode,
            rules,
            cutoff_minutes: checks.take(self.number(Field::Cutoff, 0, A_YEAR)),
            instant: self.is(INSTANT),
            price: checks.take(self.price()),
            limits: ServiceLimits {
                open: checks.take(self.limit(Field::MostOpen)),
                per_week: checks.take(self.limit(Field::MostPerWeek)),
            },
            active: self.is(ACTIVE),
        };
        checks.finish(service)
    }

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

    /// # Errors
    /// Those of [`Self::service`].
    pub fn room_type(&self) -> Result<RoomType, Vec<AppError>> {
        let mut checks = Checks::default();
        let room_type = RoomType {
            clinic_id: checks.take(self.clinic_id()),
            name: checks.take(self.line(Field::Title, MAX_NAME)),
            names: self.names(&mut checks),
            rooms: checks.take(self.number(Field::Rooms, 0, MAX_TOTAL)),
            price: checks.take(self.needed_price()),
            active: self.is(ACTIVE),
        };
        checks.finish(room_type)
    }

    /// # Errors
    /// Those of [`Self::service`].
    pub fn profile(&self) -> Result<Profile, Vec<AppError>> {
        let mut checks = Checks::default();
        let profile = self.read_profile(&mut checks);
        checks.finish(profile)
    }

    /// # Errors
    /// Those of [`Self::service`].
    pub fn new_doctor(&self) -> Result<NewDoctor, Vec<AppError>> {
        let mut checks = Checks::default();
        let profile = self.read_profile(&mut checks);
        let doctor = NewDoctor {
            profile,
            clinic_id: checks.take(self.clinic_id()),
            services: checks.take(self.services()),
            week: checks.take(self.week()),
        };
        checks.finish(doctor)
    }

    /// A password for an account, which is not trimmed and not kept.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn new_password(&self) -> Result<String, AppError> {
        let password = self.text(Field::NewPassword.name());
        let own = [Field::Title, Field::Email].map(|field| self.text(field.name()));
        check_new_password(password, &own)?;
        Ok(password.to_owned())
    }

    /// The password of whoever sends the form, which is not kept either.
    pub fn own_password(&self) -> Option<String> {
        let password = self.text(Field::OwnPassword.name());
        (!password.is_empty()).then(|| password.to_owned())
    }

    /// Reads the ticked services of all clinics.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn offers(&self) -> Result<Vec<Offer>, AppError> {
        let mut offers = self
            .ticked(OFFERS)
            .iter()
            .map(|offer| {
                let (clinic, service) = offer.split_once('-')?;
                Some(Offer {
                    clinic_id: clinic.parse().ok()?,
                    service_id: service.parse().ok()?,
                })
            })
            .collect::<Option<Vec<Offer>>>()
            .ok_or(AppError::invalid(Field::Body, FieldProblem::Malformed))?;
        offers.sort_unstable();
        offers.dedup();
        Ok(offers)
    }

    fn read_profile(&self, checks: &mut Checks) -> Profile {
        Profile {
            name: checks.take(self.line(Field::Title, MAX_NAME)),
            speciality: checks.take(self.line(Field::Speciality, MAX_NAME)),
            about: checks.take(typed(Field::About, self.text(Field::About.name()), MAX_ABOUT)),
            languages: checks.take(self.languages()),
            email: checks.take(self.email()),
        }
    }

    /// The names in other languages, each of which may be left out.
    fn names(&self, checks: &mut Checks) -> Names {
        Locale::ALL.into_iter().fold(Names::default(), |names, locale| {
            let field = name_field(locale);
            let name = checks.take(typed(field, self.text(field.name()), MAX_NAME));
            names.with(locale, name)
        })
    }

    /// One line that must not be empty.
    fn line(&self, field: Field, most: usize) -> Result<String, AppError> {
        required(field, self.text(field.name()), most)
    }

    fn number(&self, field: Field, least: i32, most: i32) -> Result<i32, AppError> {
        let text = self.text(field.name()).trim();
        text.parse()
            .ok()
            .filter(|number| (least..=most).contains(number) && !text.starts_with('+'))
            .ok_or(AppError::invalid(field, FieldProblem::Malformed))
    }

    /// A number that may be left out: then there is no limit.
    fn limit(&self, field: Field) -> Result<Option<i32>, AppError> {
        match self.text(field.name()).trim() {
            "" => Ok(None),
            _ => self.number(field, 1, MAX_LIMIT).map(Some),
        }
    }

    /// Made of the name where nobody says another one.
    fn service_key(&self, name: &str) -> Result<String, AppError> {
        let said = self.text(Field::ServiceKey.name()).trim();
        let key = match said {
            "" => key_of(name),
            said => said.to_owned(),
        };
        let is_key = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        match key.len() {
            0 => Err(AppError::invalid(Field::ServiceKey, FieldProblem::Missing)),
            1..=60 if key.bytes().all(is_key) => Ok(key),
            1..=60 => Err(AppError::invalid(Field::ServiceKey, FieldProblem::Malformed)),
            _ => Err(AppError::invalid(Field::ServiceKey, FieldProblem::TooLong)),
        }
    }

    fn mode(&self) -> Result<String, AppError> {
        match MODES.iter().find(|mode| **mode == self.text(MODE)) {
            Some(mode) => Ok((*mode).to_owned()),
            None => Err(AppError::invalid(Field::Body, FieldProblem::Malformed)),
        }
    }

    fn clinic_id(&self) -> Result<i64, AppError> {
        match self.text(Field::Clinic.name()) {
            "" => Err(AppError::invalid(Field::Clinic, FieldProblem::Missing)),
            id => id
                .parse()
                .map_err(|_| AppError::invalid(Field::Clinic, FieldProblem::Malformed)),
        }
    }

    /// A price that is always there; nothing is 0.
    fn needed_price(&self) -> Result<Price, AppError> {
        self.price()?
            .ok_or(AppError::invalid(Field::Price, FieldProblem::Missing))
    }

    fn price(&self) -> Result<Option<Price>, AppError> {
        let amount = self.text(Field::Price.name()).trim();
        if amount.is_empty() {
            return Ok(None);
        }
        let currency = self.text(Field::Currency.name()).trim().to_uppercase();
        if currency.is_empty() {
            return Err(AppError::invalid(Field::Currency, FieldProblem::Missing));
        }
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(AppError::invalid(Field::Currency, FieldProblem::Malformed));
        }
        Price::parse(amount, &currency)
            .map(Some)
            .ok_or(AppError::invalid(Field::Price, FieldProblem::Malformed))
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

    fn email(&self) -> Result<String, AppError> {
        email_address(self.text(Field::Email.name()))
    }

    fn languages(&self) -> Result<Vec<String>, AppError> {
        let more = self
            .text(MORE_LANGUAGES)
            .split(|c: char| c.is_whitespace() || [',', ';'].contains(&c));
        let mut languages: Vec<String> = Vec::new();
        for code in self.ticked(LANGUAGES).iter().map(String::as_str).chain(more) {
            let code = code.trim();
            if code.is_empty() || languages.iter().any(|known| known == code) {
                continue;
            }
            let mut parts = code.split('-');
            let is_code = parts.next().is_some_and(|part| (2..=3).contains(&part.len()))
                && parts.all(|part| (2..=8).contains(&part.len()))
                && code.len() <= 20
                && code
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if !is_code {
                return Err(AppError::invalid(Field::Languages, FieldProblem::Malformed));
            }
            languages.push(code.to_owned());
        }
        match languages.len() {
            0..=20 => Ok(languages),
            _ => Err(AppError::invalid(Field::Languages, FieldProblem::TooLong)),
        }
    }

    fn services(&self) -> Result<Vec<i64>, AppError> {
        let mut services = self
            .ticked(SERVICES)
            .iter()
            .map(|id| id.parse().ok())
            .collect::<Option<Vec<i64>>>()
            .ok_or(AppError::invalid(Field::Services, FieldProblem::Malformed))?;
        services.sort_unstable();
        services.dedup();
        match services.is_empty() {
            true => Err(AppError::invalid(Field::Services, FieldProblem::Missing)),
            false => Ok(services),
        }
    }

    /// The same hours on every day that is ticked, with one break or none.
    fn week(&self) -> Result<Vec<Weekly>, AppError> {
        let row = |from: &str, until: &str, kind: &str| Row {
            days: self.ticked(DAYS).to_vec(),
            from: self.text(from).to_owned(),
            until: self.text(until).to_owned(),
            kind: kind.to_owned(),
            ..Row::default()
        };
        let work = row(Field::Hours.name(), UNTIL, "work");
        let mut week = work.read()?;
        let has_break = [BREAK_FROM, BREAK_UNTIL]
            .iter()
            .any(|name| !self.text(name).trim().is_empty());
        if has_break {
            week.extend(read(&[row(BREAK_FROM, BREAK_UNTIL, "break")])?);
        }
        // It is held to what every week is held to.
        Act::Week {
            clinic_id: 0,
            week: week.clone(),
        }
        .checked()?;
        Ok(week)
    }
}

/// Everything that is not right, instead of the first thing.
#[derive(Default)]
struct Checks(Vec<AppError>);

impl Checks {
    fn take<T: Default>(&mut self, result: Result<T, AppError>) -> T {
        result.unwrap_or_else(|error| {
            self.0.push(error);
            T::default()
        })
    }

    fn finish<T>(self, read: T) -> Result<T, Vec<AppError>> {
        match self.0.is_empty() {
            true => Ok(read),
            false => Err(self.0),
        }
    }
}

/// `Visit at the clinic` as `visit_at_the_clinic`; nothing of what ASCII does not have.
fn key_of(name: &str) -> String {
    let mut key = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            key.push(c);
        } else if !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
    }
    key.truncate(60);
    key.trim_end_matches('_').to_owned()
}

fn typed_limit(limit: Option<i32>) -> String {
    limit.map(|limit| limit.to_string()).unwrap_or_default()
}

fn yes(is: bool) -> &'static str {
    if is { "true" } else { "" }
}

impl From<&Service> for Filled {
    fn from(service: &Service) -> Self {
        let (unit, days) = service.horizon();
        let price = service.price.as_ref();
        let filled = Self::default().with(Field::Title.name(), &*service.name);
        let named = Locale::ALL.into_iter().fold(filled, |filled, locale| {
            filled.with(name_field(locale).name(), service.names.get(locale))
        });
        named
            .with(Field::ServiceKey.name(), &*service.key)
            .with(MODE, &*service.mode)
            .with(Field::Length.name(), service.rules.duration.to_string())
            .with(Field::Interval.name(), service.rules.interval.to_string())
            .with(
                Field::BufferBefore.name(),
                service.rules.buffer_before.to_string(),
            )
            .with(Field::BufferAfter.name(), service.rules.buffer_after.to_string())
            .with(Field::Notice.name(), service.rules.notice.to_string())
            .with(Field::Horizon.name(), days.to_string())
            .with(HORIZON_UNIT, unit)
            .with(Field::Cutoff.name(), service.cutoff_minutes.to_string())
            .with(Field::Price.name(), price.map(Price::amount).unwrap_or_default())
            .with(
                Field::Currency.name(),
                price.map(|price| price.currency.clone()).unwrap_or_default(),
            )
            .with(Field::MostOpen.name(), typed_limit(service.limits.open))
            .with(Field::MostPerWeek.name(), typed_limit(service.limits.per_week))
            .with(INSTANT, yes(service.instant))
            .with(ACTIVE, yes(service.active))
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

impl From<&RoomType> for Filled {
    fn from(room_type: &RoomType) -> Self {
        let filled = Self::default()
            .with(Field::Clinic.name(), room_type.clinic_id.to_string())
            .with(Field::Title.name(), &*room_type.name)
            .with(Field::Rooms.name(), room_type.rooms.to_string())
            .with(Field::Price.name(), room_type.price.amount())
            .with(Field::Currency.name(), &*room_type.price.currency)
            .with(ACTIVE, yes(room_type.active));
        Locale::ALL.into_iter().fold(filled, |filled, locale| {
            filled.with(name_field(locale).name(), room_type.names.get(locale))
        })
    }
}

/// Writes all languages as typed text; the page knows which of them have checkboxes.
impl From<&Profile> for Filled {
    fn from(profile: &Profile) -> Self {
        Self::default()
            .with(Field::Title.name(), &*profile.name)
            .with(Field::Speciality.name(), &*profile.speciality)
            .with(Field::About.name(), &*profile.about)
            .with(Field::Email.name(), &*profile.email)
            .tick(LANGUAGES, profile.languages.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service() -> Filled {
        Filled::default()
            .with("title", " Flu vaccination ")
            .with("mode", "in_person")
            .with("length", "10")
            .with("interval", "15")
            .with("buffer_before", "0")
            .with("buffer_after", "5")
            .with("notice_minutes", "60")
            .with("horizon", "10")
            .with("horizon_unit", "working_days")
            .with("cutoff", "240")
            .with("price", "150.000")
            .with("currency", "idr")
            .with("most_open", " 10 ")
            .with("name_de", " Grippeimpfung ")
            .with("instant", "true")
            .with("active", "true")
    }

    fn problems<T>(read: Result<T, Vec<AppError>>) -> Vec<(Field, FieldProblem)> {
        read.err()
            .unwrap_or_default()
            .into_iter()
            .map(|error| match error {
                AppError::ValidationFailed { field, problem } => (field, problem),
                other => panic!("{other}"),
            })
            .collect()
    }

    #[test]
    fn a_service_is_read_as_it_was_typed_and_typed_again_as_it_was() {
        let read = service().service().unwrap();
        assert_eq!(
            (read.key.as_str(), read.name.as_str()),
            ("flu_vaccination", "Flu vaccination")
        );
        assert_eq!(read.names.or(&read.name, Locale::De), "Grippeimpfung");
        assert_eq!(read.names.or(&read.name, Locale::Id), "Flu vaccination");
        assert_eq!(read.horizon(), ("working_days", 10));
        assert_eq!(read.price.as_ref().map(|price| price.minor), Some(15_000_000));
        assert_eq!(
            read.limits,
            ServiceLimits {
                open: Some(10),
                per_week: None
            }
        );
        assert_eq!(Filled::from(&read).service(), Ok(read));
    }

    #[test]
    fn all_errors_of_a_form_are_reported_at_once() {
        let wrong = service()
            .with("title", "")
            .with("service_key", "Flu!")
            .with("length", "0")
            .with("interval", "soon")
            .with("price", "much")
            .with("horizon", "731");
        assert_eq!(
            problems(wrong.service()),
            [
                (Field::Title, FieldProblem::Missing),
                (Field::ServiceKey, FieldProblem::Malformed),
                (Field::Length, FieldProblem::Malformed),
                (Field::Interval, FieldProblem::Malformed),
                (Field::Horizon, FieldProblem::Malformed),
                (Field::Price, FieldProblem::Malformed),
            ]
        );
        for (name, text, expected) in [
            ("currency", "", (Field::Currency, FieldProblem::Missing)),
            ("currency", "EURO", (Field::Currency, FieldProblem::Malformed)),
            ("length", "+5", (Field::Length, FieldProblem::Malformed)),
            ("most_open", "0", (Field::MostOpen, FieldProblem::Malformed)),
            (
                "most_per_week",
                "101",
                (Field::MostPerWeek, FieldProblem::Malformed),
            ),
            ("title", "流感疫苗", (Field::ServiceKey, FieldProblem::Missing)),
            ("mode", "by pigeon", (Field::Body, FieldProblem::Malformed)),
        ] {
            assert_eq!(
                problems(service().with(name, text).service()),
                [expected],
                "{name} {text}"
            );
        }
        let free = service().with("price", "").with("currency", "EURO").service();
        assert_eq!(free.unwrap().price, None);
    }

    #[test]
    fn a_kind_of_rooms_has_a_price_and_a_number_of_rooms() {
        let room_type = Filled::default()
            .with("clinic", "3")
            .with("title", " Single room ")
            .with("name_de", "Einzelzimmer")
            .with("rooms", "10")
            .with("price", "850.000")
            .with("currency", "idr")
            .with("active", "true");
        let read = room_type.room_type().unwrap();
        assert_eq!(
            (read.clinic_id, read.rooms, read.price.minor),
            (3, 10, 85_000_000)
        );
        assert_eq!(read.names.or(&read.name, Locale::De), "Einzelzimmer");
        assert_eq!(Filled::from(&read).room_type(), Ok(read));
        let nothing = Filled::default().with("rooms", "1001").with("price", "much");
        assert_eq!(
            problems(nothing.room_type()),
            [
                (Field::Clinic, FieldProblem::Missing),
                (Field::Title, FieldProblem::Missing),
                (Field::Rooms, FieldProblem::Malformed),
                (Field::Currency, FieldProblem::Missing),
            ]
        );
        assert_eq!(
            problems(room_type.with("price", "").room_type()),
            [(Field::Price, FieldProblem::Missing)]
        );
    }

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

    #[test]
    fn a_doctor_has_hours_on_some_days_and_offers_something_somewhere() {
        let doctor = Filled::default()
            .with("title", "Dr Ayu")
            .with("speciality", "Dermatology")
            .with("email", "Ayu@Clinic.example ")
            .with("more_languages", "sw,\tpt-BR")
            .with("clinic", "3")
            .with("hours", "9:00")
            .with("until", "17.00")
            .with("break_from", "12:00")
            .with("break_until", "13:00")
            .tick(SERVICES, ["2".to_owned(), "1".to_owned(), "2".to_owned()])
            .tick(DAYS, ["1".to_owned(), "5".to_owned()])
            .tick(LANGUAGES, ["id".to_owned()]);
        let read = doctor.new_doctor().unwrap();
        assert_eq!(read.profile.email, "ayu@clinic.example");
        assert_eq!(read.profile.languages, ["id", "sw", "pt-BR"]);
        assert_eq!(read.services, [1, 2]);
        assert_eq!(read.week.len(), 4);
        let nothing = Filled::default().with("email", "ayu").with("more_languages", "x");
        assert_eq!(
            problems(nothing.new_doctor()),
            [
                (Field::Title, FieldProblem::Missing),
                (Field::Speciality, FieldProblem::Missing),
                (Field::Languages, FieldProblem::Malformed),
                (Field::Email, FieldProblem::Malformed),
                (Field::Clinic, FieldProblem::Missing),
                (Field::Services, FieldProblem::Missing),
                (Field::Day, FieldProblem::Missing),
            ]
        );
        let inverted = doctor.clone().with("until", "8:00");
        assert_eq!(
            problems(inverted.new_doctor()),
            [(Field::Hours, FieldProblem::PastMidnight)]
        );
        let half_a_break = doctor.with("break_until", "");
        assert_eq!(
            problems(half_a_break.new_doctor()),
            [(Field::Hours, FieldProblem::Malformed)]
        );
    }

    #[test]
    fn a_password_is_long_enough_and_not_kept() {
        let with = |password: &str| Filled::default().with("new_password", password);
        assert!(with("a rather long one ").new_password().is_ok());
        for (password, problem) in [
            ("", FieldProblem::Missing),
            ("too short", FieldProblem::Malformed),
            ("password1234", FieldProblem::Common),
            (&"x".repeat(201), FieldProblem::TooLongBy(1)),
        ] {
            assert_eq!(
                with(password).new_password(),
                Err(AppError::invalid(Field::NewPassword, problem))
            );
        }
        let own = with("a rather long one").with("own_password", "another long one");
        assert_eq!(own.without_password(), Filled::default());
    }
}
