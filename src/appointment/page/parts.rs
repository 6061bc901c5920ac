//! Parts of the pages of appointments: statuses in words, forms of the next steps, facts, history.

use http::request::Parts;
use jiff::{Timestamp, civil};
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    appointment::forms::ChangeStatus,
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, Notes, field_error, icon, in_textarea, isolate, request_error},
};
use engine::{
    account::{
        Caller, Role,
        reads::{self, What},
    },
    appointment::{Change, History, Item, Status},
    error::Field,
    i18n::Texts,
    text::isolated,
    time,
};

/// The text of a button that leads to this status.
pub fn step_text(to: Status, texts: Texts) -> String {
    texts.text(&format!("do-{}", to.as_str().replace('_', "-")))
}

/// The icon of a button that leads to this status.
pub fn step_icon(to: Status) -> &'static str {
    match to {
        Status::InProgress => "play",
        Status::Completed => "check-check",
        Status::Rejected => "ban",
        Status::Cancelled => "circle-x",
        Status::NoShow => "user-x",
        Status::Held | Status::Pending | Status::Confirmed | Status::Expired => "check",
    }
}

/// The class of a button or a link, and the key that presses it, where no other one of the page has the same.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub class: &'static str,
    pub key: Option<&'static str>,
}

impl Look {
    pub const fn with_key(class: &'static str, key: &'static str) -> Self {
        Self {
            class,
            key: Some(key),
        }
    }
}

impl From<&'static str> for Look {
    fn from(class: &'static str) -> Self {
        Self { class, key: None }
    }
}

/// Whether a step takes something away from the patient.
pub fn is_grave(to: Status) -> bool {
    matches!(to, Status::Rejected | Status::Cancelled | Status::NoShow)
}

/// The form of a step that needs no more than a click.
pub fn step_form(item: &Item, to: Status, class: &'static str, texts: Texts) -> impl IntoView + use<> {
    let whose = patient_name(item, texts);
    view! {
        <form method="post" action=ChangeStatus::url()>
            <KeyField />
            {step_fields(item)}
            <Hidden name="to" value=to.as_str() />
            <button class=class>
                {icon(step_icon(to))}
                {step_text(to, texts)}
                <span class="hide">": " {whose}</span>
            </button>
        </form>
    }
}

/// The hidden fields of every form of a step: the appointment, the version that was shown, and the next page.
pub fn step_fields(item: &Item) -> impl IntoView + use<> {
    view! {
        <Hidden name="reference" value=item.reference.clone() />
        <Hidden name="version" value=item.version.to_string() />
        <Hidden name="next" value=here() />
    }
}

/// Asks staff why. The patient is told.
pub fn reason_field(
    id: &'static str,
    hint: String,
    value: String,
    required: bool,
    texts: Texts,
) -> impl IntoView {
    let notes = Notes {
        hint: Some(hint),
        now: None,
        error: request_error().and_then(|error| field_error(error, Field::Reason, texts)),
    };
    let (described_by, invalid) = (notes.described_by(id), notes.invalid());
    view! {
        <div class="field">
            <label for=id>{texts.text("change-reason")}</label>
            {notes.view(id)}
            <textarea
                id=id
                name=Field::Reason.name()
                rows="3"
                required=required
                aria-describedby=described_by
                aria-invalid=invalid
            >
                {in_textarea(&value)}
            </textarea>
        </div>
    }
}

/// The patient's name in its own direction, or that there is none yet.
pub fn patient_name(item: &Item, texts: Texts) -> String {
    match &item.patient_name {
        Some(name) => isolated(name).into_owned(),
        None => texts.text("no-patient-name"),
    }
}

/// `Mon 23 Nov, 09:20`, at the clinic.
pub fn short_moment(at: Timestamp, item: &Item, texts: Texts) -> String {
    format!(
        "{}, {}",
        time::short_date(time::local_date(at, &item.zone), texts),
        time::clock(at, &item.zone, texts.locale())
    )
}

/// `09:20 – 09:40`, at the clinic.
pub fn from_to(item: &Item, texts: Texts) -> String {
    let clock = |at| time::clock(at, &item.zone, texts.locale());
    format!("{} – {}", clock(item.starts_at), clock(item.ends_at))
}

/// How long the visit is.
pub fn length(item: &Item, texts: Texts) -> String {
    let minutes = item.ends_at.duration_since(item.starts_at).as_mins();
    texts.with("minutes", &[("count", minutes.into())])
}

