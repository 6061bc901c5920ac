//! A payment, as its patient sees it. It only shows what is so: what decides is said by the provider.

use engine::{
    account::Caller,
    appointment::{self, Status},
    error::AppError,
    group,
    i18n::Texts,
    payment::{Account, PaymentState, Subject, View, Why, account_of_payment},
    stay, time,
};
use http::{HeaderValue, header};
use jiff::tz::TimeZone;
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_axum::ResponseOptions;

use crate::{
    account::guard,
    booking::page::times_of,
    payment::forms::GoOnPaying,
    server::AppState,
    ui::{Hidden, Page, Tone, icon, notice, page, path_parameter, texts},
};

/// The seconds after which a browser looks again while something is about to happen.
const LOOK_AGAIN: &str = "10";

/// What became of a payment: it is waited for, booked, over, or on its way back.
#[component]
pub fn PaymentPage() -> impl IntoView {
    page(async {
        guard::patient().await?;
        let caller = guard::anyone().await?;
        let (state, texts) = (expect_context::<AppState>(), texts());
        let id: i64 = path_parameter("payment")?;
        let account = account_of_payment(&state.database, caller.clone(), id).await?;
        let payment = account.payments.iter().find(|payment| payment.id == id);
        let payment = payment.ok_or(AppError::NotFound)?;
        let item = For::of(&state, caller, &account, texts).await?;
        if payment.state.is_open()
            && let Some(response) = use_context::<ResponseOptions>()
        {
            response.insert_header(header::REFRESH, HeaderValue::from_static(LOOK_AGAIN));
        }
        if payment.state.is_paid() {
            let session = guard::session();
            if session.draft().await?.parts.contains(&account.reference) {
                // What was chosen to be booked together is booked, or can no longer be.
                session.forget_draft().await?;
            }
        }
        let said = said(&account, payment, &item, texts);
        let title = texts.text("payment-title");
        let of = match account.subject {
            Subject::Appointment(_) if payment.whole != payment.price => "payment-of-visit",
            Subject::Appointment(_) => "payment-of",
            Subject::Stay(_) => "payment-of-stay",
        };
        let of = texts.with(of, &[("reference", account.reference.clone().into())]);
        Ok(Page::new(
            title.clone(),
            view! {
                <div class="narrow stack">
                    <div class="page-head"><div><h1>{title}</h1><p>{of}</p></div></div>
                    {said}
                </div>
            },
        ))
    })
}

/// How what is paid stands, as far as this page speaks of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It may be paid again.
    Held,
    /// It waits for the doctor's answer.
    Asked,
    Booked,
    Over,
}

/// What is paid, as far as this page speaks of it.
struct For {
    standing: Standing,
    clinic_phone: String,
    /// Until when it is held, by the clock of its clinic.
    held_until: Option<String>,
    /// Its own page, and the one that says that it is booked.
    view: String,
    done: String,
    /// Where the same is paid again, and where others are found, with the text of that.
    again: String,
    others: (String, &'static str),
}

impl For {
    async fn of(state: &AppState, caller: Caller, account: &Account, texts: Texts) -> Result<Self, AppError> {
        let clock =
            |zone: &TimeZone| (account.held_until).map(|until| time::clock(until, zone, texts.locale()));
        let view = crate::payment::own_path_of(account.subject, &account.reference);
        if account.subject.stay_id().is_some() {
            let reference = account.reference.clone();
            let item = stay::stay_of_reference(&state.database, &caller, reference).await?;
            return Ok(Self {
                standing: match item.stay.status {
                    stay::Status::Held => Standing::Held,
                    stay::Status::Booked | stay::Status::Arrived | stay::Status::Left => Standing::Booked,
                    stay::Status::Cancelled | stay::Status::Lapsed => Standing::Over,
                },
                held_until: clock(&item.zone),
                done: format!("{view}?said=booked"),
                again: view.clone(),
                view,
                others: (
                    format!("/rooms/{}", item.stay.room_type_id),
                    "payment-other-nights",
                ),
                clinic_phone: item.clinic_phone,
            });
        }
        let reference = account.reference.clone();
        let item = appointment::find(&state.database, Some(caller), None, reference).await?;
        let standing = match item.status {
            Status::Held | Status::Expired => Standing::Held,
            Status::Pending => Standing::Asked,
            Status::Cancelled | Status::Rejected => Standing::Over,
            _ => Standing::Booked,
        };
        let seats = group::seats_of(&state.database, item.id).await?;
        let is_ahead = matches!(item.status, Status::Pending | Status::Confirmed);
        Ok(Self {
            standing,
            held_until: clock(&item.zone),
            done: match is_ahead {
                true => format!("{view}/done"),
                false => view.clone(),
            },
            view,
            again: match &seats {
                Some((group, ..)) => format!("/groups/{group}"),
                None => format!("/book/{}/check", item.reference),
            },
            others: match seats {
                Some(_) => ("/groups".to_owned(), "group-all"),
                None => (times_of(&item), "payment-other-times"),
            },
            clinic_phone: item.clinic_phone,
        })
    }

