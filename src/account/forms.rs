//! Signing in and out, tokens for programs, and the language of the pages.

use crate::{
    audit,
    idempotency::forms::of_form,
    server::{AppState, language_cookie},
    ui::{redirect, texts},
};
use http::{HeaderName, HeaderValue, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use serde::{Deserialize, Serialize};

use super::{entry::enter, factor::setup, guard, session::Challenge};
use engine::{
    account::{
        self, Phone,
        access::{self, Account, SetAccess},
        factor::{self, Step},
        local_path, number, otp, renumber, required,
        scope::Scope,
        session::SignedIn,
        storable,
        token::named::{self, CreateToken},
    },
    appointment,
    audit::Kind,
    booking::reference,
    error::{AppError, Field, FieldProblem},
    i18n::Locale,
    idempotency::KeyOwner,
    organisation,
};

/// Sends a code to a phone (I1).
#[server(prefix = "/form", endpoint = "request-code")]
pub async fn request_code(
    phone: String,
    #[server(default)] next: String,
    /// Whether one was sent before.
    #[server(default)]
    again: bool,
) -> Result<(), AppError> {
    // public: this is the door.
    let state = expect_context::<AppState>();
    let session = guard::session();
    let kept = storable(&phone);
    session.keep(|draft| draft.phone = kept).await?;
    let phone = Phone::parse(&phone, state.config.rules.country)?;
    let next = match local_path(&next) {
        "/" => "/appointments",
        path => path,
    };
    send_code(&state, phone, next.to_owned()).await?;
    if again {
        redirect("/sign-in/code?again=1");
    }
    Ok(())
}

/// Sends a code to a phone, remembers in the session what it is for, and leads to where it is typed in.
///
/// # Errors
/// `VALIDATION_FAILED` for a phone abroad; `RATE_LIMITED`, `SIGN_IN_GUARDED`.
pub async fn send_code(state: &AppState, phone: Phone, next: String) -> Result<(), AppError> {
    state.config.rules.check_country(&phone)?;
    let token = otp::request(
        &state.database,
        state.config.limits,
        phone,
        guard::address(),
        texts(),
        state.now(),
    )
    .await?;
    guard::session().set_challenge(Challenge { token, next }).await?;
    redirect("/sign-in/code");
    Ok(())
}

/// Under which name a session keeps the reference of a booking that somebody looks for.
pub(super) const FIND: &str = "find";

/// Finds a booking: who has signed in is led to it, and the phone of anybody else is sent a code first.
#[server(prefix = "/form", endpoint = "find-booking")]
pub async fn find_booking(
    #[server(default)] reference: String,
    #[server(default)] phone: String,
) -> Result<(), AppError> {
    // public: this is the door.
    let state = expect_context::<AppState>();
    let session = guard::session();
    let (kept, number) = (storable(&reference), storable(&phone));
    session.keep(|draft| draft.phone = number).await?;
    session.keep_typed(FIND, String::new(), &kept).await?;
    let reference = match kept.trim() {
        "" => None,
        said => {
            Some(reference::read(said).ok_or(AppError::invalid(Field::Reference, FieldProblem::Malformed))?)
        }
    };
    if let Some(caller) = guard::caller().await? {
        let said = reference.ok_or(AppError::invalid(Field::Reference, FieldProblem::Missing))?;
        let role = caller.role();
        let item = match appointment::find(&state.database, Some(caller), None, said).await {
            Err(AppError::NotFound) => {
                return Err(AppError::invalid(Field::Reference, FieldProblem::Unknown));
            }
            found => found?,
        };
        session.forget_typed(FIND).await?;
        redirect(&appointment::path_of(role, &item.reference));
        return Ok(());
    }
    let phone = Phone::parse(&phone, state.config.rules.country)?;
    let next = match reference {
        Some(reference) => format!("/appointments/{reference}"),
        None => "/appointments".to_owned(),
    };
    send_code(&state, phone, next).await?;
    session.forget_typed(FIND).await
}

/// Signs in whoever has the code.
#[server(prefix = "/form", endpoint = "verify-code")]
pub async fn verify_code(code: String) -> Result<(), AppError> {
    // public: this is the door.
    let state = expect_context::<AppState>();
    let session = guard::session();
    // What cannot be a code costs no attempt.
    let code = engine::phone::code(&code)?;
    let challenge = session.challenge().await?.ok_or(AppError::WrongCode)?;
    let verified = otp::verify(&state.database, &challenge.token, &code, state.now()).await;
    if let Some(note) = audit::of_code(&state.database, &challenge.token, &verified).await {
        guard::note(note).await;
    }
    let patient_id = verified?;
    guard::sign_in(SignedIn::Patient(patient_id), session.now()).await?;
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
        return Err(AppError::invalid(Field::Password, FieldProblem::Missing));
    }
    let verified = account::staff_sign_in(
        &state.database,
        state.config.limits,
        &email,
        password,
        guard::address(),
        state.now(),
    )
    .await;
    if let Some(note) = audit::of_password(&state.database, &email, &verified).await {
        guard::note(note).await;
    }
    let staff_id = verified?;
    let (accounts, since) = (&state.config.accounts, session.now());
    match factor::next_step(&state.database, accounts.second_factor, staff_id, since).await? {
        Step::Done => enter(staff_id, since, &next).await,
        Step::Factor(challenge) => {
            session
                .keep_second_step(challenge, false, local_path(&next))
                .await?;
            redirect("/staff/sign-in/factor");
            Ok(())
        }
        Step::Enrol(challenge) => {
            session
                .keep_second_step(challenge, true, local_path(&next))
                .await?;
            setup::begin(staff_id, since).await?;
            redirect("/account/factors/app");
            Ok(())
        }
    }
}

