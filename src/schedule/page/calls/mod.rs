//! Whom to call: the lists, and one of them to tick off, with the ways to move, to cancel and to book again.

mod moves;

use leptos::{prelude::*, server_fn::ServerFn};

use self::moves::move_page;
use super::ask::phone_and_reach;
use crate::{
    account::guard,
    appointment::page::{badge, move_link, news, patient_name},
    idempotency::page::KeyField,
    schedule::calls::forms::{CancelAll, MOST_AT_ONCE, TickCall},
    server::AppState,
    ui::{
        Hidden, Page, Tone, csv_link, icon, isolate, notice, page, path_parameter, problem, query,
        request_error, texts,
    },
};
use engine::{
    account::{Caller, Role},
    appointment::path_of,
    error::AppError,
    i18n::Texts,
    schedule::{self, Call, CallList, Why},
    time,
};
use jiff::tz::TimeZone;

/// The first path of somebody of staff.
pub(super) fn base_of(role: Role) -> &'static str {
    match role {
        Role::Doctor => "/doctor",
        _ => "/admin",
    }
}

/// The lists of whom to call, for the desk.
#[component]
pub fn CallListsPage() -> impl IntoView {
    page(async { lists_page(guard::desk().await?).await })
}

/// The lists of whom to call about the days of the doctor who is signed in.
#[component]
pub fn DoctorCallListsPage() -> impl IntoView {
    page(async { lists_page(guard::doctor().await?.0).await })
}

/// One list, for the desk.
#[component]
pub fn CallsPage() -> impl IntoView {
    page(async { list_page(guard::desk().await?).await })
}

/// One list of the doctor who is signed in.
#[component]
pub fn DoctorCallsPage() -> impl IntoView {
    page(async { list_page(guard::doctor().await?.0).await })
}

/// What the appointments of a list would be moved to, all at once, for the desk.
#[component]
pub fn MoveCallsPage() -> impl IntoView {
    page(async { move_page(guard::desk().await?).await })
}

/// What the appointments of a list would be moved to, for the doctor who is signed in.
#[component]
pub fn DoctorMoveCallsPage() -> impl IntoView {
    page(async { move_page(guard::doctor().await?.0).await })
}

async fn lists_page(caller: Caller) -> Result<Page, AppError> {
    let texts = texts();
    let state = expect_context::<AppState>();
    let lists = schedule::call_lists(&state.database, &caller).await?;
    let base = base_of(caller.role());
    let rows = lists
        .iter()
        .map(|list| {
            let count = texts.with(
                "calls-open-of",
                &[("open", list.open.into()), ("count", list.calls.into())],
            );
            let class = match list.open {
                0 => "row over",
                _ => "row",
            };
            view! {
                <li class=class>
                    <div>
                        <h2><a href=format!("{base}/calls/{}", list.id)>{isolate(title(list, texts))}</a></h2>
                        <p>{count}</p>
                        <p class="soft">{made(list, texts)}</p>
                    </div>
                </li>
            }
        })
        .collect_view();
    let body = match lists.is_empty() {
        true => {
            view! { <div class="empty">{icon("check")}<h2>{texts.text("calls-none")}</h2></div> }.into_any()
        }
        false => view! { <ul class="rows">{rows}</ul> }.into_any(),
    };
    Ok(Page::new(
        texts.text("calls-title"),
        view! {
            <div class="page-head">
                <div><h1>{texts.text("calls-title")}</h1><p>{texts.text("calls-text")}</p></div>
            </div>
            {body}
        },
    ))
}

