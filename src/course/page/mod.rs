//! A course: the pattern of its dates, which of them are free, and one button.

mod dates;
mod pattern;

use jiff::Timestamp;
use leptos::prelude::*;

use self::pattern::asked;
use super::forms::{Chosen, FORM, subject};
use crate::{
    account::guard,
    booking::page::conflict::room_again,
    server::AppState,
    ui::{Hidden, Page, Tone, icon, isolate, message, notice, page, problem, query, request_error, texts},
};
use engine::{
    account::{Caller, family},
    availability::{Offering, offered},
    course::{self, Asks, Pattern, Preview},
    desk,
    error::AppError,
    i18n::Texts,
    text::isolated,
    time,
};

/// A course for a patient who has signed in.
#[component]
pub fn CoursePage() -> impl IntoView {
    page(async {
        guard::patient().await?;
        course_page("/course", guard::anyone().await?).await
    })
}

/// A course for a patient, for the desk.
#[component]
pub fn AdminCoursePage() -> impl IntoView {
    page(async { course_page("/admin/course", guard::desk().await?).await })
}

/// A course in a doctor's own calendar.
#[component]
pub fn DoctorCoursePage() -> impl IntoView {
    page(async { course_page("/doctor/course", guard::doctor().await?.0).await })
}

/// The link to the course of an offering.
pub fn link(base: &str, offering: &Offering, patient_id: Option<i64>, texts: Texts) -> impl IntoView + use<> {
    let patient = patient_id.map(|id| format!("&patient={id}")).unwrap_or_default();
    let path = format!(
        "{base}?doctor={}&clinic={}&service={}{patient}",
        offering.doctor_id, offering.clinic_id, offering.service_id
    );
    view! { <p><a class="btn quiet" href=path>{icon("calendar-plus")}{texts.text("course-link")}</a></p> }
}

/// The page of one course.
struct CoursePageOf {
    base: &'static str,
    caller: Caller,
    state: AppState,
    texts: Texts,
    now: Timestamp,
    offering: Offering,
    patient_id: i64,
}

async fn course_page(base: &'static str, caller: Caller) -> Result<Page, AppError> {
    let id = |name| query(name).and_then(|id| id.parse::<i64>().ok());
    let state = expect_context::<AppState>();
    let (doctor, clinic, service) = (id("doctor"), id("clinic"), id("service"));
    let offering = offered(&state.database, doctor)
        .await?
        .into_iter()
        .filter(|_| doctor.is_some())
        .find(|one| Some(one.clinic_id) == clinic && Some(one.service_id) == service)
        .ok_or(AppError::NotFound)?;
    let patient_id = match &caller {
        Caller::Patient { id: own, .. } => id("patient").unwrap_or(*own),
        _ => id("patient").ok_or(AppError::NotFound)?,
    };
    let course = CoursePageOf {
        base,
        caller,
        state,
        texts: texts(),
        now: crate::server::now(),
        offering,
        patient_id,
    };
    course.view().await
}

impl CoursePageOf {
    async fn view(self) -> Result<Page, AppError> {
        let texts = self.texts;
        let about = subject(
            self.offering.doctor_id,
            self.offering.clinic_id,
            self.offering.service_id,
            self.patient_id,
        );
        let kept: Chosen = guard::session().typed(FORM, &about).await?;
        let error = request_error();
        let asked = asked();
        let (mut wrong, mut preview) = (error, None);
        match &asked {
            Some(Ok(pattern)) => preview = Some(self.preview(pattern.clone()).await?),
            Some(Err(malformed)) => wrong = wrong.or(Some(*malformed)),
            // Whoever may not book them is told before anything is typed.
            None => self.check_patient().await?,
        }
        let said = wrong.map(|error| self.said(error));
        let list = preview.map(|preview| self.list(preview, &kept, error));
        let who = self.who().await?;
        let title = texts.text("course-title");
        let back = match &self.caller {
            Caller::Patient { .. } => format!(
                "/doctors/{}?clinic={}&service={}",
                self.offering.doctor_id, self.offering.clinic_id, self.offering.service_id
            ),
            Caller::Doctor { .. } => self.desk_path("/doctor"),
            Caller::Admin { .. } | Caller::Reception { .. } => self.desk_path("/admin"),
        };
        let place = format!(
            "{}, {}, {}",
            isolated(self.offering.service(texts.locale())),
            isolated(&self.offering.doctor_name),
            isolated(&self.offering.clinic_name)
        );
        Ok(Page::new(
            title.clone(),
            view! {
                {said}
                <div class="stack">
                    <a class="back" href=back>{icon("arrow-left")}{texts.text("course-single")}</a>
                    <div class="page-head">
                        <div><h1>{title}</h1><p>{isolate(place)}</p><p class="soft">{texts.text("course-intro")}</p></div>
                    </div>
                    {self.pattern_form(who)}
                    {list}
                </div>
            },
        )
        .shows_problem())
    }

