//! The code that was sent to a phone: alone, or in the midst of a booking.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    account::{
        forms::{RequestCode, VerifyCode},
        guard,
    },
    booking::page::{hold_line, lost, running, steps},
    server::AppState,
    ui::{Hidden, KeptForm, Page, TextField, Tone, encode, icon, notice, page, query, texts},
};
use engine::{
    account::{local_path, otp},
    error::Field,
    notification::Channel,
};

/// The form of this page.
const FORM: KeptForm = KeptForm {
    id: "code-form",
    action: "/form/verify-code",
};

/// The code that was sent.
#[component]
pub fn CodePage() -> impl IntoView {
    page(async {
        let texts = texts();
        let state = expect_context::<AppState>();
        let session = guard::session();
        let Some(challenge) = session.challenge().await? else {
            // Back, from the step after this one, leads to the step before it.
            let held = session.draft().await?.held;
            crate::ui::redirect(&match held.as_str() {
                "" => "/sign-in".to_owned(),
                held => format!("/book/{held}"),
            });
            return Ok(Page::new(texts.text("code-title"), ()));
        };
        let draft = session.draft().await?;
        let details = challenge
            .next
            .strip_suffix("/check")
            .filter(|path| path.starts_with("/book/"));
        if details.is_some()
            && let Some(told) = lost().await?
        {
            crate::ui::redirect(&told);
            return Ok(Page::new(texts.text("code-title"), ()));
        }
        let (back, back_text) = match details {
            Some(path) => (local_path(path).to_owned(), texts.text("code-back")),
            None => (
                format!("/sign-in?next={}", encode(&challenge.next)),
                texts.text("other-phone"),
            ),
        };
        let hold = match details {
            Some(_) => running().await?,
            None => None,
        };
        let booking = details.is_some().then(|| steps(1, texts));
        let reference = hold.as_ref().map(|item| {
            view! { <Hidden name="reference" value=item.reference.clone() /> }
        });
        let hold = hold.and_then(|item| hold_line(&item, Some(FORM), texts));
        let again = query("again").map(|_| {
            notice(
                Tone::Good,
                texts.with("code-again", &[("phone", draft.phone.clone().into())]),
                (),
            )
        });
        let is_sent = state.config.demo || state.outbox.senders.of(Channel::Sms).is_some();
        let key = match is_sent {
            true => "code-intro",
            false => "code-intro-no-sender",
        };
        let demo = state.config.demo.then(|| {
            view! {
                <p class="hint">
                    {texts.text("code-demo")} " "
                    <a href="/demo/messages" target="_blank">{texts.text("demo-messages-link")}</a>
                </p>
            }
        });
        Ok(Page::new(
            texts.text("code-title"),
            view! {
                <div class="narrow stack">
                    {booking}
                    {again}
                    <a class="back" href=back>{icon("arrow-left")}{back_text}</a>
                    <div class="page-head">
                        <div>
                            <h1>{texts.text("code-title")}</h1>
                            <p>
                                {texts.with(key, &[
                                    ("phone", draft.phone.clone().into()),
                                    ("minutes", otp::LIFETIME_MINUTES.into()),
                                ])}
                            </p>
                        </div>
                    </div>
                    {demo}
                    {hold}
                    <form method="post" action=VerifyCode::url() id=FORM.id class="stack" novalidate>
                        {reference}
                        <TextField
                            field=Field::Code
                            label=texts.text("code-label")
                            autocomplete="one-time-code"
                            inputmode="numeric"
                            class="code"
                        />
                        <div class="actions">
                            <button class="btn primary big">{texts.text("continue")}</button>
                        </div>
                    </form>
                    <form method="post" action=RequestCode::url()>
                        <Hidden name="next" value=challenge.next.clone() />
                        <Hidden name="phone" value=draft.phone />
                        <Hidden name="again" value="true" />
                        <button class="link">{texts.text("send-again")}</button>
                    </form>
                </div>
            },
        )
        .keeps(FORM))
    })
}
