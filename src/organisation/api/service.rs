//! A service, as programs describe it and read it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::described;
use super::pay_when::{PayWhen, deposit_of};
use super::put::Request;
use crate::{
    schedule::api::ChangeData,
    server::api::{Fault, amount::Amount},
};
use engine::{
    error::Field,
    i18n::Locale,
    money::Price,
    organisation::{
        Service, Versioned as Read,
        form::{ACTIVE, Filled, HORIZON_UNIT, INSTANT, MODE},
        name_field,
    },
};

/// The mode of the consultation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    InPerson,
    Video,
    Text,
}

impl Mode {
    fn as_str(self) -> &'static str {
        match self {
            Self::InPerson => "in_person",
            Self::Video => "video",
            Self::Text => "text",
        }
    }
}

/// The unit of a horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HorizonUnit {
    CalendarDays,
    /// Mondays to Fridays.
    WorkingDays,
}

impl HorizonUnit {
    fn as_str(self) -> &'static str {
        match self {
            Self::CalendarDays => "calendar_days",
            Self::WorkingDays => "working_days",
        }
    }
}

described! {
    /// A service that patients can book.
    #[schema(example = json!({
        "key": "flu_vaccination", "name": "Flu vaccination", "mode": "in_person", "duration_minutes": 10,
        "interval_minutes": 15, "buffer_before_minutes": 0, "buffer_after_minutes": 5, "notice_minutes": 60,
        "horizon_days": 60, "horizon_unit": "calendar_days", "cutoff_minutes": 240, "instant": true,
        "price": {"amount": "150000", "currency": "IDR"}, "active": true
    }))]
    NewService,
    /// The new description of a service. Appointments that are booked keep the old one.
    #[schema(example = json!({
        "key": "flu_vaccination", "name": "Flu vaccination", "mode": "in_person", "duration_minutes": 10,
        "interval_minutes": 15, "buffer_before_minutes": 0, "buffer_after_minutes": 5, "notice_minutes": 60,
        "horizon_days": 60, "horizon_unit": "calendar_days", "cutoff_minutes": 240, "instant": true,
        "price": {"amount": "150000", "currency": "IDR"}, "active": true, "version": 1
    }))]
    ServiceChange,
    {
        /// The key for programs: the `type` of an appointment. No other service has it.
        #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]{1,60}$")]
        key: String,
        #[schema(min_length = 1, max_length = 120, pattern = r"[^\s\x00-\x1f\x7f-\x9f]")]
        name: String,
        /// The names in other languages, by their codes; those that are missing are cleared.
        #[serde(default)]
        #[schema(example = json!({ "de": "Grippeimpfung" }))]
        names: BTreeMap<String, String>,
        mode: Mode,
        #[schema(minimum = 1, maximum = 1440)]
        duration_minutes: i32,
        /// The minutes between the starts of two times.
        #[schema(minimum = 1, maximum = 1440)]
        interval_minutes: i32,
        /// The minutes that are kept free before an appointment.
        #[schema(minimum = 0, maximum = 1440)]
        buffer_before_minutes: i32,
        /// The minutes that are kept free after an appointment.
        #[schema(minimum = 0, maximum = 1440)]
        buffer_after_minutes: i32,
        /// The minutes before the start until which a time can be booked.
        #[schema(minimum = 0, maximum = 527_040)]
        notice_minutes: i32,
        /// The number of days ahead that can be booked.
        #[schema(minimum = 0, maximum = 730)]
        horizon_days: i32,
        horizon_unit: HorizonUnit,
        /// The minutes before the start until which the patient may cancel or move an appointment.
        #[schema(minimum = 0, maximum = 527_040)]
        cutoff_minutes: i32,
        /// Whether a booking is confirmed at once, without waiting for the doctor's answer.
        instant: bool,
        /// The price; not published if it is missing.
        price: Option<Amount>,
        /// The number of appointments of it that a patient may have ahead; no limit if it is missing.
        #[schema(minimum = 1, maximum = 100)]
        most_open: Option<i32>,
        /// The number of appointments of it that a patient may have from a Monday to a Sunday of the clinic's time zone; no limit
        /// if it is missing.
        #[schema(minimum = 1, maximum = 100)]
        most_per_week: Option<i32>,
        /// When it is paid; nothing is said of it if it is missing. What is paid before it is booked needs a price.
        pay_when: Option<PayWhen>,
        /// What is paid before it is booked, where that is a deposit; in the currency of the price.
        deposit: Option<Amount>,
        /// The hours before the start until which a patient who cancels gets everything back; 0 if it is missing.
        #[schema(minimum = 0, maximum = 8784)]
        refund_hours: Option<i32>,
        /// The percent of what was paid that a patient gets back who cancels later; 0 if it is missing.
        #[schema(minimum = 0, maximum = 100)]
        late_refund_percent: Option<i32>,
        /// Whether the service can be booked.
        active: bool,
    }
}

