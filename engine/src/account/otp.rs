//! One-time codes by phone (I1): six digits, ten minutes, used once, bound to the request that asked for it, five attempts
//! that count even when the check fails. A phone has as many codes as were asked for: one that a stranger asks for does not
//! end the one that its owner is about to type. What is guessed of a phone over days is counted, too.

use argon2::PasswordHasher;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rand::RngExt;
use sha2::{Digest, Sha256};

use super::{
    Caller, Limits, Phone,
    limit::{self, Action, Counted},
    note_of,
    password::{self, Work, hasher, hashing},
    place::{self, place},
    session::{SignedIn, random_token},
    tries::{self, Allowed, Guess, Subject},
};
use crate::{
    audit::{self, Kind},
    database::{Database, Failure, Tx},
    error::AppError,
    i18n::Texts,
    notification::{
        Channel, outbox,
        wording::{self, Wording},
    },
    time::plus_minutes,
};

/// The lifetime of a code, in minutes.
pub const LIFETIME_MINUTES: i64 = 10;
const ATTEMPTS: i16 = 5;

/// Asks for a code for this phone, and answers with the challenge that the code will belong to.
/// What is answered does not depend on whether the phone is known.
///
/// # Errors
/// `RATE_LIMITED`; the request counts all the same. `SIGN_IN_GUARDED` after too many wrong codes of this phone, from where
/// it has not signed in before.
pub async fn request(
    database: &Database,
    limits: Limits,
    phone: Phone,
    address: String,
    texts: Texts,
    now: Timestamp,
) -> Result<String, AppError> {
    let place = place(&address);
    // Counted before anything else is done: what is refused costs no hashing.
    let counted = {
        let (phone, place) = (phone.clone(), place.clone());
        database
            .write("otp.count", move |tx| {
                count(tx, limits, phone.clone(), place.clone(), now)
            })
            .await?
    };
    limit::check(counted)?;
    let code = format!("{:06}", rand::rng().random_range(0..1_000_000u32));
    let code_hash = hash(code.clone()).await?;
    let challenge = random_token();
    let stored = Sha256::digest(&challenge).to_vec();
    database
        .write("otp.send", move |tx| {
            send(
                tx,
                phone.clone(),
                (stored.clone(), code_hash.clone()),
                place.clone(),
                (texts, code.clone()),
                now,
            )
        })
        .await?;
    Ok(challenge)
}

/// What is counted of the guesses of codes of a phone: those from where its holder has signed in before by themselves, and
/// all others together.
fn guesses(phone: &str, place: &str, is_known: bool) -> Subject {
    match is_known {
        true => Subject::new(Guess::Code, &[phone, place], 0),
        false => Subject::new(Guess::Code, &[phone], 0),
    }
}

/// The patient who holds a phone, and whether they have signed in from this place.
async fn holder(
    tx: &mut Tx,
    phone: &str,
    place: &str,
    now: Timestamp,
) -> Result<(Option<i64>, bool), Failure> {
    let id = sqlx::query_scalar!(
        "select id from patients where phone = $1 and holder_id is null and active",
        phone
    )
    .fetch_optional(&mut **tx)
    .await?;
    let is_known = match id {
        Some(id) => place::is_known(tx, SignedIn::Patient(id), place, now).await?,
        None => false,
    };
    Ok((id, is_known))
}

/// The beginning of a number, which it has in common with ten thousand others.
fn prefix(phone: &str) -> &str {
    phone.get(..phone.len().saturating_sub(4)).unwrap_or(phone)
}

/// Counts the request, up to the limit that it is not within. Commits either way.
///
/// The address comes first: one that is over its limit cannot use up that of a phone. Every request
/// counts in this order, so that two of them never wait for each other in a circle.
async fn count(
    mut tx: Tx,
    limits: Limits,
    phone: Phone,
    place: String,
    now: Timestamp,
) -> Result<Option<Counted>, Failure> {
    let phone = phone.as_str();
    let (patient_id, is_known) = holder(&mut tx, phone, &place, now).await?;
    if tries::is_spent(&mut tx, &guesses(phone, &place, is_known), now).await? {
        return Err(AppError::SignInGuarded.into());
    }
    let from_there = format!("{phone} {place}");
    // Strangers who ask elsewhere do not use up what the holder of the phone may ask for.
    let by_phone = if is_known { &from_there } else { phone };
    // Nor does one address use up what the phone may ask for from all new places: of four or more, a quarter is for others.
    let per_pair = match limits.codes_per_phone {
        most @ 4.. if !is_known => most - most / 4,
        _ => 0,
    };
    let per_prefix = if patient_id.is_some() {
        0
    } else {
        limits.codes_per_prefix
    };
    let mut nearest = None;
    for (action, subject, most) in [
        (Action::CodeByAddress, place.as_str(), limits.codes_per_address),
        (Action::CodeByPhoneAndAddress, from_there.as_str(), per_pair),
        (Action::CodeByPhone, by_phone, limits.codes_per_phone),
        (Action::CodeByPrefix, prefix(phone), per_prefix),
        (Action::CodeOverall, "", limits.codes_overall),
    ] {
        let mut counted = limit::count(&mut tx, action, subject, most, now).await?;
        if matches!(action, Action::CodeOverall)
            && patient_id.is_some()
            && !counted.is_none_or(Counted::is_within)
        {
            // Strangers cannot use up what is there for patients.
            let most = most.div_ceil(4);
            counted = limit::count(&mut tx, Action::CodeOfPatients, "", most, now).await?;
        }
        nearest = Counted::nearer(nearest, counted);
        if !counted.is_none_or(Counted::is_within) {
            break;
        }
    }
    tx.commit().await?;
    Ok(nearest)
}

