//! The row of a call, locked: whatever is sent about one call follows one after the other.

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sha2::{Digest, Sha256};

use super::{Call, MAX_ASKED, Rules, Tool, answer::Answer};
use crate::{
    account::{
        Phone,
        limit::{self, Action},
    },
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    i18n::Locale,
    time,
};

/// A call, as its row has it.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub id: i64,
    pub call_id: String,
    /// Of the caller.
    pub number: Option<Phone>,
    pub place: Option<Place>,
    pub locale: Locale,
    pub is_limited: bool,
    pub challenge: Option<String>,
    /// The number that the code was sent to.
    pub code_number: Option<Phone>,
    pub code_asked_at: Option<Timestamp>,
    /// The number whose code was said.
    pub proved: Option<Phone>,
    /// How often the agent has asked for something.
    asked: i32,
}

/// The clinic that was called.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub clinic_id: i64,
    pub zone: TimeZone,
}

impl Open {
    /// The hash that stands for the call where a browser would hold a time.
    pub fn visitor(&self) -> Vec<u8> {
        Sha256::digest(format!("phone call {}", self.call_id)).to_vec()
    }

    /// What is counted as the caller.
    pub fn subject(&self) -> String {
        match &self.number {
            Some(number) => format!("call {}", number.as_str()),
            None => "call hidden".to_owned(),
        }
    }
}

/// Makes the row of a call, or finds the one that a twin has made, and locks it until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, call: &Call, now: Timestamp) -> Result<Open, Failure> {
    let number = call.number.as_ref().map(Phone::as_str);
    let language = number.map_or_else(Locale::default, Locale::of_phone);
    let made = sqlx::query!(
        "insert into phone_calls (call_id, number, line, clinic_id, language, began_at)
         select $1, $2, $3, clinic_id, coalesce(language, $4), $5::timestamptz
         from (select) as call left join phone_lines on phone_lines.number = $3
         on conflict on constraint phone_calls_call_id_key do nothing",
        call.call_id,
        number,
        call.line,
        language.code(),
        now.to_sqlx(),
    );
    locking(Lock::PhoneCall, made.execute(&mut **tx)).await?;
    let locked = sqlx::query_scalar!(
        "select id from phone_calls where call_id = $1 for no key update",
        call.call_id
    );
    let id = locking(Lock::PhoneCall, locked.fetch_one(&mut **tx)).await?;
    // A statement of its own: one that had waited for the lock would know the row as it was before.
    let row = sqlx::query!(
        r#"select call_id, number, clinic_id, time_zone as "time_zone?", language, asked, is_limited, challenge,
                  code_number, code_asked_at, proved_number
           from phone_calls left join clinics on clinics.id = clinic_id where phone_calls.id = $1"#,
        id,
    )
    .fetch_one(&mut **tx)
    .await?;
    let place = row.clinic_id.zip(row.time_zone).and_then(|(clinic_id, zone)| {
        let zone = time::stored_zone(&zone)?;
        Some(Place { clinic_id, zone })
    });
    Ok(Open {
        id,
        call_id: row.call_id,
        number: stored(row.number),
        place,
        locale: Locale::parse(&row.language).unwrap_or_default(),
        is_limited: row.is_limited,
        challenge: row.challenge,
        code_number: stored(row.code_number),
        code_asked_at: row.code_asked_at.map(jiff_sqlx::Timestamp::to_jiff),
        proved: stored(row.proved_number),
        asked: row.asked,
    })
}

/// A number as it is kept, with its country code.
fn stored(number: Option<String>) -> Option<Phone> {
    Phone::parse(&number?, crate::account::Country::default()).ok()
}

/// A step of a call that begins.
#[derive(Clone, Debug)]
pub(super) enum Begun {
    /// It was done before: this was the answer.
    Answered(Open, Answer),
    /// It is to be done, under this id.
    Open(Open, i64),
}

/// What a step is told by.
#[derive(Clone, Debug)]
pub(super) struct Request {
    tool: &'static str,
    /// SHA-256 of the tool and of what it was asked.
    hash: Vec<u8>,
    /// Whether it cancels what is ahead, and names nothing.
    cancels_unnamed: bool,
}

