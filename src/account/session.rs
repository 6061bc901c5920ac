//! Browser sessions: the store in PostgreSQL, and what a session remembers.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use engine::{
    account::{
        secret::Holder,
        session::{self, Beginner, Lifetimes, Row, SignedIn, random_token},
    },
    booking::Rules,
    database::Database,
    error::AppError,
    time::plus_minutes,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use tower_sessions::{
    Session, SessionStore,
    cookie::time::OffsetDateTime,
    session::{Id, Record},
    session_store,
};

/// Keeps sessions in the database. Ids are stored hashed: who reads the table cannot step into one.
#[derive(Clone, Debug)]
pub struct Store {
    pub database: Database,
    pub lifetimes: Lifetimes,
    pub rules: Rules,
}

tokio::task_local! {
    /// The present request: who may begin a session, and why none could be begun.
    static REQUEST: (Beginner, Arc<OnceLock<AppError>>);
}

/// Answers a request from this address, and tells why its session could not be written, where it could not.
pub async fn answer_from<T>(beginner: Beginner, answer: impl Future<Output = T>) -> (T, Option<AppError>) {
    let refusal = Arc::new(OnceLock::new());
    let answer = REQUEST.scope((beginner, refusal.clone()), answer).await;
    (answer, refusal.get().copied())
}

/// Outside of a request, nobody is counted.
fn beginner() -> Beginner {
    REQUEST.try_with(|request| request.0.clone()).unwrap_or_default()
}

fn note_refusal(error: AppError) {
    let _ = REQUEST.try_with(|request| request.1.set(error));
}

fn hash(id: Id) -> Vec<u8> {
    Sha256::digest(id.0.to_be_bytes()).to_vec()
}

fn backend(error: AppError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

impl Store {
    /// The row of a session. It ends by who has signed in with it, whatever its cookie says.
    fn row(&self, record: &Record) -> session_store::Result<Row> {
        let encode = |error: serde_json::Error| session_store::Error::Encode(error.to_string());
        let now = self.database.now();
        let who: Option<SignedIn> = stored(record, SIGNED_IN)?;
        let signed_in_at: Option<Timestamp> = stored(record, SIGNED_IN_AT)?;
        let signed_in = who.map(|who| (who, signed_in_at.unwrap_or(Timestamp::UNIX_EPOCH)));
        let has_typed =
            (record.data.values()).any(|value| value.get("at").is_some() || value.get("kept_at").is_some());
        Ok(Row {
            id: hash(record.id),
            data: serde_json::to_value(&record.data).map_err(encode)?,
            signed_in,
            typed_until: has_typed.then(|| plus_minutes(now, self.rules.max_hold_minutes() + 1)),
            expires_at: self.lifetimes.end(signed_in, now),
        })
    }
}

fn stored<T: DeserializeOwned>(record: &Record, key: &str) -> session_store::Result<Option<T>> {
    let value = record.data.get(key).cloned();
    (value.map(serde_json::from_value).transpose())
        .map_err(|error| session_store::Error::Encode(error.to_string()))
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // 128 random bits do not collide; if they ever do, another id is found.
        loop {
            let created = session::create(&self.database, self.row(record)?, beginner(), self.database.now());
            match created.await {
                Ok(true) => return Ok(()),
                Ok(false) => record.id = Id::default(),
                Err(error) => {
                    if error == AppError::RateLimited {
                        note_refusal(error);
                    }
                    return Err(backend(error));
                }
            }
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        session::save(&self.database, self.row(record)?)
            .await
            .map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let row = session::load(&self.database, hash(*id), self.lifetimes, self.database.now())
            .await
            .map_err(backend)?;
        row.map(|row| {
            Ok(Record {
                id: *id,
                data: serde_json::from_value(row.data)
                    .map_err(|error| session_store::Error::Decode(error.to_string()))?,
                expiry_date: OffsetDateTime::from_unix_timestamp(row.expires_at.as_second())
                    .map_err(|error| session_store::Error::Decode(error.to_string()))?,
            })
        })
        .transpose()
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        session::delete(&self.database, hash(*id)).await.map_err(backend)
    }
}

/// The typed values of a form that was refused, or that a later step needs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    pub phone: String,
    pub name: String,
    /// For whom it is, of those who share the phone, as [`engine::account::family::Whose`] reads it.
    pub whose: String,
    /// The reason for the appointment.
    pub reason: String,
    pub email: String,
    /// The references of the holds of a visit that is being put together (B7).
    pub parts: Vec<String>,
    /// The reference of the hold that was chosen last, to which the pages lead back.
    pub held: String,
    /// When something was kept last, in seconds since 1970.
    kept_at: i64,
}