/// Stores a code, and puts the message out.
async fn send(
    mut tx: Tx,
    phone: Phone,
    (challenge, code_hash): (Vec<u8>, String),
    place: String,
    (texts, code): (Texts, String),
    now: Timestamp,
) -> Result<(), Failure> {
    let expires_at = plus_minutes(now, LIFETIME_MINUTES);
    sqlx::query!(
        "insert into login_codes (phone, challenge, code_hash, expires_at, attempts_left, place)
         values ($1, $2, $3, $4, $5, $6)",
        phone.as_str(),
        &challenge,
        code_hash,
        expires_at.to_sqlx(),
        ATTEMPTS,
        place,
    )
    .execute(&mut *tx)
    .await?;
    let locale = texts.locale();
    let minutes = LIFETIME_MINUTES.to_string();
    let values = [("code", code.clone()), ("minutes", minutes)];
    let own = wording::say(&mut tx, Wording::Code, locale, &values).await?;
    let body = own.unwrap_or_else(|| {
        texts.with(
            "sms-code",
            &[("code", code.into()), ("minutes", LIFETIME_MINUTES.into())],
        )
    });
    outbox::enqueue_secret(&mut tx, Channel::Sms, phone.as_str(), (locale, &body), expires_at).await?;
    tx.commit().await?;
    Ok(())
}

/// Checks a code against its challenge. If it is right, finds or creates the holder of its phone number (I2).
///
/// # Errors
/// `UNAUTHENTICATED` for a code that is wrong, too old, used, or out of attempts: which of these it is, is nobody's
/// business. `RATE_LIMITED` where wrong codes make it wait, and `SIGN_IN_GUARDED` where there were too many.
pub async fn verify(
    database: &Database,
    challenge: &str,
    code: &str,
    now: Timestamp,
) -> Result<i64, AppError> {
    let checked = check(database, challenge, code, now).await?;
    database
        .write("otp.redeem", move |tx| redeem(tx, checked.clone(), now))
        .await
}

/// A code that is right, and not used up yet.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    /// SHA-256 of the challenge.
    challenge: Vec<u8>,
    code_hash: String,
    guesses: Subject,
}

/// Checks a code against its challenge, and counts the attempt.
///
/// # Errors
/// Those of [`verify`].
pub(crate) async fn check(
    database: &Database,
    challenge: &str,
    code: &str,
    now: Timestamp,
) -> Result<Checked, AppError> {
    let challenge = Sha256::digest(challenge).to_vec();
    let attempt = {
        let challenge = challenge.clone();
        database
            .write("otp.attempt", move |tx| spend_attempt(tx, challenge.clone(), now))
            .await?
    };
    let Some(Attempt {
        code_hash,
        guesses,
        allowed,
    }) = attempt
    else {
        return Err(AppError::WrongCode);
    };
    if let Allowed::Later(_) | Allowed::Never = allowed {
        tries::check(allowed)?;
    }
    let (typed, hash) = (code.to_owned(), code_hash.clone());
    if !hashing(Work::Code, move || password::matches(&typed, &hash)).await? {
        if let Allowed::Yes { count, .. } = allowed {
            tries::report(database, &guesses, count);
        }
        return Err(AppError::WrongCode);
    }
    Ok(Checked {
        challenge,
        code_hash,
        guesses,
    })
}

/// An attempt that was taken.
#[derive(Clone, Debug)]
struct Attempt {
    /// What to compare with.
    code_hash: String,
    guesses: Subject,
    allowed: Allowed,
}