impl Request {
    pub fn of(tool: &Tool) -> Self {
        Self {
            tool: tool.name(),
            hash: request_of(tool),
            cancels_unnamed: matches!(tool, Tool::Cancel { appointment, .. } if plain(appointment).is_empty()),
        }
    }
}

/// Notes a step of a call, and counts the call with its first one: that it has begun may have been told before.
///
/// # Errors
/// Those of the database.
pub(super) async fn begin(
    database: &Database,
    call: Call,
    request: Request,
    rules: &Rules,
    now: Timestamp,
) -> Result<Begun, AppError> {
    let most = rules.calls_per_number;
    database
        .write("phone_call.begin", move |tx| {
            attempt(tx, call.clone(), request.clone(), most, now)
        })
        .await
}

async fn attempt(
    mut tx: Tx,
    call: Call,
    request: Request,
    most: u32,
    now: Timestamp,
) -> Result<Begun, Failure> {
    let mut open = lock(&mut tx, &call, now).await?;
    if open.asked == 0 && open.number.is_some() {
        let counted = limit::count(&mut tx, Action::CallByNumber, &open.subject(), most, now).await?;
        open.is_limited = counted.is_some_and(|counted| !counted.is_within());
    }
    // What is asked now may be of the caller, and is to be forgotten once more.
    let asked = sqlx::query_scalar!(
        "update phone_calls set asked = asked + 1, is_limited = $2, forgotten_at = null where id = $1 returning asked",
        open.id,
        open.is_limited,
    )
    .fetch_one(&mut *tx)
    .await?;
    // The row stays as it is: who asks without an end is not written down without an end.
    open.is_limited |= asked > MAX_ASKED;
    retire(&mut tx, open.id, &request, now).await?;
    let step = sqlx::query!(
        "insert into phone_call_steps (phone_call_id, request, tool, asked_at) values ($1, $2, $3, $4)
         on conflict on constraint phone_call_steps_request_key do update set asked_at = excluded.asked_at
         returning id, answer",
        open.id,
        &request.hash,
        request.tool,
        now.to_sqlx(),
    )
    .fetch_one(&mut *tx)
    .await?;
    let first = read_answer(step.answer)?;
    tx.commit().await?;
    Ok(match first {
        Some(answer) => Begun::Answered(open, answer),
        None => Begun::Open(open, step.id),
    })
}

