//! Signing in and out, and the language of the pages.

use http::{HeaderValue, header};
use jiff::Timestamp;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::{
    Phone, guard, local_path, otp, required, service,
    session::{Challenge, SignedIn},
    typed,
};
use crate::{
    error::{AppError, Field, Problem},
    i18n::{Locale, Texts},
    server::{AppState, LANGUAGE_COOKIE},
    ui::redirect,
};

/// Sends a code to a phone (I1).
#[server(prefix = "/form", endpoint = "request-code")]
pub async fn request_code(phone: String, #[server(default)] next: String) -> Result<(), AppError> {
    // public: this is the door.
    let state = expect_context::<AppState>();
    let session = guard::session();
    let kept = typed(Field::Phone, &phone, 40)?;
    session.keep(|draft| draft.phone = kept).await?;
    let phone = Phone::parse(&phone, &state.config.rules.country_code)?;
    let next = match local_path(&next) {
        "/" => "/appointments",
        path => path,
    };
    send_code(&state, phone, next.to_owned()).await
}

/// Sends a code to a phone, remembers in the session what it is for, and leads to where it is typed in.
///
/// # Errors
/// `RATE_LIMITED`.
pub async fn send_code(state: &AppState, phone: Phone, next: String) -> Result<(), AppError> {
    let token = otp::request(
        &state.database,
        state.config.limits,
        phone,
        guard::address(),
        Texts::of_request(),
        Timestamp::now(),
    )
    .await?;
    guard::session().set_challenge(Challenge { token, next }).await?;
    redirect("/sign-in/code");
    Ok(())
}

/// Signs in whoever has the code.
#[server(prefix = "/form", endpoint = "verify-code")]
pub async fn verify_code(code: String) -> Result<(), AppError> {
    // public: this is the door.
    let state = expect_context::<AppState>();
    let session = guard::session();
    let code: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if code.is_empty() {
        return Err(AppError::invalid(Field::Code, Problem::Missing));
    }
    let challenge = session.challenge().await?.ok_or(AppError::WrongCode)?;
    let patient_id = otp::verify(&state.database, &challenge.token, &code, Timestamp::now()).await?;
    session.sign_in(SignedIn::Patient(patient_id)).await?;
    if !challenge.next.starts_with("/book/") {
        // What is left of another visit is not this patient's.
        session.forget_draft().await?;
    }
    redirect(&challenge.next);
    Ok(())
}

/// Signs in a doctor or an admin (I3).
#[server(prefix = "/form", endpoint = "staff-sign-in")]
pub async fn staff_sign_in(
    email: String,
    password: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    // public: this is the door.
    let state = expect_context::<AppState>();
    let session = guard::session();
    let email = required(Field::Email, &email, 200)?;
    let kept = email.clone();
    session.keep(|draft| draft.email = kept).await?;
    if password.is_empty() {
        return Err(AppError::invalid(Field::Password, Problem::Missing));
    }
    let staff_id = service::staff_sign_in(
        &state.database,
        state.config.limits,
        &email,
        password,
        guard::address(),
        Timestamp::now(),
    )
    .await?;
    session.sign_in(SignedIn::Staff(staff_id)).await?;
    session.forget_draft().await?;
    let home = match guard::caller().await? {
        Some(caller) => caller.home(),
        None => "/",
    };
    redirect(match local_path(&next) {
        "/" => home,
        path => path,
    });
    Ok(())
}

/// Signs out, and forgets what the browser had typed and held.
#[server(prefix = "/form", endpoint = "sign-out")]
pub async fn sign_out() -> Result<(), AppError> {
    // public: it is the caller's own session, whoever that is.
    guard::session().sign_out().await?;
    redirect("/");
    Ok(())
}

/// Remembers the language of the pages.
#[server(prefix = "/form", endpoint = "language")]
pub async fn set_language(language: String) -> Result<(), AppError> {
    // public: it is the caller's own browser.
    let locale = Locale::parse(&language).ok_or(AppError::invalid(Field::Body, Problem::Malformed))?;
    let cookie = format!(
        "{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
        locale.code()
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        expect_context::<ResponseOptions>().append_header(header::SET_COOKIE, cookie);
    }
    Ok(())
}

/// Lets patients book a doctor, or no longer.
#[server(prefix = "/form", endpoint = "set-doctor-active")]
pub async fn set_doctor_active(doctor_id: i64, active: bool, version: i32) -> Result<(), AppError> {
    let admin = guard::admin().await?;
    let state = expect_context::<AppState>();
    let staff_id = admin.staff_id();
    let command = service::SetActive {
        caller: admin,
        doctor_id,
        active,
        version,
        key: None,
    };
    service::set_doctor_active(&state.database, &state.live, command, Timestamp::now()).await?;
    tracing::info!(
        staff.id = staff_id,
        doctor.id = doctor_id,
        active,
        "an admin changed whether a doctor can be booked"
    );
    redirect(&format!("/admin/doctors?changed={doctor_id}"));
    Ok(())
}
