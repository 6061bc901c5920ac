//! The question before a change that hits patients: who they are, whether a message can reach them, and the button that does
//! it to exactly those.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{Form, PlanPage};
use crate::{
    appointment::page::{badge, patient_name},
    idempotency::page::KeyField,
    schedule::forms::{BlockTime, CancelWholeDay, CloseClinic, DAY_CANCELLED, PlanAbsence, TypedDates},
    server::AppState,
    ui::{Hidden, Tone, icon, isolate, message, notice, query, texts},
};
use engine::{
    account::{Caller, Role},
    appointment::path_of as appointment_path,
    error::AppError,
    i18n::Texts,
    notification::Reach,
    schedule::{self, Act, Affected, CancelDay, Close, Edit, Question, week::date},
    time,
};

/// The question of the page of a plan, where the form that led here has asked one.
///
/// # Errors
/// Those of the database.
pub(super) async fn plan_question(state: &AppState, desk: &PlanPage) -> Result<Option<AnyView>, AppError> {
    let Some(asked) = query("ask") else {
        return Ok(None);
    };
    let texts = desk.texts;
    let doctor_id = desk.schedule.doctor_id;
    let version = desk.schedule.version;
    let mut hidden = vec![
        ("doctor_id".to_owned(), doctor_id.to_string()),
        ("version".to_owned(), version.to_string()),
    ];
    let back = format!("{}?clinic={}", desk.path(), desk.place.clinic_id);
    match asked.as_str() {
        "absence" if desk.form.typed.form == "absence" => {
            let dates = TypedDates::kept(&desk.form.typed);
            let act = dates.absence();
            hidden.extend(dates.fields());
            let question = ask_to_edit(state, &desk.caller, doctor_id, version, act).await;
            let ask = Ask {
                title: "ask-absence",
                does: "ask-absence-do",
                action: PlanAbsence::url(),
                hidden,
                back,
                role: desk.caller.role(),
            };
            Ok(Some(ask.view(state, question, texts)))
        }
        "day" if desk.form.typed.form == DAY_CANCELLED => {
            let whose = (doctor_id, desk.place.clinic_id, version);
            Ok(Some(
                day_question(state, &desk.caller, whose, &desk.form, back).await,
            ))
        }
        _ => Ok(None),
    }
}

/// The question before a day of a doctor at a clinic is cancelled, at this version of the doctor.
pub(super) async fn day_question(
    state: &AppState,
    caller: &Caller,
    (doctor_id, clinic_id, version): (i64, i64, i32),
    form: &Form,
    back: String,
) -> AnyView {
    let texts = form.texts;
    let field = |name: &str| form.typed.fields.get(name).cloned().unwrap_or_default();
    let question = match date(&field("day")) {
        Ok(day) => {
            let command = CancelDay {
                caller: caller.clone(),
                doctor_id,
                version,
                clinic_id,
                day,
                reason: field("reason"),
                texts,
                key: None,
            };
            schedule::ask_to_cancel_day(&state.database, command, state.now()).await
        }
        Err(error) => Err(error),
    };
    let hidden = vec![
        ("doctor_id".to_owned(), doctor_id.to_string()),
        ("version".to_owned(), version.to_string()),
        ("clinic_id".to_owned(), clinic_id.to_string()),
        ("day".to_owned(), field("day")),
        ("reason".to_owned(), field("reason")),
    ];
    let ask = Ask {
        title: "ask-day",
        does: "ask-day-do",
        action: CancelWholeDay::url(),
        hidden,
        back,
        role: caller.role(),
    };
    ask.view(state, question, texts)
}

/// The question of the page that takes hours out of a day.
pub(super) async fn block_question(
    state: &AppState,
    caller: &Caller,
    (doctor_id, version): (i64, i32),
    form: &Form,
) -> Option<AnyView> {
    query("ask").filter(|asked| asked == "block" && form.typed.form == "block")?;
    let dates = TypedDates::kept(&form.typed);
    let act = dates.blocked().map(|(act, ..)| act);
    let question = ask_to_edit(state, caller, doctor_id, version, act).await;
    let mut hidden = vec![
        ("doctor_id".to_owned(), doctor_id.to_string()),
        ("version".to_owned(), version.to_string()),
    ];
    hidden.extend(dates.fields());
    let back = match caller.role() {
        Role::Doctor => "/doctor/block".to_owned(),
        _ => format!("/admin/block?doctor={doctor_id}"),
    };
    let ask = Ask {
        title: "ask-absence",
        does: "ask-absence-do",
        action: BlockTime::url(),
        hidden,
        back,
        role: caller.role(),
    };
    Some(ask.view(state, question, form.texts))
}