    fn desk_path(&self, base: &str) -> String {
        let offer = desk::Offer {
            doctor_id: self.offering.doctor_id,
            clinic_id: self.offering.clinic_id,
            service_id: self.offering.service_id,
        };
        format!("{base}/book?patient={}&offer={offer}", self.patient_id)
    }

    async fn preview(&self, pattern: Pattern) -> Result<Preview, AppError> {
        let asks = Asks {
            caller: self.caller.clone(),
            doctor_id: self.offering.doctor_id,
            clinic_id: self.offering.clinic_id,
            service_id: self.offering.service_id,
            patient_id: self.patient_id,
            pattern,
            rules: self.state.config.rules.booking,
        };
        course::preview(&self.state.database, asks, self.now).await
    }

    async fn check_patient(&self) -> Result<(), AppError> {
        match &self.caller {
            Caller::Patient { .. } if self.caller.acts_for(Some(self.patient_id)) => Ok(()),
            Caller::Patient { .. } => Err(AppError::NotFound),
            staff => desk::patient(&self.state.database, staff, self.patient_id, self.now)
                .await
                .map(|_| ()),
        }
    }

    /// What went wrong, and when there is room again where a limit is reached.
    fn said(&self, error: AppError) -> AnyView {
        let texts = self.texts;
        let AppError::BookingFailed { reason, wanted } = error else {
            return problem(error, texts);
        };
        let when = time::moment(wanted.starts_at(), &self.offering.zone, texts);
        let again = reason.again();
        let again =
            again.map(|again| view! { <p>{room_again(reason, again, &self.offering.zone, texts)}</p> });
        let title = texts.with("course-refused", &[("when", when.into())]);
        let body = view! {
            <p>{message(error, texts)}</p>
            {again}
            <p>{texts.text("course-nothing-booked")}</p>
        };
        notice(Tone::Warn, title, body).into_any()
    }

    /// For whom it is: a choice for who shares a phone, a name for the desk.
    async fn who(&self) -> Result<AnyView, AppError> {
        let texts = self.texts;
        let unnamed = || texts.text("no-patient-name");
        let Caller::Patient { id, .. } = &self.caller else {
            let person = desk::patient(&self.state.database, &self.caller, self.patient_id, self.now).await?;
            let name = person.name.unwrap_or_else(unnamed);
            return Ok(view! {
                <Hidden name="patient" value=self.patient_id.to_string() />
                <p>{icon("user")} " " <b>{isolate(name)}</b></p>
            }
            .into_any());
        };
        let people = family::of_holder(&self.state.database, *id).await?;
        if people.len() < 2 {
            return Ok(view! { <Hidden name="patient" value=self.patient_id.to_string() /> }.into_any());
        }
        let options = people
            .into_iter()
            .map(|person| {
                let is_chosen = person.id == self.patient_id;
                let name = person.name.unwrap_or_else(unnamed);
                view! { <option value=person.id.to_string() selected=is_chosen>{name}</option> }
            })
            .collect_view();
        Ok(view! {
            <div class="field">
                <label for="patient">{texts.text("course-for-whom")}</label>
                <select id="patient" name="patient">{options}</select>
            </div>
        }
        .into_any())
    }
}
