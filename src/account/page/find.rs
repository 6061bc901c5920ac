//! *Find my booking*: by the reference where somebody has signed in, and by phone and code for everybody else.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    account::{
        forms::{FIND, FindBooking},
        guard,
    },
    ui::{Cookies, KeptForm, Page, TextField, page, texts},
};
use engine::error::Field;

/// The form of this page.
const FORM: KeptForm = KeptForm {
    id: "find-form",
    action: "/form/find-booking",
};

/// Leads to a booking.
#[component]
pub fn FindPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let session = guard::session();
        let asks_phone = guard::caller().await?.is_none();
        let draft = session.draft().await?;
        let reference: String = session.typed(FIND, "").await?;
        let intro = asks_phone.then(|| view! { <p>{texts.text("find-intro")}</p> });
        let phone = asks_phone.then(|| {
            view! {
                <TextField
                    field=Field::Phone
                    label=texts.text("phone-label")
                    hint=texts.text("phone-hint")
                    value=draft.phone
                    kind="tel"
                    autocomplete="tel"
                />
            }
        });
        let action = if asks_phone { "send-code" } else { "find-open" };
        Ok(Page::new(
            texts.text("find-title"),
            view! {
                <div class="narrow stack">
                    <div class="page-head">
                        <div><h1>{texts.text("find-title")}</h1>{intro}</div>
                    </div>
                    <form method="post" action=FindBooking::url() id=FORM.id class="stack" novalidate>
                        <Cookies />
                        <TextField
                            field=Field::Reference
                            label=texts.text("find-reference")
                            hint=texts.text("find-reference-hint")
                            value=reference
                            required=!asks_phone
                        />
                        {phone}
                        <div class="actions">
                            <button class="btn primary big">{texts.text(action)}</button>
                        </div>
                    </form>
                </div>
            },
        )
        .keeps(FORM))
    })
}