/// The question of the page of closures.
pub(super) async fn closure_question(state: &AppState, caller: &Caller, form: &Form) -> Option<AnyView> {
    query("ask").filter(|asked| asked == "closure" && form.typed.form == "closure")?;
    let dates = TypedDates::kept(&form.typed);
    let question = match (dates.clinic_id(), dates.read()) {
        (Ok(clinic_id), Ok(days)) => {
            let command = Close {
                caller: caller.clone(),
                clinic_id,
                dates: days,
                key: None,
            };
            schedule::ask_to_close(&state.database, command, state.now()).await
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    let ask = Ask {
        title: "ask-closure",
        does: "ask-closure-do",
        action: CloseClinic::url(),
        hidden: dates.fields(),
        back: "/admin/closures".to_owned(),
        role: caller.role(),
    };
    Some(ask.view(state, question, form.texts))
}

async fn ask_to_edit(
    state: &AppState,
    caller: &Caller,
    doctor_id: i64,
    version: i32,
    act: Result<Act, AppError>,
) -> Result<Question, AppError> {
    let command = Edit {
        caller: caller.clone(),
        doctor_id,
        version,
        act: act?,
        key: None,
    };
    schedule::ask_to_edit(&state.database, command, state.now()).await
}

/// A question, and the form that answers it.
struct Ask {
    title: &'static str,
    /// The text of the button that does it.
    does: &'static str,
    action: &'static str,
    hidden: Vec<(String, String)>,
    back: String,
    role: Role,
}

impl Ask {
    fn view(self, state: &AppState, question: Result<Question, AppError>, texts: Texts) -> AnyView {
        let question = match question {
            Ok(question) => question,
            Err(error) => return notice(Tone::Bad, message(error, texts), ()).into_any(),
        };
        let count = i64::try_from(question.affected.len()).unwrap_or(i64::MAX);
        let hidden = self
            .hidden
            .into_iter()
            .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
            .collect_view();
        let list = question
            .affected
            .iter()
            .map(|affected| row(state, affected, self.role, texts))
            .collect_view();
        let after = (count > 0).then(|| view! { <p>{texts.text("ask-after")}</p> });
        view! {
            <section class="card stack" id="ask" aria-labelledby="ask-title">
                <h2 id="ask-title">{texts.text(self.title)}</h2>
                <p role="status">{texts.with("ask-count", &[("count", count.into())])}</p>
                <ul class="rows">{list}</ul>
                {after}
                <form method="post" action=self.action class="actions">
                    <KeyField />
                    {hidden}
                    <Hidden name="decided" value=question.decided_on />
                    <button class="btn danger primary">{icon("calendar-x")}{texts.text(self.does)}</button>
                    <a class="btn" href=self.back>{texts.text("ask-leave")}</a>
                </form>
            </section>
        }
        .into_any()
    }
}

fn row(state: &AppState, affected: &Affected, role: Role, texts: Texts) -> impl IntoView + use<> {
    let item = &affected.item;
    let href = appointment_path(role, &item.reference);
    let when = time::moment(item.starts_at, &item.zone, texts);
    view! {
        <li class="row">
            <time datetime=item.starts_at.to_string()>{when}</time>
            <div>
                <h3><a href=href>{isolate(patient_name(item, texts))}</a></h3>
                <p>{isolate(item.doctor(texts))} " · " {isolate(item.service(texts.locale()).to_owned())}</p>
                {phone_and_reach(state, affected, texts)}
            </div>
            {badge(item.status_at(state.now()), texts)}
        </li>
    }
}

/// The phone number of the patient, as a link that calls it, and whether a message can reach them.
pub(super) fn phone_and_reach(state: &AppState, affected: &Affected, texts: Texts) -> impl IntoView + use<> {
    let phone = affected.item.patient_phone.clone().map(|phone| {
        view! { <a class="num" href=format!("tel:{phone}")>{phone.clone()}</a> " · " }
    });
    view! { <p>{phone}<span class="soft">{reach_text(state, affected, texts)}</span></p> }
}

/// Whether a message can reach the patient, in words.
pub fn reach_text(state: &AppState, affected: &Affected, texts: Texts) -> String {
    let reach = (affected.reach).with_senders(|channel| state.outbox.senders.of(channel).is_some());
    texts.text(reach_key(reach))
}

/// The text that says by which way messages reach a patient.
fn reach_key(reach: Reach) -> &'static str {
    match (reach.phone, reach.email) {
        (true, true) => "reach-both",
        (true, false) => "reach-phone",
        (false, true) => "reach-email",
        (false, false) => "reach-nobody",
    }
}

/// The link to a list of whom to call, in the notice of what was done.
pub(super) fn calls_link(role: Role) -> Option<AnyView> {
    let id: i64 = query("calls").and_then(|id| id.parse().ok())?;
    let base = super::calls::base_of(role);
    let text = texts().text("calls-open");
    Some(view! { <p><a class="btn primary" href=format!("{base}/calls/{id}")>{text}</a></p> }.into_any())
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::notification::Channel;

    #[test]
    fn a_message_reaches_by_what_the_patient_takes_and_the_clinic_sends() {
        let reach = |phone, email| Reach { phone, email };
        for (reach, sms, mail, expected) in [
            (reach(true, true), true, true, "reach-both"),
            (reach(true, true), true, false, "reach-phone"),
            (reach(true, true), false, true, "reach-email"),
            (reach(false, true), true, true, "reach-email"),
            (reach(true, false), false, true, "reach-nobody"),
            (reach(false, false), true, true, "reach-nobody"),
        ] {
            let is_there = |channel| match channel {
                Channel::Sms => sms,
                Channel::Email => mail,
            };
            assert_eq!(reach_key(reach.with_senders(is_there)), expected);
        }
    }
}
