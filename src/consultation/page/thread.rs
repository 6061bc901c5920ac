//! A text consultation, as its patient and its doctor read and print it.

use http::request::Parts;
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    account::guard,
    appointment::page::patient_name,
    consultation::{
        forms::{FORM, SeeMessages, WriteMessage},
        island::LiveThread,
    },
    idempotency::page::KeyField,
    server::{AppState, HeadersOnly},
    ui::{
        Hidden, Notes, Page, field_error, icon, in_textarea, isolate, page, path_parameter, request_error,
        texts,
    },
};
use engine::{
    account::{Caller, Role},
    appointment::{self, Item, Status, path_of},
    consultation::{self, Message, Phase, Thread},
    error::{AppError, Field},
    i18n::Texts,
    time,
};

/// A thread that is shown to one of its two people.
#[derive(Clone, Debug)]
pub struct Shown {
    caller: Caller,
    item: Item,
    thread: Thread,
}

impl Shown {
    /// Reads the thread of an appointment.
    ///
    /// # Errors
    /// `NOT_FOUND` for everybody but the appointment's two people, and where it is no text consultation.
    pub async fn load(state: &AppState, caller: Caller, reference: String) -> Result<Self, AppError> {
        let rules = state.config.rules.consultation.clone();
        let which = reference.clone().into();
        let thread = consultation::read(&state.database, caller.clone(), which, rules, state.now()).await?;
        let item = appointment::find(&state.database, Some(caller.clone()), None, reference).await?;
        Ok(Self { caller, item, thread })
    }

    /// Notes that all of it has been seen now.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn see(&self, state: &AppState) -> Result<(), AppError> {
        match self.thread.unread {
            0 => Ok(()),
            _ => {
                let which = self.item.reference.as_str().into();
                let position = self.thread.last_position();
                consultation::see(&state.database, self.caller.clone(), which, position).await
            }
        }
    }

    /// The items of the list, as the stream sends them.
    pub fn to_html(&self, texts: Texts) -> String {
        // A stream of events has no carriage returns.
        self.messages(texts).to_html().replace('\r', "")
    }

    /// The name of the one at the other end.
    fn with_whom(&self, texts: Texts) -> String {
        match self.caller.role() {
            Role::Doctor => patient_name(&self.item, texts),
            _ => self.item.doctor_name.clone(),
        }
    }

    fn messages(&self, texts: Texts) -> impl IntoView + use<> {
        let messages = &self.thread.messages;
        let nothing = messages
            .is_empty()
            .then(|| view! { <li class="soft">{texts.text("consultation-none")}</li> });
        let messages = messages
            .iter()
            .map(|message| self.message(message, texts))
            .collect_view();
        view! { {nothing}{messages} }
    }

    fn message(&self, message: &Message, texts: Texts) -> impl IntoView + use<> {
        let is_own = message.author == self.thread.side;
        let who = match is_own {
            true => texts.text("consultation-you"),
            false => self.with_whom(texts),
        };
        let state = is_own.then(|| {
            let key = match message.is_seen {
                true => "consultation-seen",
                false => "consultation-sent",
            };
            view! { " · " <span class="state">{texts.text(key)}</span> }
        });
        view! {
            <li class:own=is_own data-other=(!is_own).then_some(message.position)>
                <p class="small soft">
                    <b>{isolate(who)}</b> " · "
                    <time datetime=message.sent_at.to_string()>
                        {time::moment(message.sent_at, &self.item.zone, texts)}
                    </time>
                    {state}
                </p>
                <p class="said" dir="auto">{message.text.clone()}</p>
            </li>
        }
    }
}

/// The text consultation of an appointment, for its patient.
#[component]
pub fn ConsultationPage() -> impl IntoView {
    page(async {
        guard::patient().await?;
        view(guard::anyone().await?).await
    })
}

/// The same for its doctor, with the prescription beside it.
#[component]
pub fn DoctorConsultationPage() -> impl IntoView {
    page(async {
        let (caller, _) = guard::doctor().await?;
        view(caller).await
    })
}