/// The typed values of a form about an appointment.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    reference: String,
    typed: T,
    /// In seconds since 1970.
    at: i64,
}

/// The code that this browser asked for, and for what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Challenge {
    pub token: String,
    /// The path that follows.
    pub next: String,
}

/// The second step of a sign-in of staff, which this browser has to take.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecondStep {
    pub token: String,
    /// Whether a factor has to be set up, rather than shown.
    pub is_enrolment: bool,
    /// The path that follows.
    pub next: String,
    /// When the first step was taken, in seconds since 1970: after some minutes it is forgotten.
    pub at: i64,
}

/// The browser and the network address that somebody signs in from, for them to recognise.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SignedInFrom {
    /// What the browser says that it is.
    pub agent: String,
    pub address: String,
}

/// A form that was not handled, since nobody was signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unsent {
    /// The page that it was sent from.
    pub page: String,
    /// The path that it was sent to.
    pub action: String,
    pub fields: Vec<(String, String)>,
    /// Whether its page was left by another button than its own, such as that of a language, and not by the end of a session.
    #[serde(default)]
    pub is_unfinished: bool,
    /// When it was kept, in seconds since 1970.
    pub at: i64,
}

const SIGNED_IN: &str = "signed_in";
const SIGNED_IN_AT: &str = "signed_in_at";
const SIGNED_IN_FROM: &str = "signed_in_from";
const VISITOR: &str = "visitor";
const DRAFT: &str = "draft";
const CHALLENGE: &str = "challenge";
const SECOND_STEP: &str = "second_step";
const PROVED_AT: &str = "proved_at";
const CLINIC: &str = "clinic";
const UNSENT: &str = "unsent";

/// The session of a request, in the words of Janji.
#[derive(Clone, Debug)]
pub struct BrowserSession {
    session: Session,
    rules: Rules,
    /// When the request came.
    now: Timestamp,
}

impl BrowserSession {
    pub fn new(session: Session, rules: Rules, now: Timestamp) -> Self {
        Self { session, rules, now }
    }