/// Signs out, and forgets what the browser had typed and held.
#[server(prefix = "/form", endpoint = "sign-out")]
pub async fn sign_out() -> Result<(), AppError> {
    // public: it is the caller's own session, whoever that is.
    if let Some(caller) = guard::caller().await? {
        guard::note(audit::note_by(&caller, Kind::SignOut)).await;
    }
    guard::session().sign_out().await?;
    // What the browser has kept of pages is not for whoever sits there next.
    expect_context::<ResponseOptions>().insert_header(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static(r#""cache", "storage""#),
    );
    redirect("/");
    Ok(())
}

/// Remembers the language of the pages.
#[server(prefix = "/form", endpoint = "language")]
pub async fn set_language(language: String) -> Result<(), AppError> {
    // public: it is the caller's own browser.
    let locale = Locale::parse(&language).ok_or(AppError::invalid(Field::Body, FieldProblem::Malformed))?;
    let name = language_cookie(expect_context::<AppState>().config.secure_cookies);
    let cookie = format!(
        "{name}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
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
    let command = organisation::SetActive {
        caller: admin,
        doctor_id,
        active,
        version,
        key: None,
    };
    organisation::set_doctor_active(&state.database, command, state.now()).await?;
    tracing::info!(
        staff.id = staff_id,
        doctor.id = doctor_id,
        active,
        "an admin changed whether a doctor can be booked"
    );
    redirect(&format!("/admin/doctors?changed={doctor_id}"));
    Ok(())
}

/// Under which name a session keeps what was typed about a token.
pub(super) const TOKEN: &str = "token";

/// The form of a token as it was filled in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WantedToken {
    pub(super) name: String,
    /// The names of the scopes that were ticked.
    pub(super) scopes: Vec<String>,
    pub(super) days: u16,
}

impl Default for WantedToken {
    fn default() -> Self {
        Self {
            name: String::new(),
            scopes: vec![Scope::Read.name().to_owned()],
            days: 90,
        }
    }
}

/// Makes a token for a program. The page that this leads to shows it, once.
#[server(prefix = "/form", endpoint = "make-token")]
pub async fn make_token(
    #[server(default)] token_name: String,
    #[server(default)] scopes: Vec<String>,
    #[server(default)] days: u16,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    // As long as it is, without what a session cannot keep.
    let wanted = WantedToken {
        name: storable(&token_name),
        scopes: scopes.iter().map(|scope| storable(scope)).collect(),
        days,
    };
    let attempt = async {
        guard::fresh().await?;
        let key = of_form(KeyOwner::Caller(&caller), &key, None, "make-token", "", &wanted)?;
        let scopes: Option<Vec<Scope>> = wanted.scopes.iter().map(|name| Scope::parse(name)).collect();
        let scopes = scopes.ok_or(AppError::invalid(Field::Scopes, FieldProblem::Malformed))?;
        let mut command = CreateToken::new(caller.clone(), &wanted.name, Some(scopes), wanted.days)?;
        command.key = key;
        command.browser = session.holder();
        named::make(&state.database, command, state.now()).await
    };
    let result = attempt.await;
    session
        .settle_typed(TOKEN, String::new(), &wanted, &result)
        .await?;
    let (made, _) = result?;
    tracing::info!(token.id = made.id, "somebody made a token for a program");
    guard::note(audit::note_by(&caller, Kind::TokenMade)).await;
    redirect(&format!("/tokens?made={}", made.id));
    Ok(())
}

/// Ends one of the caller's tokens.
#[server(prefix = "/form", endpoint = "revoke-token")]
pub async fn revoke_token(id: i64) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    named::revoke(&state.database, &caller, id, state.now()).await?;
    tracing::info!(token.id = id, "a token was revoked");
    guard::note(audit::note_by(&caller, Kind::TokenRevoked)).await;
    redirect("/tokens?revoked=1");
    Ok(())
}