/// A date of a URL, or nothing for what is none: years that the database and its users know.
pub fn date_of(text: &str) -> Option<civil::Date> {
    time::date(text).filter(|date| (2000..2200).contains(&date.year()))
}

/// The path and query of this page, without what a form has added to it.
pub fn here() -> String {
    use_context::<Parts>()
        .and_then(|parts| parts.uri.path_and_query().map(|here| without_news(here.as_str())))
        .unwrap_or_else(|| "/".to_owned())
}

fn without_news(here: &str) -> String {
    let Some((path, query)) = here.split_once('?') else {
        return here.to_owned();
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            // A search of before searches were posted does nothing, and a name in a URL is not passed on.
            ![
                "__err=",
                "__path=",
                "changed=",
                "moved=",
                "saved=",
                "merged=",
                "undone=",
                "prescribed=",
                "search=",
            ]
            .iter()
            .any(|news| pair.starts_with(news))
        })
        .collect();
    if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", kept.join("&"))
    }
}

/// Everything about an appointment that staff need to know.
pub fn facts(item: &Item, role: Role, texts: Texts) -> impl IntoView + use<> {
    let row = |key: &str, value: AnyView| view! { <div><dt>{texts.text(key)}</dt><dd>{value}</dd></div> };
    let phone = item.patient_phone.clone().map(|phone| {
        let value = view! { <a class="num" href=format!("tel:{phone}")>{phone.clone()}</a> };
        row("phone-label", value.into_any())
    });
    let doctor = role
        .is_at_desk()
        .then(|| row("doctor", isolate(item.doctor(texts))));
    let when = view! {
        <b>{time::long_date(time::local_date(item.starts_at, &item.zone), texts)} ", " {from_to(item, texts)}</b>
        <br />
        <span class="soft">
            {texts.with("clinic-time", &[("zone", time::zone_name(&item.zone_name, &item.zone, item.starts_at).into())])}
        </span>
    };
    let visit = format!(
        "{}, {}, {}",
        isolated(item.service(texts.locale())),
        texts.text(mode_key(&item.mode)),
        length(item, texts)
    );
    let session = item.group.as_ref().map(|group| {
        let base = match role {
            Role::Doctor => "/doctor",
            _ => "/admin",
        };
        let seats = texts.with("group-own-seats", &[("count", group.seats.into())]);
        let title = isolate(group.title.clone());
        let value =
            view! { <a href=format!("{base}/groups/{}", group.id)>{title}</a> {format!(" · {seats}")} };
        row("group-session", value.into_any())
    });
    let reason = match item.reason.as_str() {
        "" => view! { <span class="soft">{texts.text("no-reason")}</span> }.into_any(),
        reason => {
            let reason = reason.to_owned();
            view! { <span class="said" dir="auto">{reason}</span> }.into_any()
        }
    };
    let answer = item
        .answer_until
        .filter(|_| item.status == Status::Pending)
        .map(|until| {
            row(
                "fact-answer-until",
                time::moment(until, &item.zone, texts).into_any(),
            )
        });
    view! {
        <dl class="summary">
            {row("fact-patient", isolate(patient_name(item, texts)))}
            {phone}
            {doctor}
            {row("when", when.into_any())}
            {answer}
            {row("service", isolate(visit))}
            {session}
            {row("where", isolate(format!("{}, {}", isolated(&item.clinic_name), isolated(&item.clinic_address))))}
            {row("reason-label", reason)}
            {row("fact-reference", view! { <span class="num">{item.reference.clone()}</span> }.into_any())}
        </dl>
    }
}

/// Leads staff to the file of an appointment that is ahead.
pub fn calendar_file(item: &Item, now: Timestamp, texts: Texts) -> Option<impl IntoView + use<>> {
    is_ahead(item, now).then(|| view! { <p>{crate::ical::page::file_link(item, "btn", texts)}</p> })
}

/// Whether it is yet to come, or under way.
pub fn is_ahead(item: &Item, now: Timestamp) -> bool {
    let status = item.status_at(now);
    item.ends_at > now && status.is_open() && status != Status::Held
}

fn mode_key(mode: &str) -> &'static str {
    match mode {
        "video" => "visit-by-video",
        "text" => "visit-by-text",
        _ => "visit-at-clinic",
    }
}

