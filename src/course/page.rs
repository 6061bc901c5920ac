//! A course: the pattern of its dates, which of them are free, and one button.

use jiff::{Timestamp, ToSpan, civil::Weekday};
use leptos::{either::Either, prelude::*, server_fn::ServerFn};

use super::forms::{BookCourse, Chosen, FORM, subject};
use crate::{
    account::guard,
    booking::page::conflict::room_again,
    idempotency::page::KeyField,
    server::AppState,
    ui::{
        Hidden, Page, TextArea, Tone, icon, isolate, message, notice, page, problem, query, request_error,
        texts,
    },
};
use engine::{
    account::{Caller, family},
    availability::{Offering, offered},
    course::{self, Asks, Dated, End, MAX_COURSE, MAX_EVERY, Pattern, Preview, Unit},
    desk,
    error::{AppError, Field, FieldProblem},
    i18n::Texts,
    schedule::clock,
    text::isolated,
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

/// The pattern that the address says; nothing where it says none, and why not where it makes no sense.
fn asked() -> Option<Result<Pattern, AppError>> {
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

    /// The form that asks for the pattern. It changes nothing, and its answer has an address.
    fn pattern_form(&self, who: AnyView) -> impl IntoView + use<> {
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

    /// The dates, to be ticked, and one button.
    fn list(&self, preview: Preview, kept: &Chosen, error: Option<AppError>) -> impl IntoView + use<> {
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