/// Puts a patient under the phone number that somebody else has already.
#[server(prefix = "/form", endpoint = "share-phone")]
pub async fn share_phone(patient: i64) -> Result<(), AppError> {
    let admin = guard::admin().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    renumber::share_phone(&state.database, &admin, patient).await?;
    tracing::info!(
        staff.id = admin.staff_id(),
        patient.id = patient,
        "an admin put a patient under the phone of another"
    );
    redirect("/admin/phones?done=1");
    Ok(())
}

/// Corrects the phone number of a patient whose number cannot be right.
#[server(prefix = "/form", endpoint = "correct-phone")]
pub async fn correct_phone(patient: i64, #[server(default)] phone: String) -> Result<(), AppError> {
    let admin = guard::admin().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    let phone = Phone::parse(&phone, state.config.rules.country)?;
    if renumber::correct_phone(&state.database, &admin, patient, phone).await? {
        tracing::info!(
            staff.id = admin.staff_id(),
            patient.id = patient,
            "an admin corrected the phone number of a patient"
        );
        redirect("/admin/phones?done=1");
    } else {
        // Somebody else has the number: the list says so now.
        redirect("/admin/phones");
    }
    Ok(())
}

/// Lets a phone sign in again after too many wrong codes, or closes or opens the account of its holder.
#[server(prefix = "/form", endpoint = "phone-access")]
pub async fn phone_access(
    #[server(default)] phone: String,
    #[server(default)] act: String,
) -> Result<(), AppError> {
    let admin = guard::admin().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    let staff_id = admin.staff_id();
    let phone = Phone::parse(&phone, state.config.rules.country)?;
    let who = match access::find_account(&state.database, Account::Patient(phone.clone())).await {
        Err(AppError::NotFound) => return Err(AppError::invalid(Field::Phone, FieldProblem::Unknown)),
        found => found?,
    };
    match act.as_str() {
        "let-in" => otp::let_in(&state.database, Some(&admin), phone).await?,
        "close" | "open" => {
            let command = SetAccess {
                caller: Some(admin),
                who,
                active: act == "open",
                key: None,
            };
            access::set_access(&state.database, command, state.now()).await?;
        }
        _ => return Err(AppError::invalid(Field::Body, FieldProblem::Malformed)),
    }
    tracing::info!(
        staff.id = staff_id,
        patient.id = who.ids().0,
        act,
        "an admin changed whether a patient can sign in"
    );
    redirect("/admin/phones?done=1");
    Ok(())
}

/// Says for how many days the clinic's word counts that a number is a patient's; none is for ever.
#[server(prefix = "/form", endpoint = "number-days")]
pub async fn number_days(#[server(default)] days: String) -> Result<(), AppError> {
    let admin = guard::admin().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    let malformed = AppError::invalid(Field::Days, FieldProblem::Malformed);
    let days: i32 = match days.trim() {
        "" => 0,
        days => days.parse().map_err(|_| malformed)?,
    };
    number::set_number_days(&state.database, &admin, days).await?;
    tracing::info!(
        staff.id = admin.staff_id(),
        days,
        "an admin changed for how long a confirmed number counts"
    );
    redirect("/admin/phones?done=1");
    Ok(())
}

/// Closes the account of a doctor, or opens it again.
#[server(prefix = "/form", endpoint = "doctor-access")]
pub async fn doctor_access(doctor_id: i64, active: bool) -> Result<(), AppError> {
    let admin = guard::admin().await?;
    guard::fresh().await?;
    let state = expect_context::<AppState>();
    let staff_id = admin.staff_id();
    let who = access::find_account(&state.database, Account::Doctor(doctor_id)).await?;
    let command = SetAccess {
        caller: Some(admin),
        who,
        active,
        key: None,
    };
    access::set_access(&state.database, command, state.now()).await?;
    tracing::info!(
        staff.id = staff_id,
        doctor.id = doctor_id,
        active,
        "an admin changed whether a doctor can sign in"
    );
    redirect(&format!("/admin/doctors/{doctor_id}?saved=access"));
    Ok(())
}