/// `Dr Sari is away, Tue 1 Dec – Thu 3 Dec, Klinik Harapan`.
fn title(list: &CallList, texts: Texts) -> String {
    let why = texts.text(match list.why {
        Why::DayCancelled => "calls-why-day",
        Why::Absence => "calls-why-absence",
        Why::Closure => "calls-why-closure",
    });
    let days = match list.first_day == list.last_day {
        true => time::short_date(list.first_day, texts),
        false => format!(
            "{} – {}",
            time::short_date(list.first_day, texts),
            time::short_date(list.last_day, texts)
        ),
    };
    let place = list
        .clinic_name
        .clone()
        .unwrap_or_else(|| texts.text("plan-everywhere"));
    [Some(why), list.doctor_name.clone(), Some(days), Some(place)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

fn made(list: &CallList, texts: Texts) -> String {
    texts.with(
        "calls-made",
        &[
            ("who", list.made_by.clone().into()),
            ("when", time::moment(list.made_at, &TimeZone::UTC, texts).into()),
        ],
    )
}

async fn list_page(caller: Caller) -> Result<Page, AppError> {
    let texts = texts();
    let state = expect_context::<AppState>();
    let id: i64 = path_parameter("list")?;
    let (list, calls) = schedule::call_list(&state.database, &caller, id, state.now()).await?;
    let said = match request_error() {
        Some(error) => Some(problem(error, texts)),
        None => said(&calls, texts),
    };
    let said = match said {
        Some(said) => Some(said),
        None => news(&caller, texts).await?,
    };
    let base = base_of(caller.role());
    let here = format!("{base}/calls/{id}");
    let title = title(&list, texts);
    let rows = calls
        .iter()
        .map(|call| row(&state, &caller, id, call, &here, texts))
        .collect_view();
    let now = state.now();
    let in_harm: Vec<&Call> = calls
        .iter()
        .filter(|call| call.is_in_harm(now))
        .take(MOST_AT_ONCE)
        .collect();
    let all = (!in_harm.is_empty()).then(|| for_all(id, &here, &in_harm, texts));
    Ok(Page::new(
        title.clone(),
        view! {
            {said}
            <div class="stack">
                <a class="back" href=format!("{base}/calls")>{icon("arrow-left")}{texts.text("calls-title")}</a>
                <div class="page-head">
                    <div>
                        <h1>{isolate(title)}</h1>
                        <p>{texts.with("calls-open-of", &[("open", list.open.into()), ("count", list.calls.into())])}</p>
                        <p class="soft">{made(&list, texts)}</p>
                    </div>
                </div>
            </div>
            <ol class="rows">{rows}</ol>
            {csv_link(format!("{base}/calls.csv?list={id}"), texts)}
            {all}
        },
    )
    .shows_problem())
}

/// What became of the form that led here.
fn said(calls: &[Call], texts: Texts) -> Option<AnyView> {
    if let Some(reference) = query("already") {
        let call = calls
            .iter()
            .find(|call| call.affected.item.reference == reference)?;
        let called = call.called.as_ref()?;
        let zone = &call.affected.item.zone;
        let values = [
            ("who", called.by.clone().into()),
            ("when", time::moment(called.at, zone, texts).into()),
            ("patient", patient_name(&call.affected.item, texts).into()),
        ];
        return Some(notice(Tone::Warn, texts.with("calls-already", &values), ()).into_any());
    }
    let number = |name: &str| query(name).and_then(|text| text.parse::<i64>().ok());
    let (done, left) = (number("done")?, number("left").unwrap_or(0));
    let tone = if left == 0 { Tone::Good } else { Tone::Warn };
    let values = [("done", done.into()), ("left", left.into())];
    Some(notice(tone, texts.with("calls-did", &values), ()).into_any())
}

fn row(
    state: &AppState,
    caller: &Caller,
    list_id: i64,
    call: &Call,
    here: &str,
    texts: Texts,
) -> impl IntoView + use<> {
    let item = &call.affected.item;
    let now = state.now();
    let name = patient_name(item, texts);
    let href = path_of(caller.role(), &item.reference);
    let called = call.called.as_ref().map(|called| {
        let values = [
            ("who", called.by.clone().into()),
            ("when", time::moment(called.at, &item.zone, texts).into()),
        ];
        view! { <p>{icon("check")} " " {texts.with("calls-called", &values)}</p> }
    });
    let is_own = call
        .called
        .as_ref()
        .is_none_or(|called| Some(called.staff_id) == caller.staff_id());
    let (done, text, button) = match call.called {
        None => ("true", "calls-tick", "btn primary"),
        Some(_) => ("false", "calls-untick", "btn quiet"),
    };
    let class = match call.called {
        None => "row",
        Some(_) => "row over",
    };
    let tick = is_own.then(|| {
        view! {
            <form method="post" action=TickCall::url()>
                <Hidden name="list" value=list_id.to_string() />
                <Hidden name="appointment" value=item.id.to_string() />
                <Hidden name="reference" value=item.reference.clone() />
                <Hidden name="done" value=done />
                <button class=button>
                    {texts.text(text)}
                    <span class="hide">": " {name.clone()}</span>
                </button>
            </form>
        }
    });
    let moving = move_link(caller, item, "btn", Some(here), now, texts);
    let cancel = item.may_be_called_off(now).then(|| {
        view! {
            <a class="btn danger" href=format!("{href}#change")>
                {icon("x")}
                {texts.text("calls-cancel")}
                <span class="hide">": " {name.clone()}</span>
            </a>
        }
    });
    let again = item
        .patient_id
        .filter(|_| !item.status_at(now).is_open())
        .map(|patient_id| {
            let offer = format!("{}-{}-{}", item.doctor_id, item.clinic_id, item.service_id);
            let path = format!(
                "{}/book?patient={patient_id}&offer={offer}",
                base_of(caller.role())
            );
            view! {
                <a class="btn" href=path>
                    {icon("calendar-plus")}
                    {texts.text("calls-book-again")}
                    <span class="hide">": " {name.clone()}</span>
                </a>
            }
        });
    let date = time::short_date(time::local_date(item.starts_at, &item.zone), texts);
    let short = format!(
        "{date}, {}",
        time::clock(item.starts_at, &item.zone, texts.locale())
    );
    view! {
        <li class=class>
            <time datetime=item.starts_at.to_string()>{short}</time>
            <div>
                <h2><a href=href>{isolate(name)}</a></h2>
                <p>{isolate(item.doctor(texts))} " · " {isolate(item.service(texts.locale()).to_owned())}</p>
                {phone_and_reach(state, &call.affected, texts)}
                {called}
            </div>
            {badge(item.status_at(now), texts)}
            <div class="actions">{tick}{moving}{cancel}{again}</div>
        </li>
    }
}

/// The ways to deal with all that is still booked at the time at which it was hit.
fn for_all(list_id: i64, here: &str, in_harm: &[&Call], texts: Texts) -> impl IntoView + use<> {
    let count = i64::try_from(in_harm.len()).unwrap_or(i64::MAX);
    let values = [("count", count.into())];
    let shown = in_harm
        .iter()
        .enumerate()
        .map(|(index, call)| {
            let item = &call.affected.item;
            let value = format!("{} {}", item.reference, item.version);
            view! { <input type="hidden" name=format!("appointments[{index}]") value=value /> }
        })
        .collect_view();
    view! {
        <section class="card stack" aria-labelledby="all-title">
            <h2 id="all-title">{texts.with("calls-all", &values)}</h2>
            <p><a class="btn" href=format!("{here}/move")>{icon("refresh")}{texts.text("calls-move-all")}</a></p>
            <form method="post" action=CancelAll::url() class="stack">
                <KeyField />
                <Hidden name="list" value=list_id.to_string() />
                {shown}
                <div class="field">
                    <label for="reason">{texts.text("change-reason")}</label>
                    <p class="hint" id="reason-hint">{texts.text("plan-reason-hint")}</p>
                    <textarea id="reason" name="reason" rows="2" aria-describedby="reason-hint"></textarea>
                </div>
                <div class="actions">
                    <button class="btn danger">{icon("x")}{texts.with("calls-cancel-all", &values)}</button>
                </div>
            </form>
        </section>
    }
}
