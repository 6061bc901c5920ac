//! The layout: what stands around every page, and what is shown instead of one.

mod instead;
mod menu;
mod request;

use leptos::{either::Either, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use self::{
    instead::instead,
    menu::{account, default_button, languages, navigation},
};
pub use self::{
    instead::{door, refused},
    request::{path_parameter, query, redirect},
};
use super::{
    icon::icon,
    island::{CalmForms, FindBox},
    isolate::isolate,
    keys::shortcuts,
    notice::{problem, request_error},
};
use crate::{
    account::guard,
    desk::find::forms::FindAnybody,
    server::{AppState, fields::OF},
    ui::texts,
};
use engine::{
    account::{Caller, must_be_admin},
    error::AppError,
    i18n::Texts,
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
                let is_paused = match &caller {
                    Some(caller) if caller.role().is_staff() => {
                        expect_context::<AppState>().database.is_paused().await.unwrap_or_default()
                    }
                    _ => false,
                };
                around(page, caller.as_ref(), &shown, is_paused)
            })}
        </Suspense>
    }
}

/// The name of the program, where the organisation has none.
const JANJI: &str = "Janji";

/// The version, at the foot of the pages of staff: they are asked for it when something does not work.
const VERSION: &str = concat!("Janji ", env!("CARGO_PKG_VERSION"));

fn around(page: Page, caller: Option<&Caller>, shown: &Shown, is_paused: bool) -> impl IntoView + use<> {
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
                {is_paused.then(|| nothing_leaves(caller, texts))}
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
                    {is_staff.then(|| view! { <li class="num">{VERSION}</li> })}
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

/// What staff have to know on every page of a copy that was restored.
fn nothing_leaves(caller: Option<&Caller>, texts: Texts) -> impl IntoView + use<> {
    let is_admin = caller.is_some_and(|caller| must_be_admin(caller).is_ok());
    view! {
        <aside class="notice warn" aria-label=texts.text("paused-title")>
            {icon("alert-triangle")}
            <p>
                {texts.text("paused-text")} " "
                {is_admin.then(|| view! { <a href="/admin/backups">{texts.text("paused-link")}</a> })}
            </p>
        </aside>
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
                " "
                <a href="/demo/call">{texts.text("demo-call-link")}</a>
            </div>
        </aside>
    }
}
