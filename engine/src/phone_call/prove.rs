//! The caller's number, and the code that proves it. A number that is shown proves nothing: anybody can have any shown.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;

use super::{Answer, Call, Proof, open::lock, work::Work};
use crate::{
    account::{Phone, otp},
    database::{Database, Failure, Tx},
    error::AppError,
    i18n::Texts,
    phone,
};

/// The time in which no second code is sent in a call.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);

/// The number that something is done for.
pub(super) enum Number {
    Theirs(Phone),
    /// It is not known, or not proved, yet: the answer asks for what is missing.
    Unknown(Answer),
}

/// The number of whoever asks for an appointment: the one that called, or another one that a code has proved.
///
/// # Errors
/// `RATE_LIMITED`; those of the database.
pub(super) async fn number_of(work: &Work<'_>, proof: &Proof) -> Result<Number, AppError> {
    let said = proof.number.trim();
    let said = (!said.is_empty()).then(|| Phone::parse(said, work.rules.country).ok());
    match (said, &work.open.proved, &work.open.number) {
        (Some(None), _, _) | (None, None, None) => Ok(Number::Unknown(Answer::NumberMissing)),
        (None, Some(proved), _) => Ok(Number::Theirs(proved.clone())),
        (None, None, Some(number)) => Ok(Number::Theirs(number.clone())),
        (Some(Some(said)), _, Some(number)) if said == *number => Ok(Number::Theirs(said)),
        (Some(Some(_)), _, _) => prove(work, proof).await,
    }
}

/// A number whose code was said in this call; otherwise a code is sent.
///
/// # Errors
/// `RATE_LIMITED`; those of the database.
pub(super) async fn prove(work: &Work<'_>, proof: &Proof) -> Result<Number, AppError> {
    let number = match (proof.number.trim(), &work.open.proved, &work.open.number) {
        ("", Some(proved), _) => return Ok(Number::Theirs(proved.clone())),
        ("", None, None) => return Ok(Number::Unknown(Answer::NumberMissing)),
        ("", None, Some(number)) => number.clone(),
        (said, _, _) => match Phone::parse(said, work.rules.country) {
            Ok(number) => number,
            Err(_) => return Ok(Number::Unknown(Answer::NumberMissing)),
        },
    };
    if work.open.proved.as_ref() == Some(&number) {
        return Ok(Number::Theirs(number));
    }
    let countries = work.rules.code_countries.as_ref();
    if countries.is_some_and(|countries| !number.is_of(countries)) {
        return Ok(Number::Unknown(Answer::NoCode));
    }
    let challenge = match &work.open.challenge {
        Some(challenge) if work.open.code_number.as_ref() == Some(&number) => Some(challenge.clone()),
        _ => None,
    };
    match challenge {
        Some(challenge) if !proof.code.trim().is_empty() && !proof.again => {
            check(work, number, challenge, &proof.code).await
        }
        _ => {
            send(work, number).await?;
            Ok(Number::Unknown(Answer::CodeSent))
        }
    }
}

/// Sends a code, once for however many copies of the step.
async fn send(work: &Work<'_>, number: Phone) -> Result<(), AppError> {
    let (call, now, own) = (work.call.clone(), work.now, number.clone());
    let is_first = work
        .database
        .write("phone_call.ask_for_code", move |tx| {
            claim(tx, call.clone(), own.clone(), now)
        })
        .await?;
    if !is_first {
        return Ok(());
    }
    let asked = otp::request(
        work.database,
        work.rules.limits,
        number.clone(),
        work.open.subject(),
        Texts::of(work.locale),
        now,
    )
    .await;
    // Where none was sent, the next copy may ask again, and meets the same limits.
    let challenge = asked.as_ref().ok().cloned();
    let call = work.call.clone();
    work.database
        .write("phone_call.keep_challenge", move |tx| {
            keep_challenge(tx, call.clone(), number.clone(), challenge.clone(), now)
        })
        .await?;
    asked.map(drop)
}

/// Notes that a code is asked for. Answers whether it is this copy that sends it.
async fn claim(mut tx: Tx, call: Call, number: Phone, now: Timestamp) -> Result<bool, Failure> {
    let open = lock(&mut tx, &call, now).await?;
    let is_same = open.code_number.as_ref() == Some(&number);
    let is_recent = (open.code_asked_at).is_some_and(|at| now.duration_since(at) < PAUSE);
    if is_same && is_recent {
        return Ok(false);
    }
    sqlx::query!(
        "update phone_calls set code_number = $2, code_asked_at = $3, challenge = null where id = $1",
        open.id,
        number.as_str(),
        now.to_sqlx(),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(true)
}

async fn keep_challenge(
    mut tx: Tx,
    call: Call,
    number: Phone,
    challenge: Option<String>,
    now: Timestamp,
) -> Result<(), Failure> {
    let open = lock(&mut tx, &call, now).await?;
    sqlx::query!(
        "update phone_calls set challenge = $3,
             code_asked_at = case when $3::text is null then null else code_asked_at end
         where id = $1 and code_number = $2",
        open.id,
        number.as_str(),
        challenge,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Checks a code that was said. It is used up in the transaction that notes the number as proved: of two copies, the second
/// finds it proved.
async fn check(work: &Work<'_>, number: Phone, challenge: String, said: &str) -> Result<Number, AppError> {
    let wrong = Ok(Number::Unknown(Answer::CodeWrong));
    let Ok(code) = phone::code(said) else {
        return wrong;
    };
    let (database, call, now) = (work.database, work.call.clone(), work.now);
    let proved = match otp::check(database, &challenge, &code, now).await {
        Ok(checked) => {
            let own = number.clone();
            database
                .write("phone_call.prove", move |tx| {
                    note_proved(tx, call.clone(), own.clone(), checked.clone(), now)
                })
                .await
        }
        Err(error) => Err(error),
    };
    match proved {
        Ok(()) => Ok(Number::Theirs(number)),
        Err(AppError::WrongCode) if is_proved(database, work.open.id, &number).await? => {
            Ok(Number::Theirs(number))
        }
        Err(AppError::WrongCode) => wrong,
        Err(error) => Err(error),
    }
}

async fn note_proved(
    mut tx: Tx,
    call: Call,
    number: Phone,
    checked: otp::Checked,
    now: Timestamp,
) -> Result<(), Failure> {
    let open = lock(&mut tx, &call, now).await?;
    if open.proved.as_ref() == Some(&number) {
        return Ok(());
    }
    let proved = otp::use_up(&mut tx, &checked, now).await?;
    if proved.phone != number.as_str() {
        return Err(AppError::WrongCode.into());
    }
    sqlx::query!(
        "update phone_calls set proved_number = $2 where id = $1",
        open.id,
        number.as_str(),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

async fn is_proved(database: &Database, call_id: i64, number: &Phone) -> Result<bool, AppError> {
    let number = number.as_str().to_owned();
    database
        .read("phone_call.is_proved", move |mut connection| async move {
            let is_proved = sqlx::query_scalar!(
                r#"select exists (select from phone_calls where id = $1 and proved_number = $2) as "is_proved!""#,
                call_id,
                number,
            );
            Ok(is_proved.fetch_one(&mut *connection).await?)
        })
        .await
}