/// Lets a step be done anew whose answer is not true any more: what it booked or moved has lost that time, or, where it cancelled
/// what was ahead, something was booked in this call since. Its row stays, under another hash.
async fn retire(tx: &mut Tx, call_id: i64, request: &Request, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "update phone_call_steps as steps set request = sha256(steps.request || int8send(steps.id))
         from appointments
         where steps.phone_call_id = $1 and steps.request = $2 and appointments.id = steps.appointment_id
           and case
                   when steps.outcome in ('booked', 'moved') then
                       not occupies(appointments, $3)
                       or extract(epoch from appointments.starts_at)::bigint
                          is distinct from (steps.answer #>> '{time,wanted,starts_at}')::bigint
                   when steps.outcome = 'cancelled' and $4 then
                       exists (select from phone_call_steps as later
                               join appointments as made on made.id = later.appointment_id
                               join appointment_changes as making
                                   on making.appointment_id = later.appointment_id and making.version = later.version
                               where later.phone_call_id = $1 and later.outcome = 'booked' and occupies(made, $3)
                                 and making.id > (select changes.id from appointment_changes as changes
                                                  where changes.appointment_id = steps.appointment_id
                                                    and changes.version = steps.version))
                   else false
               end",
        call_id,
        &request.hash,
        now.to_sqlx(),
        request.cancels_unnamed,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn read_answer(answer: Option<serde_json::Value>) -> Result<Option<Answer>, AppError> {
    answer.map(serde_json::from_value).transpose().map_err(|error| {
        tracing::error!(%error, "an answer to a phone agent that was stored cannot be read");
        AppError::Internal
    })
}

/// The answer that a twin of this step has meanwhile. The call is locked.
pub(super) async fn answered(tx: &mut Tx, step_id: i64) -> Result<Option<Answer>, Failure> {
    let answer = sqlx::query_scalar!("select answer from phone_call_steps where id = $1", step_id);
    Ok(read_answer(answer.fetch_one(&mut **tx).await?)?)
}

/// What a step has done, for its row.
#[derive(Clone, Debug)]
pub(super) struct Done {
    pub step_id: i64,
    pub answer: Answer,
    /// The appointment that was changed, and its version since.
    pub change: Option<(i64, i32)>,
}

/// Keeps the answer of a step for every repetition. The call is locked.
pub(super) async fn keep(tx: &mut Tx, done: &Done) -> Result<(), Failure> {
    let answer = serde_json::to_value(&done.answer).map_err(|_| AppError::Internal)?;
    sqlx::query!(
        "update phone_call_steps set outcome = $2, answer = $3, appointment_id = $4, version = $5 where id = $1",
        done.step_id,
        done.answer.kind(),
        answer,
        done.change.map(|(id, _)| id),
        done.change.map(|(_, version)| version),
    )
    .execute(&mut **tx)
    .await?;
    // What failed before has come to a good end, and nobody has to call.
    if done.change.is_some() {
        sqlx::query!(
            "update phone_calls set needs = null
             where needs = 'failed' and done_at is null
               and id = (select phone_call_id from phone_call_steps where id = $1)",
            done.step_id,
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// SHA-256 of a tool and of what it was asked, each with its length.
fn request_of(tool: &Tool) -> Vec<u8> {
    let digest = canonical(tool)
        .into_iter()
        .fold(Sha256::new().chain_update(tool.name()), |digest, part| {
            digest.chain_update(part.len().to_be_bytes()).chain_update(part)
        });
    digest.finalize().to_vec()
}

/// A text as far as it counts: a model that says the same thing twice may write it in another way.
pub(super) fn plain(text: &str) -> String {
    let words: Vec<String> = crate::phone::visible(text)
        .to_lowercase()
        .split_whitespace()
        .map(ToOwned::to_owned)
        .collect();
    words.join(" ")
}

/// What tells one step from another. The reason for a visit, a code and the word that something is wanted twice do not.
fn canonical(tool: &Tool) -> Vec<String> {
    let slot = |time: &Option<crate::booking::Wanted>| time.map(super::slot_of).unwrap_or_default();
    match tool {
        Tool::FindTimes {
            service,
            doctor,
            day,
            part,
        } => vec![
            plain(service),
            plain(doctor),
            day.map(|day| day.to_string()).unwrap_or_default(),
            format!("{part:?}"),
        ],
        Tool::HoldTime { time } => vec![slot(time)],
        Tool::Book(book) => vec![slot(&book.time), plain(&book.name)],
        Tool::MyAppointments { proof } => vec![plain(&proof.number)],
        Tool::Cancel { appointment, .. } => vec![plain(appointment)],
        Tool::Move {
            appointment, time, ..
        } => vec![plain(appointment), slot(time)],
        Tool::RequestCallback { number, note } => vec![plain(number), plain(note)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone_call::{BookTime, Proof};

    fn book(name: &str, reason: &str, confirm_second: bool) -> Tool {
        Tool::Book(BookTime {
            time: crate::phone_call::read_slot("1-1-1-1795489200"),
            name: name.to_owned(),
            reason: reason.to_owned(),
            is_new_person: false,
            confirm_second,
            proof: Proof::default(),
        })
    }

    #[test]
    fn a_model_that_repeats_itself_in_other_words_means_the_same_step() {
        let first = request_of(&book("Ibu Sari", "A cough", false));
        for again in [
            book(" ibu  SARI", "A cough", false),
            book("Ibu Sari", "She coughs", false),
            book("Ibu Sari", "A cough", true),
        ] {
            assert_eq!(request_of(&again), first, "{again:?}");
        }
        assert_ne!(request_of(&book("Bapak Budi", "A cough", false)), first);
        let hold = Tool::HoldTime {
            time: crate::phone_call::read_slot("1-1-1-1795489200"),
        };
        assert_ne!(request_of(&hold), first);
    }
}
