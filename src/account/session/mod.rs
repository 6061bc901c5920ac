//! Browser sessions: the store in PostgreSQL, and what a session remembers.

mod kept;
mod store;

use engine::{
    account::{
        secret::Holder,
        session::{SignedIn, random_token},
    },
    booking::Rules,
    error::AppError,
    time::plus_minutes,
};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use tower_sessions::Session;

use self::{
    kept::{
        CHALLENGE, CLINIC, DRAFT, Kept, PROVED_AT, SECOND_STEP, SIGNED_IN, SIGNED_IN_AT, SIGNED_IN_FROM,
        UNSENT, VISITOR,
    },
    store::hash,
};
pub use self::{
    kept::{Challenge, Draft, SecondStep, SignedInFrom, Unsent},
    store::{Store, answer_from},
};

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
