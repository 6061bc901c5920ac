//! The form of a kind of rooms.

use super::{
    ACTIVE, Checks, Filled, MAX_NAME,
    service::{Deposit, deposit, yes},
};
use crate::{
    error::{AppError, Field, FieldProblem},
    i18n::Locale,
    money::Price,
    organisation::name_field,
    payment::terms::When,
    stay::{MAX_TOTAL, RoomType},
};

impl Filled {
    /// # Errors
    /// Those of [`Self::service`].
    pub fn room_type(&self) -> Result<RoomType, Vec<AppError>> {
        let mut checks = Checks::default();
        let price = self.needed_price();
        let when = match &price {
            Ok(price) => self.pay_when(Some(price), Deposit::OfStay),
            // One thing that is not right is enough.
            Err(_) => Ok(When::default()),
        };
        let room_type = RoomType {
            clinic_id: checks.take(self.clinic_id()),
            name: checks.take(self.line(Field::Title, MAX_NAME)),
            names: self.names(&mut checks),
            rooms: checks.take(self.number(Field::Rooms, 0, MAX_TOTAL)),
            price: checks.take(price),
            terms: self.terms(&mut checks, when),
            active: self.is(ACTIVE),
        };
        checks.finish(room_type)
    }

    /// A price that is always there; nothing is 0.
    fn needed_price(&self) -> Result<Price, AppError> {
        self.price()?
            .ok_or(AppError::invalid(Field::Price, FieldProblem::Missing))
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
            .with(Field::PayWhen.name(), room_type.terms.when.as_str())
            .with(
                Field::Deposit.name(),
                deposit(room_type.terms.when, Some(&room_type.price)),
            )
            .with(
                Field::RefundHours.name(),
                (room_type.terms.refund.full_minutes / 60).to_string(),
            )
            .with(
                Field::LateRefund.name(),
                room_type.terms.refund.late_percent.to_string(),
            )
            .with(ACTIVE, yes(room_type.active));
        Locale::ALL.into_iter().fold(filled, |filled, locale| {
            filled.with(name_field(locale).name(), room_type.names.get(locale))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::problems, *};

    #[test]
    fn a_kind_of_rooms_has_a_price_and_a_number_of_rooms() {
        let room_type = Filled::default()
            .with("clinic", "3")
            .with("title", " Single room ")
            .with("name_de", "Einzelzimmer")
            .with("rooms", "10")
            .with("price", "850.000")
            .with("currency", "idr")
            .with("pay_when", "deposit")
            // It is for a stay, and not for a night.
            .with("deposit", "1.000.000")
            .with("refund_hours", "48")
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
}