    fn others(&self, texts: Texts) -> impl IntoView + use<> {
        let (href, key) = (self.others.0.clone(), self.others.1);
        view! { <a class="btn" href=href>{texts.text(key)}</a> }
    }
}

/// What is to be said of a payment, and the ways on.
fn said(account: &Account, payment: &View, item: &For, texts: Texts) -> AnyView {
    let newer = account.payments.iter().rev().find(|other| other.id > payment.id);
    match payment.state {
        PaymentState::Created | PaymentState::Paying => match newer {
            Some(newer) => overtaken(newer, texts),
            None => waiting(payment, item, texts),
        },
        PaymentState::Paid => paid(payment, item, texts),
        PaymentState::Failed | PaymentState::Expired => match newer {
            Some(newer) => overtaken(newer, texts),
            None => over(payment, item, texts),
        },
        PaymentState::RefundDue
        | PaymentState::Refunding
        | PaymentState::RefundFailed
        | PaymentState::Refunded => back(payment, item, texts),
    }
}

/// The patient went to pay once more.
fn overtaken(newer: &View, texts: Texts) -> AnyView {
    let href = crate::payment::path_of(newer.id);
    view! {
        <p>{texts.text("payment-newer")}</p>
        <div class="actions"><a class="btn primary" href=href>{texts.text("payment-title")}</a></div>
    }
    .into_any()
}

fn waiting(payment: &View, item: &For, texts: Texts) -> AnyView {
    let is_there = payment.state == PaymentState::Paying;
    let (title, text) = match is_there {
        true => ("payment-waiting", "payment-waiting-text"),
        false => ("payment-opening", "payment-opening-text"),
    };
    let until = item.held_until.clone().map(|clock| {
        view! { <p>{texts.with("payment-until", &[("time", clock.into())])}</p> }
    });
    let id = payment.id.to_string();
    let again = crate::payment::path_of(payment.id);
    view! {
        <section class="stack-s" aria-labelledby="waiting">
            <h2 id="waiting">{icon("hourglass")} " " {texts.text(title)}</h2>
            <p role="status">{texts.text(text)}</p>
            {until}
            <form method="post" action=GoOnPaying::url() class="actions">
                <Hidden name="payment" value=id />
                <button class="btn primary">{texts.text("payment-go-on")}</button>
                <a class="btn quiet" href=again>{icon("refresh")}{texts.text("payment-look-again")}</a>
            </form>
        </section>
    }
    .into_any()
}

fn paid(payment: &View, item: &For, texts: Texts) -> AnyView {
    let amount = payment.whole.text(texts.locale());
    let (title, text) = match item.standing {
        Standing::Asked => ("payment-asked", "payment-asked-text"),
        Standing::Over | Standing::Held => ("payment-kept", "payment-kept-text"),
        Standing::Booked => ("payment-booked", "payment-booked-text"),
    };
    let body = view! { <p>{texts.with(text, &[("amount", amount.into())])}</p> };
    let receipt = payment.receipt_number.map(|number| {
        let href = format!("{}/receipt", crate::payment::path_of(payment.id));
        view! { <a class="btn" href=href>{icon("printer")}{texts.with("paid-receipt", &[("number", number.into())])}</a> }
    });
    let done = item.done.clone();
    view! {
        {notice(Tone::Good, texts.text(title), body)}
        <div class="actions">
            <a class="btn primary" href=done>{texts.text("payment-view")}</a>
            {receipt}
        </div>
    }
    .into_any()
}

/// Nothing was booked: the same time may be paid again while it is held.
fn over(payment: &View, item: &For, texts: Texts) -> AnyView {
    let (title, text) = match payment.state {
        PaymentState::Failed => ("payment-failed", "payment-failed-text"),
        _ => ("payment-expired", "payment-expired-text"),
    };
    let phone = [("phone", item.clinic_phone.clone().into())];
    let body = view! { <p>{texts.with(text, &phone)}</p> };
    let again = (item.standing == Standing::Held).then(|| {
        let href = item.again.clone();
        view! { <a class="btn primary" href=href>{texts.text("payment-again")}</a> }
    });
    view! {
        {notice(Tone::Warn, texts.text(title), body)}
        <div class="actions">
            {again}
            {item.others(texts)}
        </div>
    }
    .into_any()
}

/// The money goes back, or went back.
fn back(payment: &View, item: &For, texts: Texts) -> AnyView {
    let refund = payment.refund.as_ref();
    let why = refund.map(|refund| refund.why);
    let amount = match (&payment.whole_back, why) {
        // All of a visit goes back at once; each of its appointments that is cancelled by itself.
        (Some(whole), Some(Why::TooLate | Why::Twice)) => whole,
        _ => refund.map_or(&payment.price, |refund| &refund.amount),
    };
    let amount = amount.text(texts.locale());
    let (title, text, tone) = match (payment.state, why) {
        (PaymentState::Refunded, _) => ("payment-back-done", "payment-back-done-text", Tone::Good),
        (PaymentState::RefundFailed, _) => ("payment-back-hand", "payment-back-hand-text", Tone::Warn),
        (_, Some(Why::TooLate)) => ("payment-late", "payment-late-text", Tone::Warn),
        (_, Some(Why::Twice)) => ("payment-twice", "payment-twice-text", Tone::Warn),
        _ => ("payment-back-due", "payment-back-due-text", Tone::Good),
    };
    let values = [
        ("amount", amount.into()),
        ("phone", item.clinic_phone.clone().into()),
    ];
    let body = view! { <p>{texts.with(text, &values)}</p> };
    let to_the_appointment = (why == Some(Why::Twice)).then(|| {
        let href = item.view.clone();
        view! { <a class="btn primary" href=href>{texts.text("payment-view")}</a> }
    });
    view! {
        {notice(tone, texts.with(title, &values), body)}
        <div class="actions">
            {to_the_appointment}
            {item.others(texts)}
        </div>
    }
    .into_any()
}