/// The call's own names of inputs that the form calls otherwise.
const NAMES: [(Field, &str); 11] = [
    (Field::NameEn, "names.en"),
    (Field::NameId, "names.id"),
    (Field::NameDe, "names.de"),
    (Field::ServiceKey, "key"),
    (Field::Title, "name"),
    (Field::Length, "duration_minutes"),
    (Field::Interval, "interval_minutes"),
    (Field::BufferBefore, "buffer_before_minutes"),
    (Field::BufferAfter, "buffer_after_minutes"),
    (Field::Horizon, "horizon_days"),
    (Field::Cutoff, "cutoff_minutes"),
];

impl Request for NewService {
    type Description = Service;

    const CALL: &'static str = "put-service";
    const NAMES: &'static [(Field, &'static str)] = &NAMES;

    fn read(&self) -> Result<Service, Fault> {
        let yes = |is: bool| if is { "true" } else { "" };
        let number = |number: i32| number.to_string();
        let limit = |most: Option<i32>| most.map(number).unwrap_or_default();
        if self.names.keys().any(|code| Locale::parse(code).is_none()) {
            return Err(Fault::malformed("names"));
        }
        let named = Locale::ALL.into_iter().fold(Filled::default(), |filled, locale| {
            let name = self.names.get(locale.code()).map_or("", String::as_str);
            filled.with(name_field(locale).name(), name)
        });
        let price = self.price.as_ref().map(|price| price.read("price")).transpose()?;
        let deposit = self
            .deposit
            .as_ref()
            .map(|deposit| deposit.read("deposit"))
            .transpose()?;
        let in_another = |deposit: &Price| {
            price
                .as_ref()
                .is_some_and(|price| price.currency != deposit.currency)
        };
        if deposit.as_ref().is_some_and(in_another) {
            return Err(Fault::malformed("deposit.currency"));
        }
        let pay_when = self.pay_when.map_or("none", PayWhen::as_str);
        let amount = |price: Option<&Price>| price.map(Price::amount).unwrap_or_default();
        let currency = price
            .as_ref()
            .map(|price| price.currency.clone())
            .unwrap_or_default();
        let service = named
            .with(Field::Price.name(), amount(price.as_ref()))
            .with(Field::Currency.name(), currency)
            .with(Field::PayWhen.name(), pay_when)
            .with(Field::Deposit.name(), amount(deposit.as_ref()))
            .with(Field::RefundHours.name(), limit(self.refund_hours))
            .with(Field::LateRefund.name(), limit(self.late_refund_percent))
            .with(Field::ServiceKey.name(), &*self.key)
            .with(Field::Title.name(), &*self.name)
            .with(MODE, self.mode.as_str())
            .with(Field::Length.name(), number(self.duration_minutes))
            .with(Field::Interval.name(), number(self.interval_minutes))
            .with(Field::BufferBefore.name(), number(self.buffer_before_minutes))
            .with(Field::BufferAfter.name(), number(self.buffer_after_minutes))
            .with(Field::Notice.name(), number(self.notice_minutes))
            .with(Field::Horizon.name(), number(self.horizon_days))
            .with(HORIZON_UNIT, self.horizon_unit.as_str())
            .with(Field::Cutoff.name(), number(self.cutoff_minutes))
            .with(Field::MostOpen.name(), limit(self.most_open))
            .with(Field::MostPerWeek.name(), limit(self.most_per_week))
            .with(INSTANT, yes(self.instant))
            .with(ACTIVE, yes(self.active))
            .service()
            .map_err(|errors| Fault::of_inputs(&errors, &NAMES))?;
        if service.key != self.key {
            // The form makes one of the name, and forgives spaces.
            return Err(Fault::malformed("key"));
        }
        // What was read exactly, and not the way people type it.
        Ok(Service { price, ..service })
    }
}

