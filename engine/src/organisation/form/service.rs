//! The form of a service: what it is called, how long it takes, when it can be booked and what it costs.

use super::{ACTIVE, Checks, Filled, HORIZON_UNIT, INSTANT, MAX_NAME, MODE};
use crate::{
    account::typed,
    availability::{Horizon, ServiceLimits, ServiceRules},
    error::{AppError, Field, FieldProblem},
    i18n::{Locale, Names},
    money::Price,
    organisation::{MODES, Service, name_field},
    payment::terms::{RefundRule, Terms, When},
};

/// A year, in minutes: no notice and no cut-off is longer.
const A_YEAR: i32 = 366 * 24 * 60;

/// The most that a limit of a service for each patient can be.
const MAX_LIMIT: i32 = 100;

/// What a deposit is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deposit {
    /// Of the price that is said with it, so that it is no more than that.
    OfPrice,
    /// Of a stay of any number of nights.
    OfStay,
}

impl Filled {
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
        let price = self.price();
        let when = match &price {
            Ok(price) => self.pay_when(price.as_ref(), Deposit::OfPrice),
            // One thing that is not right is enough.
            Err(_) => Ok(When::default()),
        };
        let price = checks.take(price);
        let terms = self.terms(&mut checks, when);
        let service = Service {
            key,
            name,
            names: self.names(&mut checks),
            mode,
            rules,
            cutoff_minutes: checks.take(self.number(Field::Cutoff, 0, A_YEAR)),
            instant: self.is(INSTANT),
            price,
            terms,
            limits: ServiceLimits {
                open: checks.take(self.limit(Field::MostOpen)),
                per_week: checks.take(self.limit(Field::MostPerWeek)),
            },
            active: self.is(ACTIVE),
        };
        checks.finish(service)
    }

    /// The names in other languages, each of which may be left out.
    pub(super) fn names(&self, checks: &mut Checks) -> Names {
        Locale::ALL.into_iter().fold(Names::default(), |names, locale| {
            let field = name_field(locale);
            let name = checks.take(typed(field, self.text(field.name()), MAX_NAME));
            names.with(locale, name)
        })
    }

    /// How it is paid, and what goes back.
    pub(super) fn terms(&self, checks: &mut Checks, when: Result<When, AppError>) -> Terms {
        Terms {
            when: checks.take(when),
            refund: RefundRule {
                full_minutes: checks.take(self.count(Field::RefundHours, A_YEAR / 60)) * 60,
                late_percent: checks.take(self.count(Field::LateRefund, 100)),
            },
        }
    }

    /// When it is paid. Before it is booked needs a price.
    pub(super) fn pay_when(&self, price: Option<&Price>, of: Deposit) -> Result<When, AppError> {
        let wrong = |field, problem| Err(AppError::invalid(field, problem));
        let word = self.text(Field::PayWhen.name());
        match (word, price) {
            ("" | "none", _) => Ok(When::Unsaid),
            ("desk", _) => Ok(When::Desk),
            ("before" | "deposit", None) => wrong(Field::PayWhen, FieldProblem::Missing),
            ("before" | "deposit", Some(price)) if price.minor <= 0 => {
                wrong(Field::PayWhen, FieldProblem::Missing)
            }
            ("before", Some(_)) => Ok(When::Before { deposit: None }),
            ("deposit", Some(price)) => match self.text(Field::Deposit.name()).trim() {
                "" => wrong(Field::Deposit, FieldProblem::Missing),
                typed => match Price::parse(typed, &price.currency) {
                    Some(deposit) if of == Deposit::OfPrice && deposit.minor > price.minor => {
                        wrong(Field::Deposit, FieldProblem::TooMany)
                    }
                    Some(deposit) if deposit.minor > 0 => Ok(When::Before {
                        deposit: Some(deposit.minor),
                    }),
                    _ => wrong(Field::Deposit, FieldProblem::Malformed),
                },
            },
            _ => wrong(Field::PayWhen, FieldProblem::Malformed),
        }
    }

    /// A number that may be left out: then it is none.
    fn count(&self, field: Field, most: i32) -> Result<i32, AppError> {
        match self.text(field.name()).trim() {
            "" => Ok(0),
            _ => self.number(field, 0, most),
        }
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

    pub(super) fn price(&self) -> Result<Option<Price>, AppError> {
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

/// The deposit as it is typed; nothing where there is none.
pub(super) fn deposit(when: When, price: Option<&Price>) -> String {
    match (when, price) {
        (When::Before { deposit: Some(minor) }, Some(price)) => Price {
            minor,
            currency: price.currency.clone(),
        }
        .amount(),
        _ => String::new(),
    }
}

pub(super) fn yes(is: bool) -> &'static str {
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
            .with(Field::PayWhen.name(), service.terms.when.as_str())
            .with(Field::Deposit.name(), deposit(service.terms.when, price))
            .with(
                Field::RefundHours.name(),
                (service.terms.refund.full_minutes / 60).to_string(),
            )
            .with(
                Field::LateRefund.name(),
                service.terms.refund.late_percent.to_string(),
            )
            .with(Field::MostOpen.name(), typed_limit(service.limits.open))
            .with(Field::MostPerWeek.name(), typed_limit(service.limits.per_week))
            .with(INSTANT, yes(service.instant))
            .with(ACTIVE, yes(service.active))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::problems, *};

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
            .with("pay_when", "deposit")
            .with("deposit", "50.000")
            .with("refund_hours", "24")
            .with("late_refund_percent", "50")
            .with("name_de", " Grippeimpfung ")
            .with("instant", "true")
            .with("active", "true")
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
        assert_eq!(
            read.terms,
            Terms {
                when: When::Before {
                    deposit: Some(5_000_000)
                },
                refund: RefundRule {
                    full_minutes: 1440,
                    late_percent: 50
                },
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
        for (pay_when, deposit, expected) in [
            ("later", "", (Field::PayWhen, FieldProblem::Malformed)),
            ("deposit", "", (Field::Deposit, FieldProblem::Missing)),
            ("deposit", "0", (Field::Deposit, FieldProblem::Malformed)),
            ("deposit", "150.001", (Field::Deposit, FieldProblem::TooMany)),
        ] {
            let wrong = service().with("pay_when", pay_when).with("deposit", deposit);
            assert_eq!(problems(wrong.service()), [expected], "{pay_when} {deposit}");
        }
        let unpriced = service().with("price", "").with("pay_when", "before");
        assert_eq!(
            problems(unpriced.service()),
            [(Field::PayWhen, FieldProblem::Missing)]
        );
        let free = service()
            .with("price", "")
            .with("currency", "EURO")
            .with("pay_when", "")
            .service();
        assert_eq!(free.unwrap().price, None);
    }
}
