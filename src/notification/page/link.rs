//! Where the link in a message leads: the appointment that it speaks of, and what can be done about it. Looking at it changes
//! nothing: programs that check links look at it, too.

use crate::{
    appointment::page::{MoveForm, badge, chosen_time, move_check, moving_page},
    availability::page::times::TimesForm,
    notification::forms::{LinkArrive, LinkCancel, LinkCome, LinkMove, LinkUnsubscribe},
    server::AppState,
    ui::{
        Hidden, Page, Tone, icon, isolate, notice, page, path_parameter, problem, query, request_error, texts,
    },
};
use jiff::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};

use engine::{
    account::Role,
    appointment::{Item, Status},
    error::AppError,
    i18n::Texts,
    notification::{Linked, appointment_path, open},
    organisation::mode::mode_key,
    text::isolated,
    time,
};

/// The secret in the path, and what it leads to.
async fn linked(now: Timestamp) -> Result<(String, Linked), AppError> {
    let state = expect_context::<AppState>();
    let secret: String = path_parameter("secret")?;
    let linked = open(&state.database, secret.clone(), now).await?;
    Ok((secret, linked))
}

fn may_cancel(item: &Item, now: Timestamp) -> bool {
    item.transition(item.status_at(now), Status::Cancelled, now)
        .is_allowed(Role::Patient)
}

/// When and where. With whom and what for is nobody's business who found the message.
fn facts(item: &Item, texts: Texts) -> impl IntoView + use<> {
    let when = format!(
        "{} ({})",
        time::moment(item.starts_at, &item.zone, texts),
        time::zone_name(&item.zone_name, &item.zone, item.starts_at)
    );
    let place = match item.mode.as_str() {
        mode @ ("video" | "text") => texts.text(mode_key(mode)),
        _ => isolated(&item.clinic_address).into_owned(),
    };
    let rows = [
        ("when", when),
        ("where", place),
        ("clinic-phone", item.clinic_phone.clone()),
    ];
    view! {
        <article class="slip">
            <header>
                <p>{texts.text("your-reference")}</p>
                <p class="reference">{item.reference.clone()}</p>
            </header>
            <dl class="summary">
                {rows
                    .into_iter()
                    .filter(|(_, value)| !value.is_empty())
                    .map(|(key, value)| view! { <div><dt>{texts.text(key)}</dt><dd class="said">{isolate(value)}</dd></div> })
                    .collect_view()}
            </dl>
        </article>
    }
}

/// What was done by this link just now.
fn done(texts: Texts) -> Option<impl IntoView + use<>> {
    let key = match query("done")?.as_str() {
        "arrive" => "arrival-you",
        "come" => "link-done-come",
        "cancel" => "link-done-cancel",
        "move" => "link-done-move",
        _ => return None,
    };
    Some(notice(Tone::Good, texts.text(key), ()))
}

/// The appointment of a link.
#[component]
pub fn LinkPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let now = crate::server::now();
        let (secret, Linked { item, .. }) = linked(now).await?;
        let status = item.status_at(now);
        let is_open = matches!(status, Status::Pending | Status::Confirmed);
        let may = may_cancel(&item, now);
        let come = (status == Status::Confirmed && !item.is_coming && item.arrived_at.is_none()).then(|| {
            view! {
                <form method="post" action=LinkCome::url()>
                    <Hidden name="secret" value=secret.clone() />
                    <button class="btn primary big">{icon("check")}{texts.text("link-come")}</button>
                </form>
            }
        });
        let is_coming = (status == Status::Confirmed && item.is_coming && query("done").is_none())
            .then(|| view! { <p class="soft">{icon("check")} " " {texts.text("link-coming")}</p> });
        let arrive = item.may_arrive(Role::Patient, now).then(|| {
            view! {
                <form method="post" action=LinkArrive::url()>
                    <Hidden name="secret" value=secret.clone() />
                    <button class="btn primary big">{icon("map-pin")}{texts.text("arrive-self")}</button>
                </form>
            }
        });
        let is_here = (item.waiting_minutes(now).is_some() && query("done").is_none())
            .then(|| view! { <p class="soft">{icon("map-pin")} " " {texts.text("arrival-you")}</p> });
        let change = (is_open && may).then(|| {
            view! {
                {item.group.is_none().then(|| view! {
                    <div class="actions">
                        <a class="btn" href=format!("{}/move", appointment_path(&secret))>{texts.text("reschedule")}</a>
                    </div>
                })}
                <form method="post" action=LinkCancel::url() class="stack-s">
                    <Hidden name="secret" value=secret.clone() />
                    <Hidden name="version" value=item.version.to_string() />
                    <p class="soft">{texts.text("cancel-intro")}</p>
                    <button class="btn danger">{texts.text("cancel-now")}</button>
                </form>
            }
        });
        let too_late = (is_open && !may).then(|| {
            let call = texts.with("done-call", &[("phone", item.clinic_phone.clone().into())]);
            view! { <p>{call}</p> }
        });
        let again = (!is_open).then(|| {
            view! { <a class="btn primary" href="/">{texts.text("nav-find")}</a> }
        });
        Ok(Page::new(
            texts.text("link-title"),
            view! {
                <div class="narrow stack">
                    {done(texts)}
                    <div class="spread">
                        <h1>{texts.text("link-title")}</h1>
                        {badge(status, texts)}
                    </div>
                    {facts(&item, texts)}
                    {is_here}
                    {arrive}
                    {is_coming}
                    {come}
                    {change}
                    {too_late}
                    {again}
                </div>
            },
        ))
    })
}

/// Another time for the appointment of a link; it keeps the one it has until then.
#[component]
pub fn LinkMovePage() -> impl IntoView {
    page(async {
        let now = crate::server::now();
        let (secret, Linked { item, caller }) = linked(now).await?;
        let href = appointment_path(&secret);
        if !may_cancel(&item, now) {
            crate::ui::redirect(&href);
        }
        let path = format!("{href}/move");
        let problem = request_error().map(|error| problem(error, texts()));
        if let Some(chosen) = chosen_time(&item) {
            let form = MoveForm {
                action: LinkMove::url(),
                hidden: vec![("secret", secret), ("version", item.version.to_string())],
                with: None,
                whose: None,
                other_times: path,
            };
            return Ok(move_check(&item, chosen, form, problem).shows_problem());
        }
        let form = TimesForm {
            action: path.clone(),
            is_link: true,
            hidden: Vec::new(),
            base: format!("{path}?"),
            ..TimesForm::default()
        };
        Ok(moving_page(&item, caller, href, form, problem)
            .await?
            .shows_problem())
    })
}

/// Where reminders are refused. It says nothing about whoever it is for, and does not look whether the link is good: only
/// the button does.
#[component]
pub fn UnsubscribePage() -> impl IntoView {
    page(async {
        let texts = texts();
        let secret: String = path_parameter("secret")?;
        let is_done = query("done").is_some();
        let said = is_done.then(|| notice(Tone::Good, texts.text("unsubscribe-done"), ()));
        let form = (!is_done).then(|| {
            view! {
                <p>{texts.text("unsubscribe-intro")}</p>
                <form method="post" action=LinkUnsubscribe::url()>
                    <Hidden name="secret" value=secret />
                    <button class="btn primary big">{texts.text("unsubscribe")}</button>
                </form>
            }
        });
        Ok(Page::new(
            texts.text("unsubscribe-title"),
            view! {
                <div class="narrow stack">
                    {said}
                    <h1>{texts.text("unsubscribe-title")}</h1>
                    {form}
                </div>
            },
        ))
    })
}
