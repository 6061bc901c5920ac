//! The times at which a doctor can be booked: working plans, and the arithmetic that turns them into times.
//!
//! One function, [`Calendar::day`], says what a day offers. The list of times shows what it returns, and
//! booking accepts a time if and only if it is in it (C6): there is no second rule.

mod alternatives;
mod any;
mod busy;
mod calendar;
mod changes;
mod directory;
pub mod hours;
pub mod live;
mod offering;
mod plan;
mod roster;
mod slots;
mod times;
mod turns;
mod watched;
mod window;

use self::offering::{offerings_of_any, offerings_of_others, offerings_of_services};
pub use self::{
    alternatives::{Alternative, Asker, alternatives, visits_instead},
    any::{AnyDoctor, AnyPage, AnyTime, Named, first_free, page_of_any, place},
    busy::Busy,
    calendar::{
        Calendar, Day, DayPlan, Horizon, Hours, NotOffered, Off, Plan, ServiceRules, Slot, TimeOff, Weekly,
        WhyNot,
    },
    changes::Changes,
    directory::{Choices, Doctor, MAX_DOCTORS, Order, Overview, Paging, Search, directory, doctor, overview},
    offering::{Offering, ServiceLimits, lock_offering, names, offered, offerings_of, offerings_of_many},
    plan::{Except, MARGIN_MINUTES, Patient, calendar_around, calendars, calendars_and_patient, plans},
    roster::{Rostered, roster},
    slots::{SlotState, Slots, slots},
    times::{For, Free, Page, choose, doctor_with_page, first_free_today, free, is_free, page},
    turns::{Turns, Wanting, in_turn, whose_turn},
    watched::Look,
    window::Window,
};
use crate::{database::Tx, event::Event};

/// Tells that the times of these doctors changed.
pub fn tell_times_changed(tx: &mut Tx, doctors: impl IntoIterator<Item = i64>) {
    for doctor_id in doctors {
        tx.tell(Event::TimesChanged { doctor_id });
    }
}

/// Tells that more of the plans of these doctors can be booked.
pub fn tell_plan_opened(tx: &mut Tx, doctors: impl IntoIterator<Item = i64>) {
    for doctor_id in doctors {
        tx.tell(Event::TimesChanged { doctor_id });
        tx.tell(Event::PlanOpened { doctor_id });
    }
}