async fn view(caller: Caller) -> Result<Page, AppError> {
    let texts = texts();
    let state = expect_context::<AppState>();
    let reference: String = path_parameter("reference")?;
    let shown = Shown::load(&state, caller, reference).await?;
    if is_looked_at() {
        shown.see(&state).await?;
    }
    let typed: String = match request_error() {
        Some(_) => guard::session().typed(FORM, &shown.item.reference).await?,
        None => String::new(),
    };
    let item = &shown.item;
    let role = shown.caller.role();
    let back = path_of(role, &item.reference);
    let title = texts.with("consultation-with", &[("name", shown.with_whom(texts).into())]);
    let at = |key: &str, at| texts.with(key, &[("when", time::moment(at, &item.zone, texts).into())]);
    let when = match shown.thread.phase {
        Phase::NotYet { .. } if item.status == Status::Pending => texts.text("consultation-opens-confirmed"),
        Phase::NotYet { opens_at } => at("consultation-opens", opens_at),
        Phase::Open { closes_at } => at("consultation-is-open", closes_at),
        Phase::Closed => texts.text("consultation-closed"),
    };
    let is_open = matches!(shown.thread.phase, Phase::Open { .. });
    let live = is_open.then(|| {
        view! {
            <LiveThread
                url=format!("/live/consultations/{}", item.reference)
                seen=SeeMessages::url().to_owned()
                reference=item.reference.clone()
                announcement=texts.text("consultation-new-message")
            />
        }
    });
    // What could not be sent is not lost, also where nothing can be sent any more.
    let form = (is_open || !typed.is_empty()).then(|| form(item, typed, texts));
    let reload = is_open.then(|| {
        view! {
            <noscript>
                <a class="btn no-print" href=format!("{back}/consultation")>
                    {icon("refresh")}{texts.text("consultation-reload")}
                </a>
            </noscript>
        }
    });
    let prescription = match role {
        Role::Doctor => crate::prescription::page::doctors_link(item, "btn", texts).map(IntoAny::into_any),
        _ => crate::prescription::page::patients_link(item, "btn", texts).map(IntoAny::into_any),
    };
    let prescription = prescription.map(|link| view! { <div class="actions no-print">{link}</div> });
    Ok(Page::new(
        title.clone(),
        view! {
            <div class="narrow stack">
                <a class="back" href=back>{icon("arrow-left")}{texts.text("view-appointment")}</a>
                <div class="page-head">
                    <div>
                        <h1>{title}</h1>
                        <p>{time::moment(item.starts_at, &item.zone, texts)} " · " {item.reference.clone()}</p>
                    </div>
                </div>
                <p>{when}</p>
                {prescription}
                <section class="stack" aria-labelledby="messages">
                    <h2 id="messages">{texts.text("consultation-messages")}</h2>
                    <ol class="thread" id="thread">{shown.messages(texts)}</ol>
                    {live}
                    {reload}
                </section>
                {form}
                <ul class="facts no-print">
                    <li>{icon("printer")}<span>{texts.text("consultation-print")}</span></li>
                </ul>
            </div>
        },
    ))
}

/// Whether somebody looks at the page: a browser that fetches it ahead of time, and a question for its headers, has shown
/// nobody anything.
fn is_looked_at() -> bool {
    let Some(parts) = use_context::<Parts>() else {
        return true;
    };
    let is_ahead = ["sec-purpose", "purpose"].iter().any(|name| {
        let value = parts.headers.get(*name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.contains("prefetch") || value.contains("prerender"))
    });
    !is_ahead && parts.extensions.get::<HeadersOnly>().is_none()
}

fn form(item: &Item, typed: String, texts: Texts) -> impl IntoView + use<> {
    let field = Field::Message;
    let notes = Notes {
        hint: Some(texts.text("consultation-message-hint")),
        now: None,
        error: request_error().and_then(|error| field_error(error, field, texts)),
    };
    let name = field.name();
    let (described_by, invalid) = (notes.described_by(name), notes.invalid());
    view! {
        <form method="post" action=WriteMessage::url() class="stack no-print">
            <KeyField />
            <Hidden name="reference" value=item.reference.clone() />
            <div class="field">
                <label for=name>{texts.text("consultation-message")}</label>
                {notes.view(name)}
                <textarea
                    id=name
                    name=name
                    rows="4"
                    required=true
                    dir="auto"
                    aria-describedby=described_by
                    aria-invalid=invalid
                >
                    {in_textarea(&typed)}
                </textarea>
            </div>
            <div class="actions">
                <button class="btn primary">{icon("message")}{texts.text("consultation-send")}</button>
            </div>
        </form>
    }
}
