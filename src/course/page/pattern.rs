//! The pattern of a course: the form that asks for it, and what the address says of it.

use jiff::{ToSpan, civil::Weekday};
use leptos::prelude::*;

use super::CoursePageOf;
use crate::ui::{Hidden, icon, query};
use engine::{
    course::{End, MAX_COURSE, MAX_EVERY, Pattern, Unit},
    error::{AppError, Field, FieldProblem},
    schedule::clock,
    time::{self, weekday_key},
};

/// The days of a week, with the parameters that say that they are ticked.
const DAYS: [(&str, Weekday); 7] = [
    ("d1", Weekday::Monday),
    ("d2", Weekday::Tuesday),
    ("d3", Weekday::Wednesday),
    ("d4", Weekday::Thursday),
    ("d5", Weekday::Friday),
    ("d6", Weekday::Saturday),
    ("d7", Weekday::Sunday),
];

/// The pattern that the address says; nothing where it says none, and why not where it makes no sense.
pub(super) fn asked() -> Option<Result<Pattern, AppError>> {
    let every = query("every")?;
    Some(read(&every))
}

fn read(every: &str) -> Result<Pattern, AppError> {
    let malformed = AppError::invalid(Field::Pattern, FieldProblem::Malformed);
    let until = query("until").filter(|until| !until.is_empty());
    let end = match until {
        Some(until) => End::Until(time::date(&until).ok_or(malformed)?),
        None => End::Count(
            query("count")
                .and_then(|count| count.trim().parse().ok())
                .ok_or(malformed)?,
        ),
    };
    let pattern = Pattern {
        every: every.trim().parse().map_err(|_| malformed)?,
        unit: match query("unit").as_deref() {
            Some("days") => Unit::Days,
            _ => Unit::Weeks,
        },
        weekdays: DAYS
            .iter()
            .filter(|(name, _)| query(name).is_some())
            .map(|(_, day)| *day)
            .collect(),
        minute: query("time")
            .and_then(|time| clock(&time).ok())
            .ok_or(malformed)?,
        from: query("from")
            .and_then(|from| time::date(&from))
            .ok_or(malformed)?,
        end,
    };
    pattern.dates()?;
    Ok(pattern)
}

impl CoursePageOf {
    /// The form that asks for the pattern. It changes nothing, and its answer has an address.
    pub(super) fn pattern_form(&self, who: AnyView) -> impl IntoView + use<> {
        let texts = self.texts;
        let said = |name: &str, usual: &str| query(name).unwrap_or_else(|| usual.to_owned());
        let tomorrow = time::local_date(self.now, &self.offering.zone).saturating_add(1.day());
        let is_new = query("every").is_none();
        let days = DAYS
            .iter()
            .map(|(name, day)| {
                let is_ticked = query(name).is_some() || (is_new && *day == tomorrow.weekday());
                view! {
                    <label class="check">
                        <input type="checkbox" name=*name value="1" checked=is_ticked />
                        {texts.text(weekday_key(*day))}
                    </label>
                }
            })
            .collect_view();
        let is_days = query("unit").as_deref() == Some("days");
        let zone = time::zone_name(&self.offering.zone_name, &self.offering.zone, self.now);
        view! {
            <form method="get" action=self.base class="card stack">
                <Hidden name="doctor" value=self.offering.doctor_id.to_string() />
                <Hidden name="clinic" value=self.offering.clinic_id.to_string() />
                <Hidden name="service" value=self.offering.service_id.to_string() />
                {who}
                <div class="fields">
                    <div class="field">
                        <label for="pattern">{texts.text("course-every")}</label>
                        <input
                            id="pattern"
                            name="every"
                            type="number"
                            min="1"
                            max=MAX_EVERY.to_string()
                            required=true
                            class="w-s"
                            value=said("every", "1")
                        />
                    </div>
                    <div class="field">
                        <label for="unit">{texts.text("course-unit")}</label>
                        <select id="unit" name="unit">
                            <option value="weeks" selected=!is_days>{texts.text("course-weeks")}</option>
                            <option value="days" selected=is_days>{texts.text("course-days")}</option>
                        </select>
                    </div>
                    <div class="field">
                        <label for="time">{texts.text("course-time")}</label>
                        <p class="hint" id="time-hint">{texts.with("clinic-time", &[("zone", zone.into())])}</p>
                        <input
                            id="time"
                            name="time"
                            type="time"
                            required=true
                            aria-describedby="time-hint"
                            value=said("time", "09:00")
                        />
                    </div>
                </div>
                <fieldset class="checks">
                    <legend>{texts.text("course-weekdays")}</legend>
                    {days}
                </fieldset>
                <div class="fields">
                    <div class="field">
                        <label for="from">{texts.text("course-from")}</label>
                        <input id="from" name="from" type="date" required=true value=said("from", &tomorrow.to_string()) />
                    </div>
                    <div class="field">
                        <label for="count">{texts.text("course-count")}</label>
                        <input
                            id="count"
                            name="count"
                            type="number"
                            min="1"
                            max=MAX_COURSE.to_string()
                            class="w-s"
                            value=said("count", "10")
                        />
                    </div>
                    <div class="field">
                        <label for="until">
                            {texts.text("course-until")} " " <span class="optional">{texts.text("optional")}</span>
                        </label>
                        <input id="until" name="until" type="date" value=said("until", "") />
                    </div>
                </div>
                <div class="actions">
                    <button class="btn">{icon("search")}{texts.text("course-show")}</button>
                </div>
            </form>
        }
    }
}