/// A service, with the rules of its booking.
#[derive(Serialize, ToSchema)]
pub struct ServiceDescription {
    #[schema(example = 1)]
    id: i64,
    /// The version, which every change increments and names.
    #[schema(example = 3)]
    version: i32,
    /// The key for programs: the `type` of an appointment.
    #[schema(example = "video_consultation")]
    key: String,
    /// The main name.
    name: String,
    /// The names in other languages, by their codes.
    names: BTreeMap<String, String>,
    /// The name in the language of the request; the main name if there is none.
    shown_name: String,
    /// `text`, `video` or `in_person`.
    #[schema(example = "video")]
    mode: String,
    duration_minutes: i64,
    /// The minutes between the starts of two times.
    interval_minutes: i32,
    buffer_before_minutes: i64,
    buffer_after_minutes: i64,
    /// The minutes before the start until which a time can be booked.
    notice_minutes: i64,
    /// The number of days ahead that can be booked.
    horizon_days: i32,
    /// `calendar_days` or `working_days`.
    #[schema(example = "calendar_days")]
    horizon_unit: &'static str,
    /// The minutes before the start until which the patient may cancel or move an appointment.
    cutoff_minutes: i32,
    /// Whether a booking is confirmed at once, without waiting for the doctor's answer.
    instant: bool,
    /// The price, if it is published.
    price: Option<Amount>,
    /// The number of appointments of it that a patient may have ahead, if there is a limit.
    most_open: Option<i32>,
    /// The number of appointments of it that a patient may have from a Monday to a Sunday of the clinic's time zone, if there is
    /// a limit.
    most_per_week: Option<i32>,
    /// When it is paid.
    pay_when: PayWhen,
    /// What is paid before it is booked, where that is a deposit.
    deposit: Option<Amount>,
    /// The hours before the start until which a patient who cancels gets everything back.
    #[schema(example = 24)]
    refund_hours: i32,
    /// The percent of what was paid that a patient gets back who cancels later.
    #[schema(example = 50)]
    late_refund_percent: i32,
    /// Whether the service can be booked.
    active: bool,
    /// The number of doctors who offer it; for admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    doctors: Option<i64>,
    /// The last change, if there is one; for admins.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_change: Option<ChangeData>,
}

pub(super) fn of_service(read: Read<Service>, for_admin: bool, locale: Locale) -> ServiceDescription {
    let service = read.what;
    let (horizon_unit, horizon_days) = service.horizon();
    let deposit = deposit_of(service.terms.when, service.price.as_ref());
    ServiceDescription {
        id: read.id,
        version: read.version,
        mode: service.mode,
        duration_minutes: service.rules.duration,
        interval_minutes: service.rules.interval,
        buffer_before_minutes: service.rules.buffer_before,
        buffer_after_minutes: service.rules.buffer_after,
        notice_minutes: service.rules.notice,
        horizon_days,
        horizon_unit,
        cutoff_minutes: service.cutoff_minutes,
        instant: service.instant,
        price: service.price.as_ref().map(Amount::from),
        most_open: service.limits.open,
        most_per_week: service.limits.per_week,
        pay_when: PayWhen::of(service.terms.when),
        deposit,
        refund_hours: service.terms.refund.full_minutes / 60,
        late_refund_percent: service.terms.refund.late_percent,
        active: service.active,
        key: service.key,
        shown_name: service.names.or(&service.name, locale).to_owned(),
        names: service.names.by_code().clone(),
        name: service.name,
        doctors: for_admin.then_some(read.doctors),
        last_change: read.last_change.filter(|_| for_admin).map(ChangeData::from),
    }
}