    /// Reads the session once more, for what goes on longer than a request.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn reload(&self) -> Result<(), AppError> {
        self.session.load().await.map_err(|error| unavailable(&error))
    }

    /// The moment since which drafts are kept, in seconds since 1970. A draft lives as long as a time can be held, and
    /// other people who use the same browser later do not find it.
    fn oldest_draft(&self) -> i64 {
        plus_minutes(self.now, -self.rules.max_hold_minutes()).as_second()
    }

    async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, AppError> {
        self.session.get(key).await.map_err(|error| unavailable(&error))
    }

    async fn set<T: Serialize>(&self, key: &str, value: T) -> Result<(), AppError> {
        self.session
            .insert(key, value)
            .await
            .map_err(|error| unavailable(&error))
    }

    async fn remove(&self, key: &str) -> Result<(), AppError> {
        let there = self
            .session
            .get_value(key)
            .await
            .map_err(|error| unavailable(&error))?;
        if there.is_none() {
            // Removing nothing counts as a change, and would have the session written.
            return Ok(());
        }
        self.session
            .remove_value(key)
            .await
            .map(drop)
            .map_err(|error| unavailable(&error))
    }

    /// The half of a secret that only this browser has: the database has but a hash of it. Nothing before its session has
    /// begun.
    pub fn holder(&self) -> Option<Holder> {
        self.session.id().map(|id| Holder::new(id.0.to_be_bytes()))
    }

    pub async fn signed_in(&self) -> Result<Option<SignedIn>, AppError> {
        self.get(SIGNED_IN).await
    }

    /// Stores the person who signed in, under a new session id, so that a planted one is worthless (I3). `since` is when they
    /// began to: a password or an account that has changed since does not let anybody in.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn sign_in(&self, who: SignedIn, since: Timestamp, from: SignedInFrom) -> Result<(), AppError> {
        self.session
            .cycle_id()
            .await
            .map_err(|error| unavailable(&error))?;
        self.remove(CHALLENGE).await?;
        self.remove(SECOND_STEP).await?;
        self.set(SIGNED_IN_AT, since).await?;
        self.set(PROVED_AT, self.now).await?;
        self.set(SIGNED_IN_FROM, from).await?;
        self.set(SIGNED_IN, who).await
    }

    /// The second step that this browser has to take.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn second_step(&self) -> Result<Option<SecondStep>, AppError> {
        let step: Option<SecondStep> = self.get(SECOND_STEP).await?;
        Ok(step.filter(|step| step.at >= self.oldest_draft()))
    }

    /// Keeps it for [`Self::second_step`], under a new session id.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn keep_second_step(
        &self,
        token: String,
        is_enrolment: bool,
        next: &str,
    ) -> Result<(), AppError> {
        self.session
            .cycle_id()
            .await
            .map_err(|error| unavailable(&error))?;
        let step = SecondStep {
            token,
            is_enrolment,
            next: next.to_owned(),
            at: self.now.as_second(),
        };
        self.set(SECOND_STEP, step).await
    }

    /// When somebody last proved with this session who they are.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn proved_at(&self) -> Result<Option<Timestamp>, AppError> {
        self.get(PROVED_AT).await
    }

    /// Notes that somebody has just proved who they are.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn prove(&self) -> Result<(), AppError> {
        self.set(PROVED_AT, self.now).await
    }

    /// When the request came.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// SHA-256 of the id of this session, by which it is stored. None before it has begun.
    pub fn stored_id(&self) -> Option<Vec<u8>> {
        self.session.id().map(hash)
    }

    /// Forgets everything that the session knows; a hold of this browser lapses by itself.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn sign_out(&self) -> Result<(), AppError> {
        self.session.flush().await.map_err(|error| unavailable(&error))
    }

    /// SHA-256 of the token that holds are kept for, where this browser has one.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn visitor(&self) -> Result<Option<Vec<u8>>, AppError> {
        let token: Option<String> = self.get(VISITOR).await?;
        Ok(token.map(|token| Sha256::digest(token).to_vec()))
    }

    /// Returns the owner of the holds that end when another time is chosen: this browser, unless its holds are kept
    /// for a visit (B7).
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn who_lets_go(&self) -> Result<Option<Vec<u8>>, AppError> {
        match self.draft().await?.parts.is_empty() {
            true => self.visitor().await,
            false => Ok(None),
        }
    }

    /// Returns the token that holds are kept for, which the forms of a booking carry along.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn visitor_token(&self) -> Result<Option<String>, AppError> {
        self.get(VISITOR).await
    }

    /// Takes over the token of a form of a booking, whose session has ended since the page was shown.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn adopt_visitor(&self, token: &str) -> Result<(), AppError> {
        let is_one = token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_one || self.visitor_token().await?.as_deref() == Some(token) {
            return Ok(());
        }
        self.set(VISITOR, token).await
    }

    /// Returns the form that came while nobody was signed in, unless that is long ago.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn unsent(&self) -> Result<Option<Unsent>, AppError> {
        let unsent: Option<Unsent> = self.get(UNSENT).await?;
        Ok(unsent.filter(|unsent| unsent.at >= self.oldest_draft()))
    }

    /// Keeps it for [`Self::unsent`].
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn keep_unsent(&self, unsent: Unsent) -> Result<(), AppError> {
        let at = self.now.as_second();
        self.set(UNSENT, Unsent { at, ..unsent }).await
    }

    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn forget_unsent(&self) -> Result<(), AppError> {
        self.remove(UNSENT).await
    }

    /// Returns the token of this browser, and creates one if there is none.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn visitor_or_new(&self) -> Result<Vec<u8>, AppError> {
        if let Some(visitor) = self.visitor().await? {
            return Ok(visitor);
        }
        let token = random_token();
        self.set(VISITOR, &token).await?;
        Ok(Sha256::digest(token).to_vec())
    }

    pub async fn draft(&self) -> Result<Draft, AppError> {
        let draft: Draft = self.get(DRAFT).await?.unwrap_or_default();
        Ok(if draft.kept_at >= self.oldest_draft() {
            draft
        } else {
            Draft::default()
        })
    }

    /// Keeps what was typed, so that no error and no lost race makes anybody type it again.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn keep(&self, change: impl FnOnce(&mut Draft)) -> Result<(), AppError> {
        let mut draft = self.draft().await?;
        change(&mut draft);
        draft.kept_at = self.now.as_second();
        self.set(DRAFT, draft).await
    }

    pub async fn forget_draft(&self) -> Result<(), AppError> {
        self.remove(DRAFT).await
    }

    /// Returns the draft of this form about this appointment; none if the form was last used for another one, or long
    /// ago.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn typed<T: DeserializeOwned + Default>(
        &self,
        form: &'static str,
        reference: &str,
    ) -> Result<T, AppError> {
        let kept: Option<Kept<T>> = self.get(form).await?;
        Ok(kept
            .filter(|kept| kept.reference == reference && kept.at >= self.oldest_draft())
            .map(|kept| kept.typed)
            .unwrap_or_default())
    }

    /// Keeps it for [`Self::typed`].
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn keep_typed<T: Serialize>(
        &self,
        form: &'static str,
        reference: String,
        typed: T,
    ) -> Result<(), AppError> {
        let at = self.now.as_second();
        self.set(form, Kept { reference, typed, at }).await
    }

    /// Ends a try of a form: what was typed is kept for the next one where it was refused, and forgotten where it was
    /// done.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn settle_typed<T: Serialize, R>(
        &self,
        form: &'static str,
        reference: String,
        typed: T,
        result: &Result<R, AppError>,
    ) -> Result<(), AppError> {
        match result {
            Ok(_) => self.forget_typed(form).await,
            Err(_) => self.keep_typed(form, reference, typed).await,
        }
    }

    /// Forgets what was typed into this form.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn forget_typed(&self, form: &'static str) -> Result<(), AppError> {
        self.remove(form).await
    }

    /// The clinic whose day or week this browser looked at last.
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn clinic(&self) -> Result<Option<i64>, AppError> {
        self.get(CLINIC).await
    }

    /// Remembers it for [`Self::clinic`].
    ///
    /// # Errors
    /// `UNAVAILABLE`.
    pub async fn remember_clinic(&self, clinic_id: i64) -> Result<(), AppError> {
        self.set(CLINIC, clinic_id).await
    }

    pub async fn challenge(&self) -> Result<Option<Challenge>, AppError> {
        self.get(CHALLENGE).await
    }

    pub async fn set_challenge(&self, challenge: Challenge) -> Result<(), AppError> {
        self.set(CHALLENGE, challenge).await
    }
}

fn unavailable(error: &tower_sessions::session::Error) -> AppError {
    tracing::error!(%error, "the session could not be read or written");
    AppError::Unavailable
}
