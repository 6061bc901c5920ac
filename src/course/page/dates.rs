//! The dates of a course, each to be ticked or left out, and the button that books them.

use jiff::Timestamp;
use leptos::{either::Either, prelude::*, server_fn::ServerFn};

use super::CoursePageOf;
use crate::{
    course::forms::{BookCourse, Chosen},
    idempotency::page::KeyField,
    ui::{Hidden, TextArea},
};
use engine::{
    course::{Dated, Preview},
    error::{AppError, Field},
    time,
};

impl CoursePageOf {
    /// The dates, to be ticked, and one button.
    pub(super) fn list(
        &self,
        preview: Preview,
        kept: &Chosen,
        error: Option<AppError>,
    ) -> impl IntoView + use<> {
        let texts = self.texts;
        let free = preview.dates.iter().filter(|dated| dated.why.is_none()).count();
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let summary = texts.with(
            "course-summary",
            &[
                ("free", number(free).into()),
                ("all", number(preview.dates.len()).into()),
            ],
        );
        let limit = preview
            .limit
            .filter(|_| error.is_none())
            .map(|error| self.said(error));
        let rows = preview
            .dates
            .iter()
            .enumerate()
            .map(|(place, dated)| self.row(place, dated, kept))
            .collect_view();
        let is_limited = self.caller.role().is_staff()
            && [error, preview.limit].into_iter().flatten().any(|error| {
                matches!(error, AppError::BookingFailed { reason, .. } if reason.is_limit_of_service())
            });
        let over = is_limited.then(|| {
            view! {
                <label class="check">
                    <input type="checkbox" name="over_limit" value="true" />
                    {texts.text("desk-book-over-limit")}
                </label>
            }
        });
        view! {
            <form method="post" action=BookCourse::url() class="stack" aria-labelledby="dates">
                <KeyField />
                <Hidden name="doctor_id" value=self.offering.doctor_id.to_string() />
                <Hidden name="clinic_id" value=self.offering.clinic_id.to_string() />
                <Hidden name="service_id" value=self.offering.service_id.to_string() />
                <Hidden name="patient" value=self.patient_id.to_string() />
                <h2 id="dates">{texts.text("course-dates")}</h2>
                <p>{summary}</p>
                {limit}
                <ol class="rows" id="segments" tabindex="-1">{rows}</ol>
                <TextArea
                    field=Field::Reason
                    label=texts.text("reason-label")
                    value=kept.reason.clone()
                />
                {over}
                <p class="hint">{texts.text("course-all-or-none")}</p>
                <div class="actions">
                    <button class="btn primary big">{texts.text("course-book")}</button>
                </div>
            </form>
        }
    }

    /// A date that is free, with its box; or why it is not, with the times that could be had instead.
    fn row(&self, place: usize, dated: &Dated, kept: &Chosen) -> impl IntoView + use<> {
        let texts = self.texts;
        let name = format!("times[{place}]");
        let date = time::long_date(dated.date, texts);
        let was_chosen = |at: Timestamp| kept.times.contains(&at.as_second());
        match (dated.why, dated.starts_at) {
            (None, Some(starts_at)) => {
                let is_ticked = kept.times.is_empty() || was_chosen(starts_at);
                let clock = time::clock(starts_at, &self.offering.zone, texts.locale());
                Either::Left(view! {
                    <li class="row whole">
                        <label class="check">
                            <input type="checkbox" name=name value=starts_at.as_second().to_string() checked=is_ticked />
                            <span><b>{date}</b> ", " {clock}</span>
                        </label>
                    </li>
                })
            }
            (why, _) => {
                let why = why.map(|why| texts.text(&format!("course-{}", why.name().replace('_', "-"))));
                let others = dated
                    .alternatives
                    .iter()
                    .map(|&at| {
                        let short = time::short_date(time::local_date(at, &self.offering.zone), texts);
                        let clock = time::clock(at, &self.offering.zone, texts.locale());
                        view! {
                            <label class="check">
                                <input type="radio" name=name.clone() value=at.as_second().to_string() checked=was_chosen(at) />
                                <span>{short} ", " {clock}</span>
                            </label>
                        }
                    })
                    .collect_view();
                let none = !dated.alternatives.iter().any(|&at| was_chosen(at));
                Either::Right(view! {
                    <li class="row whole over">
                        <fieldset class="checks">
                            <legend><b>{date}</b> ": " {why}</legend>
                            {others}
                            <label class="check">
                                <input type="radio" name=name value="" checked=none />
                                {texts.text("course-leave-out")}
                            </label>
                        </fieldset>
                    </li>
                })
            }
        }
    }
}