/// Records that somebody of staff has these in a list.
pub async fn record_list<'a>(
    state: &AppState,
    reader: &Caller,
    items: impl IntoIterator<Item = &'a Item>,
    now: Timestamp,
) {
    let patients: Vec<i64> = items.into_iter().filter_map(|item| item.patient_id).collect();
    reads::record(&state.database, reader, What::List, patients, now).await;
}

/// Shows the history of an appointment, the latest change first.
pub fn timeline(history: History, item: &Item, reader: Role, texts: Texts) -> impl IntoView + use<> {
    let entries = history
        .changes
        .into_iter()
        .rev()
        .map(|change| {
            let by = by(&change, texts).map(|by| format!(" {by}"));
            let moved = change.from_starts_at.map(|from| {
                let (from, to) = (short_moment(from, item, texts), short_moment(change.to_starts_at, item, texts));
                format!(" {}", texts.with("event-from-to", &[("from", from.into()), ("to", to.into())]))
            });
            let reason = (!change.reason.is_empty()).then(|| view! { <blockquote class="said" dir="auto">{change.reason.clone()}</blockquote> });
            let note = change.note.as_ref().and_then(|note| note.for_staff(reader));
            let note = note.map(|note| view! { <blockquote class="said" dir="auto">{note.to_owned()}</blockquote> });
            let over = (change.over_limit && reader.is_staff())
                .then(|| view! { <p class="soft">{texts.text("event-over-limit")}</p> });
            let by_phone = change.by_phone.then(|| format!(", {}", texts.text("phone-calls-by-phone")));
            view! {
                <li>
                    <p><b>{texts.text(event_key(&change))}</b>{moved}{by}{by_phone}</p>
                    <time datetime=change.changed_at.to_string()>{time::moment(change.changed_at, &item.zone, texts)}</time>
                    {over}
                    {reason}
                    {note}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{entries}</ol> }
}

/// A change in a word, such as *Moved*.
fn event_key(change: &Change) -> &'static str {
    match (change.from, change.to) {
        _ if change.arrived == Some(true) => "event-arrived",
        _ if change.arrived == Some(false) => "event-arrival-taken-back",
        _ if change.from_starts_at.is_some() => "event-moved",
        // Nobody else has a word to say when something begins.
        (None, _) if change.note.is_some() => "event-overbooked",
        (None, Status::Confirmed) if change.actor.is_staff() => "event-booked-for-patient",
        (_, Status::Held) => "event-held",
        (_, Status::Pending) => "event-pending",
        (Some(Status::Held), Status::Confirmed) => "event-booked",
        (_, Status::Confirmed) => "event-confirmed",
        (_, Status::InProgress) => "event-in-progress",
        (_, Status::Completed) => "event-completed",
        (Some(Status::Held), Status::Cancelled) => "event-let-go",
        (_, Status::Cancelled) => "event-cancelled",
        (_, Status::Rejected) => "event-rejected",
        (Some(Status::Held), Status::Expired) => "event-hold-expired",
        (_, Status::Expired) => "event-expired",
        (_, Status::NoShow) => "event-no-show",
    }
}

/// By whom, where that has a name.
fn by(change: &Change, texts: Texts) -> Option<String> {
    let who = change.actor_name.clone()?;
    let key = if change.for_doctor {
        "event-by-for-doctor"
    } else {
        "event-by"
    };
    Some(texts.with(key, &[("who", who.into())]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_back_without_the_notice_of_the_last_one() {
        for (here, expected) in [
            ("/doctor", "/doctor"),
            ("/doctor?date=2026-11-24", "/doctor?date=2026-11-24"),
            (
                "/doctor?date=2026-11-24&changed=AB&__err=x&__path=y",
                "/doctor?date=2026-11-24",
            ),
            ("/doctor?changed=AB", "/doctor"),
            ("/doctor?moved=AB", "/doctor"),
        ] {
            assert_eq!(without_news(here), expected);
        }
    }

    #[test]
    fn a_malformed_date_is_ignored() {
        assert_eq!(date_of("2026-11-24"), Some(civil::date(2026, 11, 24)));
        for bad in [
            "",
            "2026-02-30",
            "tomorrow",
            "-009999-01-01",
            "9999-12-31",
            "2026-11-24' or 1=1",
        ] {
            assert_eq!(date_of(bad), None, "{bad}");
        }
    }
}
