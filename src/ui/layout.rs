//! The layout: what stands around every page, and what is shown instead of one.

use crate::{
    account::{
        forms::{SetLanguage, SignOut},
        guard,
    },
    desk::find::forms::FindAnybody,
    server::{
        AppState, Refused,
        fields::{LANGUAGE, OF},
    },
    ui::texts,
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_axum::ResponseOptions;
use leptos_meta::Title;

use super::{
    icon::icon,
    island::{CalmForms, FindBox},
    isolate::isolate,
    keys::shortcuts,
    notice::{encode, problem, request_error, without_error},
};
use engine::{
    account::{Caller, must_be_admin},
    error::AppError,
    i18n::{Locale, Texts},
    notification::Channel,
    organisation::Shown,
    text::isolated,
};

/// The title and the content of a page.
pub struct Page {
    title: String,
    view: AnyView,
    /// Said by the page itself; otherwise the layout says it.
    shows_problem: bool,
    form: Option<KeptForm>,
}

/// The form of a page whose words no other button of the page may cost.
#[derive(Clone, Copy, Debug)]
pub struct KeptForm {
    pub id: &'static str,
    /// Where it is sent.
    pub action: &'static str,
}

impl KeptForm {
    /// The address of a button that takes the words of the form along, to be kept for the page.
    pub fn left_by(self, action: &str) -> String {
        format!("{action}?{OF}={}", self.action)
    }
}

impl Page {
    pub fn new(title: String, view: impl IntoView + 'static) -> Self {
        Self {
            title,
            view: view.into_any(),
            shows_problem: false,
            form: None,
        }
    }

    /// What is typed into this form stays when the language is changed.
    #[must_use]
    pub fn keeps(self, form: KeptForm) -> Self {
        Self {
            form: Some(form),
            ..self
        }
    }

    /// The page itself says what went wrong with the form that led here.
    #[must_use]
    pub fn shows_problem(self) -> Self {
        Self {
            shows_problem: true,
            ..self
        }
    }
}

/// A page, or what is to be said instead of it: who has not signed in is sent to do so and comes
/// back, what is not there is not found.
pub fn page<Fut>(load: Fut) -> impl IntoView
where
    Fut: Future<Output = Result<Page, AppError>> + Send + 'static,
{
    view! {
        <Suspense>
            {Suspend::new(async move {
                let caller = guard::caller().await.unwrap_or_default();
                let shown = expect_context::<AppState>().nameplate.shown().await;
                let page = match load.await {
                    Ok(page) => page,
                    Err(error) => instead(error),
                };
                around(page, caller.as_ref(), &shown)
            })}
        </Suspense>
    }
}

/// The name of the program, where the organisation has none.
const JANJI: &str = "Janji";

fn around(page: Page, caller: Option<&Caller>, shown: &Shown) -> impl IntoView + use<> {
    let texts = texts();
    let state = expect_context::<AppState>();
    let wrong = request_error();
    let error = wrong.filter(|_| !page.shows_problem);
    let name = match shown.name.as_str() {
        "" => JANJI,
        name => name,
    };
    let title = match wrong {
        Some(_) => format!(
            "{}: {} · {}",
            texts.text("error"),
            isolated(&page.title),
            isolated(name)
        ),
        None => format!("{} · {}", isolated(&page.title), isolated(name)),
    };
    let name = isolate(name);
    let is_staff = caller.is_some_and(|caller| caller.role().is_staff());
    view! {
        <Title text=in_title(&title) />
        {page.form.map(|form| default_button(form, texts))}
        <a class="skip" href="#main">{texts.text("skip-to-content")}</a>
        {state.config.demo.then(|| ribbon(texts))}
        <header class="site-head">
            <div class="wrap">
                <a class="brand" href="/">
                    {mark(shown)}
                    {name}
                </a>
                {navigation(caller, texts)}
                {account(caller, texts)}
                {languages(page.form, texts)}
            </div>
        </header>
        {is_staff.then(|| view! { <div class="wrap finder-bar no-print">{find_box(texts)}</div> })}
        <main id="main" class="wrap" tabindex="-1">
            <div class="stack-l">
                {error.map(|error| problem(error, texts))}
                {nobody_is_told(caller, &state, texts)}
                {page.view}
            </div>
        </main>
        <footer class="site-foot">
            <div class="wrap">
                <p>{texts.text("footer")}</p>
                <ul>
                    {phone(shown)}
                    <li><a href="/find">{texts.text("find-my-booking")}</a></li>
                    <li><a href="/staff/sign-in">{texts.text("for-staff")}</a></li>
                    {is_staff.then(|| view! { <li><a href="/tokens">{texts.text("tokens-for-programs")}</a></li> })}
                    <li><a href="/privacy">{texts.text("privacy-title")}</a></li>
                    {shown.has_imprint.then(|| view! { <li><a href="/imprint">{texts.text("imprint-title")}</a></li> })}
                </ul>
                {shortcuts(caller, texts)}
            </div>
        </footer>
        <CalmForms missing=texts.text("field-missing") malformed=texts.text("field-malformed") />
    }
}

/// The logo of the organisation, or else ours. The name beside it says whose it is.
fn mark(shown: &Shown) -> impl IntoView + use<> {
    match &shown.logo {
        Some(logo) => {
            Either::Left(view! { <img src=logo.path() width=logo.width height=logo.height alt="" /> })
        }
        None => Either::Right(view! { <svg aria-hidden="true"><use href="/logo.svg#mark" /></svg> }),
    }
}

fn phone(shown: &Shown) -> impl IntoView + use<> {
    let phone = Some(shown.phone.clone()).filter(|phone| !phone.is_empty());
    phone.map(|phone| view! { <li><a class="num" href=format!("tel:{phone}")>{phone.clone()}</a></li> })
}

/// leptos_meta writes a title as it is, and there are names in ours.
fn in_title(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// The box that finds anybody, on every page of staff.
fn find_box(texts: Texts) -> impl IntoView {
    view! {
        <FindBox
            action=FindAnybody::url().to_owned()
            label=texts.text("find-anybody")
            hint=texts.text("find-anybody-hint")
            button=texts.text("find-anybody-do")
            found=texts.text("find-anybody-found")
        />
    }
}

/// What an admin has to know on every page: that messages do not leave.
fn nobody_is_told(caller: Option<&Caller>, state: &AppState, texts: Texts) -> Option<impl IntoView + use<>> {
    let is_missing = state.outbox.senders.of(Channel::Sms).is_none();
    (is_missing && caller.is_some_and(|caller| must_be_admin(caller).is_ok())).then(|| {
        view! {
            <aside class="notice warn" aria-label=texts.text("no-sender-title")>
                {icon("alert-triangle")}
                <p>{texts.text("no-sender-text")} " " <a href="/admin/messages">{texts.text("nav-messages")}</a></p>
            </aside>
        }
    })
}

fn ribbon(texts: Texts) -> impl IntoView {
    view! {
        <aside class="ribbon" aria-label=texts.text("demo")>
            <div class="wrap">
                <span>{texts.text("demo-ribbon")}</span>
                " "
                <a href="/demo/messages">{texts.text("demo-messages-link")}</a>
            </div>
        </aside>
    }
}

fn navigation(caller: Option<&Caller>, texts: Texts) -> impl IntoView + use<> {
    let links: &[(&str, &str)] = match caller {
        None => &[("/", "nav-find"), ("/find", "find-my-booking")],
        Some(Caller::Patient { .. }) => &[("/", "nav-find"), ("/appointments", "nav-appointments")],
        Some(Caller::Doctor { .. }) => &[
            ("/doctor", "nav-today"),
            ("/doctor/groups", "group-planned"),
            ("/doctor/plan", "nav-plan"),
            ("/tokens", "tokens-title"),
        ],
        // Whoever has the desk of named clinics has what is of them.
        Some(caller) if caller.clinics().is_some() => &[
            ("/admin/day", "nav-day"),
            ("/admin", "nav-board"),
            ("/admin/groups", "group-planned"),
            ("/admin/book", "desk-book"),
            ("/admin/walk-in", "desk-walk-in"),
            ("/tokens", "tokens-title"),
        ],
        Some(Caller::Admin { .. } | Caller::Reception { .. }) => &[
            ("/admin", "nav-board"),
            ("/admin/day", "nav-day"),
            ("/admin/groups", "group-planned"),
            ("/admin/doctors", "nav-doctors"),
            ("/admin/staff", "staff-title"),
            ("/admin/services", "services-title"),
            ("/admin/clinics", "clinics-title"),
            ("/admin/closures", "nav-closures"),
            ("/admin/messages", "nav-messages"),
            ("/admin/locks", "nav-locks"),
            ("/admin/integrity", "nav-integrity"),
            ("/admin/security", "nav-security"),
            ("/tokens", "tokens-title"),
        ],
    };
    let here = use_context::<Parts>()
        .map(|parts| parts.uri.path().to_owned())
        .unwrap_or_default();
    view! {
        <nav class="nav" aria-label=texts.text("nav-main")>
            <ul>
                {links
                    .iter()
                    .map(|&(path, key)| {
                        let current = (here == path).then_some("page");
                        view! { <li><a href=path aria-current=current>{texts.text(key)}</a></li> }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}

fn account(caller: Option<&Caller>, texts: Texts) -> impl IntoView + use<> {
    match caller {
        Some(caller) => {
            let name = caller
                .name()
                .map_or_else(|| texts.text("signed-in"), ToOwned::to_owned);
            Either::Left(view! {
                <div class="account">
                    <a class="who" href="/account">
                        {icon("user")}
                        <span class="hide">{texts.text("account-title")}": "</span>
                        {isolate(name)}
                    </a>
                    <form method="post" action=SignOut::url()>
                        <button class="btn quiet">{icon("log-out")}<span>{texts.text("sign-out")}</span></button>
                    </form>
                </div>
            })
        }
        None => Either::Right(view! {
            <div class="account">
                <a class="btn quiet" href="/sign-in">{icon("log-in")}<span>{texts.text("sign-in")}</span></a>
            </div>
        }),
    }
}

/// The button that Enter presses in a field of the form: the first one of a form, and those of the languages come before its
/// own.
fn default_button(form: KeptForm, texts: Texts) -> impl IntoView {
    view! { <button class="hide" form=form.id tabindex="-1" aria-hidden="true">{texts.text("continue")}</button> }
}

fn languages(form: Option<KeptForm>, texts: Texts) -> impl IntoView {
    view! {
        <details class="menu" name="menu">
            <summary class="btn quiet">
                {icon("languages")}
                <span><span class="hide">{texts.text("language")}": "</span>{texts.locale().own_name()}</span>
                {icon("chevron-down")}
            </summary>
            <form method="post" action=SetLanguage::url() class="menu-body">
                {Locale::ALL
                    .into_iter()
                    .map(|locale| {
                        let current = (locale == texts.locale()).then_some("true");
                        match form {
                            Some(form) => Either::Left(view! {
                                <button
                                    form=form.id
                                    formaction=format!("{}&{LANGUAGE}={}", form.left_by(SetLanguage::url()), locale.code())
                                    formmethod="post"
                                    formnovalidate
                                    lang=locale.code()
                                    aria-current=current
                                >
                                    {locale.own_name()}
                                </button>
                            }),
                            None => Either::Right(view! {
                                <button name="language" value=locale.code() lang=locale.code() aria-current=current>
                                    {locale.own_name()}
                                </button>
                            }),
                        }
                    })
                    .collect_view()}
            </form>
        </details>
    }
}

/// The value of a parameter of the page's query.
pub fn query(name: &str) -> Option<String> {
    leptos_router::hooks::use_query_map()
        .get_untracked()
        .get(name)
        .map(|value| engine::text::line(&value))
        .filter(|value| !value.is_empty())
}

/// The value of a parameter in the page's path.
///
/// # Errors
/// `NOT_FOUND` where it cannot be read.
pub fn path_parameter<T: std::str::FromStr>(name: &str) -> Result<T, AppError> {
    leptos_router::hooks::use_params_map()
        .get_untracked()
        .get(name)
        .and_then(|value| value.parse().ok())
        .ok_or(AppError::NotFound)
}

/// Answers with another page instead (303): after a form, or where a page has nothing to show.
pub fn redirect(path: &str) {
    if let (Some(response), Ok(location)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(path)) {
        response.set_status(StatusCode::SEE_OTHER);
        response.insert_header(header::LOCATION, location);
    }
}

/// The page of a request that was refused as such, where it was.
pub fn refused() -> Option<Page> {
    let refused = *use_context::<Parts>()?.extensions.get::<Refused>()?;
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(refused.0);
    }
    let (title, text) = refused.texts()?;
    Some(lost(title, text))
}

/// The path of the page where somebody signs in to see this one, or to send a form from it.
pub fn door(page: &str) -> &'static str {
    let first = page.trim_start_matches('/').split(['/', '?']).next();
    match first {
        Some("doctor" | "admin") => "/staff/sign-in",
        _ => "/sign-in",
    }
}

/// Makes the page that stands in for one that cannot be shown, and sets its status.
fn instead(error: AppError) -> Page {
    if error == AppError::Unauthenticated {
        let here = use_context::<Parts>()
            .and_then(|parts| parts.uri.path_and_query().map(ToString::to_string))
            .unwrap_or_default();
        let door = door(&here);
        let here = encode(&without_error(&here));
        redirect(&format!("{door}?next={here}"));
    } else if error == AppError::StepUpRequired {
        let here = use_context::<Parts>()
            .and_then(|parts| parts.uri.path_and_query().map(ToString::to_string))
            .unwrap_or_default();
        redirect(&format!(
            "/account/confirm?next={}",
            encode(&without_error(&here))
        ));
    } else if let Some(response) = use_context::<ResponseOptions>() {
        response
            .set_status(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    }
    let (title, text) = match error {
        AppError::NotFound => ("not-found-title", "not-found-text"),
        AppError::Forbidden => ("forbidden-title", "forbidden-text"),
        AppError::Unauthenticated => ("sign-in", "error-unauthenticated"),
        error if error.is_transient() => ("unavailable-title", "unavailable-text"),
        _ => ("internal-title", "internal-text"),
    };
    lost(title, text)
}

/// A page of a title and a text, with the way to the start page.
fn lost(title: &str, text: &str) -> Page {
    let texts = texts();
    Page::new(
        texts.text(title),
        view! {
            <section class="lost">
                <svg aria-hidden="true"><use href="/logo.svg#mark" /></svg>
                <h1>{texts.text(title)}</h1>
                <p>{texts.text(text)}</p>
                <div class="actions">
                    <a class="btn primary" href="/">{texts.text("to-start")}</a>
                </div>
            </section>
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_and_patients_have_doors_of_their_own() {
        for (page, expected) in [
            ("/doctor/book?patient=1", "/staff/sign-in"),
            ("/admin", "/staff/sign-in"),
            ("/doctors/1", "/sign-in"),
            ("/book/K7QM-4D2P/check", "/sign-in"),
        ] {
            assert_eq!(door(page), expected);
        }
    }
}