/// Takes one attempt, of the code and of its phone. It commits before the comparison: an attempt counts whatever becomes of
/// it. One that comes too early is not taken.
async fn spend_attempt(mut tx: Tx, challenge: Vec<u8>, now: Timestamp) -> Result<Option<Attempt>, Failure> {
    let code = sqlx::query!(
        "update login_codes set attempts_left = attempts_left - 1
         where challenge = $1 and attempts_left > 0 and expires_at > $2
         returning phone, place, code_hash",
        &challenge,
        now.to_sqlx(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(code) = code else {
        return Ok(None);
    };
    let (_, is_known) = holder(&mut tx, &code.phone, &code.place, now).await?;
    let guesses = guesses(&code.phone, &code.place, is_known);
    let allowed = tries::count(&mut tx, &guesses, now).await?;
    if let Allowed::Yes { .. } = allowed {
        tx.commit().await?;
    }
    Ok(Some(Attempt {
        code_hash: code.code_hash,
        guesses,
        allowed,
    }))
}

/// A phone that somebody has proved to have, and where they are.
pub(crate) struct Proved {
    pub phone: String,
    pub place: String,
}

/// Uses the code up, and the older ones of its phone. Of two that redeem it at once, the one that deletes the row has proved
/// something.
///
/// # Errors
/// `UNAUTHENTICATED`.
pub(crate) async fn use_up(tx: &mut Tx, checked: &Checked, now: Timestamp) -> Result<Proved, Failure> {
    let code = sqlx::query!(
        "delete from login_codes where challenge = $1 and code_hash = $2 and expires_at > $3
         returning phone, place, expires_at",
        &checked.challenge,
        checked.code_hash,
        now.to_sqlx(),
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(AppError::WrongCode)?;
    // Those that somebody is just trying are left to them.
    sqlx::query!(
        "delete from login_codes where challenge in (
             select challenge from login_codes where phone = $1 and expires_at <= $2 for update skip locked)",
        code.phone,
        code.expires_at as _,
    )
    .execute(&mut **tx)
    .await?;
    tries::take_back(tx, &checked.guesses).await?;
    Ok(Proved {
        phone: code.phone,
        place: code.place,
    })
}

/// Uses the code up, and signs its phone's holder in.
async fn redeem(mut tx: Tx, checked: Checked, now: Timestamp) -> Result<i64, Failure> {
    let proved = use_up(&mut tx, &checked, now).await?;
    let patient_id = find_or_create_patient(&mut tx, &proved.phone).await?;
    place::remember(&mut tx, SignedIn::Patient(patient_id), &proved.place, now).await?;
    tx.commit().await?;
    Ok(patient_id)
}

/// The patient whose phone a challenge was sent to, for the security log; none where nobody is known by it yet.
///
/// # Errors
/// Those of the database.
pub async fn patient_of(database: &Database, challenge: &str) -> Result<Option<i64>, AppError> {
    let challenge = Sha256::digest(challenge).to_vec();
    database
        .read("otp.patient_of", move |mut connection| async move {
            let id = sqlx::query_scalar!(
                "select patients.id from login_codes join patients using (phone)
                 where challenge = $1 and holder_id is null",
                &challenge,
            );
            Ok(id.fetch_optional(&mut *connection).await?)
        })
        .await
}

/// Lets a phone sign in by a code again after too many wrong ones, from anywhere: the clinic knows who it is. Without a
/// caller, it is whoever has the command line of the server.
///
/// # Errors
/// Those of the database.
pub async fn let_in(database: &Database, caller: Option<&Caller>, phone: Phone) -> Result<(), AppError> {
    let note = note_of(caller, Kind::AccountChanged).about("let in");
    let note = database
        .write("otp.let_in", move |mut tx| {
            let (phone, note) = (phone.clone(), note.clone());
            async move {
                let id = sqlx::query_scalar!(
                    "select id from patients where phone = $1 and holder_id is null",
                    phone.as_str()
                )
                .fetch_optional(&mut *tx)
                .await?;
                tries::forget(&mut tx, &guesses(phone.as_str(), "", false)).await?;
                let note = match id {
                    Some(id) => note.of_patient(id),
                    None => note,
                };
                audit::write(&mut tx, &note).await?;
                tx.commit().await?;
                Ok(note)
            }
        })
        .await?;
    audit::tell(database, &note);
    Ok(())
}

/// Finds or creates the holder of this phone number (I2). The unique index decides between concurrent calls.
///
/// # Errors
/// Those of the database; `UNAUTHENTICATED` where the clinic has deactivated the patient.
pub async fn find_or_create_patient(tx: &mut Tx, phone: &str) -> Result<i64, Failure> {
    sqlx::query!(
        "insert into patients (phone) values ($1) on conflict (phone) where holder_id is null do nothing",
        phone,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query_scalar!(
        "select id from patients where phone = $1 and holder_id is null and active",
        phone
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(Failure::Refused(AppError::WrongCode))
}

/// argon2id. A million codes are few: what protects them is that attempts are counted, and the slow
/// hash is for who reads the table.
async fn hash(code: String) -> Result<String, AppError> {
    hashing(Work::Code, move || {
        hasher()
            .hash_password(code.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|_| AppError::Internal)
    })
    .await?
}
