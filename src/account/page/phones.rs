//! Phone numbers that are not right, for admins: two records of one person, or a number that nobody can have.

use engine::{
    account::{
        number,
        renumber::{PhoneFinding, phone_findings},
    },
    error::Field,
    i18n::Texts,
};
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    account::{
        forms::{CorrectPhone, NumberDays, PhoneAccess, SharePhone},
        guard,
    },
    server::AppState,
    ui::{Hidden, Page, TextField, Tone, icon, notice, page, problem, query, request_error, texts},
};

/// Patients whose phone numbers are not right, with what can be done about each.
#[component]
pub fn PhonesPage() -> impl IntoView {
    page(async {
        let caller = guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let findings = phone_findings(&state.database, &caller).await?;
        let days = number::number_days(&state.database).await?;
        let title = texts.text("phones-title");
        let done = query("done").map(|_| notice(Tone::Good, texts.text("phones-done"), ()));
        let list = match findings.is_empty() {
            true => view! {
                <div class="empty">
                    {icon("circle-check")}
                    <h2>{texts.text("phones-empty-title")}</h2>
                    <p>{texts.text("phones-empty-text")}</p>
                </div>
            }
            .into_any(),
            false => view! {
                <ul class="stack">{findings.into_iter().map(|finding| one(finding, texts)).collect_view()}</ul>
            }
            .into_any(),
        };
        Ok(Page::new(
            title.clone(),
            view! {
                {done}
                {request_error().map(|error| problem(error, texts))}
                <div class="page-head">
                    <div><h1>{title}</h1><p>{texts.text("phones-intro")}</p></div>
                </div>
                {list}
                {access(texts)}
                {changing_hands(days, texts)}
            },
        ))
    })
}

/// Whether a patient can sign in by phone, as an admin decides.
fn access(texts: Texts) -> impl IntoView {
    view! {
        <section class="stack narrow" aria-labelledby="phone-access-title">
            <h2 id="phone-access-title">{texts.text("phone-access-title")}</h2>
            <p class="soft">{texts.text("phone-access-text")}</p>
            <form method="post" action=PhoneAccess::url() class="stack">
                <TextField field=Field::Phone label=texts.text("phone-access-phone") kind="tel" />
                <div class="actions">
                    <button class="btn primary" name="act" value="let-in">{texts.text("phone-access-let-in")}</button>
                    <button class="btn danger" name="act" value="close">{texts.text("phone-access-close")}</button>
                    <button class="btn" name="act" value="open">{texts.text("phone-access-open")}</button>
                </div>
            </form>
        </section>
    }
}

/// For how long the clinic's word counts that a number is a patient's.
fn changing_hands(days: i32, texts: Texts) -> impl IntoView {
    let value = match days {
        0 => String::new(),
        days => days.to_string(),
    };
    view! {
        <section class="stack narrow" aria-labelledby="number-days-title">
            <h2 id="number-days-title">{texts.text("number-days-title")}</h2>
            <p class="soft">{texts.text("number-days-text")}</p>
            <form method="post" action=NumberDays::url() class="stack">
                <TextField
                    field=Field::Days
                    label=texts.text("number-days-label")
                    hint=texts.text("number-days-hint")
                    value=value
                    inputmode="numeric"
                    required=false
                />
                <div class="actions"><button class="btn">{icon("check")}{texts.text("org-save")}</button></div>
            </form>
        </section>
    }
}

fn one(finding: PhoneFinding, texts: Texts) -> impl IntoView {
    let id = finding.patient_id;
    let nameless = || texts.text("no-patient-name");
    let name = finding.name.unwrap_or_else(nameless);
    let count = texts.with("phones-appointments", &[("count", finding.appointments.into())]);
    let what = match (&finding.right, finding.holder_id) {
        (Some(right), Some(_)) => texts.with(
            "phones-shared",
            &[
                ("phone", right.clone().into()),
                (
                    "name",
                    finding.holder_name.clone().unwrap_or_else(nameless).into(),
                ),
            ],
        ),
        (Some(right), None) => texts.with("phones-free", &[("phone", right.clone().into())]),
        (None, _) => texts.text("phones-nobodys"),
    };
    let share = finding.holder_id.map(|holder_id| {
        view! {
            <p>
                <a class="btn" href=format!("/admin/patients/{holder_id}/merge?with={id}")>
                    {icon("users")}
                    {texts.text("phones-merge")}
                </a>
            </p>
            <form method="post" action=SharePhone::url()>
                <Hidden name="patient" value=id.to_string() />
                <button class="btn">{icon("users")}{texts.text("phones-share")}</button>
            </form>
            <p class="hint">{texts.text("phones-share-hint")}</p>
        }
    });
    let field = format!("phone-{id}");
    view! {
        <li class="card stack-s">
            <h2><bdi>{name}</bdi></h2>
            <p><span class="num">{finding.phone}</span> " · " {count}</p>
            <p>{what}</p>
            {share}
            <form method="post" action=CorrectPhone::url() class="fields">
                <Hidden name="patient" value=id.to_string() />
                <div class="field">
                    <label for=field.clone()>{texts.text("phones-right")}</label>
                    <input
                        id=field
                        name=Field::Phone.name()
                        type="tel"
                        autocomplete="off"
                        value=finding.right.unwrap_or_default()
                        required
                    />
                </div>
                <button class="btn">{texts.text("phones-correct")}</button>
            </form>
        </li>
    }
}

/// The notice that leads to the list, where there is something in it.
pub fn phones_notice(count: usize, texts: Texts) -> Option<AnyView> {
    let count = i64::try_from(count).ok().filter(|count| *count > 0)?;
    let body = view! { <p><a href="/admin/phones">{texts.text("phones-title")}</a></p> };
    Some(
        notice(
            Tone::Warn,
            texts.with("phones-found", &[("count", count.into())]),
            body,
        )
        .into_any(),
    )
}
