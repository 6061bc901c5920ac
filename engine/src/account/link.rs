//! Links in mails by which somebody sets a password: 256 random bits, stored hashed, good for one
//! purpose, once, for some time, and only as long as what they were made for is still so (I7).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sha2::{Digest, Sha256};

use super::session::random_token;
use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
    time::plus_minutes,
};

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Choosing the first password of an account.
    Invitation,
    /// Choosing another password.
    Password,
}

impl Purpose {
    const ALL: [Self; 2] = [Self::Invitation, Self::Password];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Password => "password",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }

    /// The time for which a link is good, in minutes.
    pub fn lifetime_minutes(self) -> i64 {
        match self {
            Self::Invitation => 7 * 24 * 60,
            Self::Password => 30,
        }
    }
}

/// The configured address of this site, from which links are made: without one there are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Reads a scheme and a host, such as `https://clinic.example`, without a path.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('/');
        let host = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))?;
        let is_host = !host.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte));
        is_host.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the host, without its port.
    pub fn host(&self) -> &str {
        let host = self.0.split_once("://").map_or("", |(_, host)| host);
        match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        }
    }

    /// The link with this secret.
    pub(super) fn link(&self, secret: &str) -> String {
        format!("{}/link?key={secret}", self.0)
    }
}

impl std::fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// Makes a link and answers with its secret. An invitation stands in place of those before it. Links for another password
/// stand beside each other until one is used, so that a stranger who asks for one does not end the one that its owner is about
/// to follow. The caller has locked the account.
///
/// # Errors
/// Those of the database.
pub(super) async fn make(
    tx: &mut Tx,
    purpose: Purpose,
    staff_id: i64,
    bound_to: &str,
    now: Timestamp,
) -> Result<String, Failure> {
    if purpose == Purpose::Invitation {
        sqlx::query!(
            "delete from account_links where staff_id = $1 and purpose = $2",
            staff_id,
            purpose.as_str(),
        )
        .execute(&mut **tx)
        .await?;
    }
    let secret = random_token();
    sqlx::query!(
        "insert into account_links (hash, purpose, staff_id, bound_to, made_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        &hash(&secret),
        purpose.as_str(),
        staff_id,
        &Sha256::digest(bound_to).to_vec(),
        now.to_sqlx(),
        plus_minutes(now, purpose.lifetime_minutes()).to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(secret)
}

/// A link that somebody has followed and not used yet.
#[derive(Clone, Debug)]
pub struct Followed {
    pub purpose: Purpose,
    pub staff_id: i64,
    /// The name and the address that the account has.
    pub name: String,
    pub email: String,
}

/// Looks a link up, without using it: programs that read mails follow links, too. None where it is not good any more.
///
/// # Errors
/// Those of the database.
pub async fn follow(database: &Database, secret: &str, now: Timestamp) -> Result<Option<Followed>, AppError> {
    let hash = hash(secret);
    database
        .read("link.follow", move |mut connection| async move {
            let row = sqlx::query!(
                "select purpose, staff.id as staff_id, name, email
                 from account_links
                 join staff on staff.id = staff_id
                 where hash = $1 and expires_at > $2 and bound_to = sha256(convert_to(password_hash, 'UTF8'))",
                &hash,
                now.to_sqlx(),
            )
            .fetch_optional(&mut *connection)
            .await?;
            Ok(row.and_then(|row| {
                Some(Followed {
                    purpose: Purpose::parse(&row.purpose)?,
                    staff_id: row.staff_id,
                    name: row.name,
                    email: row.email,
                })
            }))
        })
        .await
}

/// Uses a link up: of several who do so at once, one. The caller has locked the account. `bound_to` is what the account has
/// now of what the link was made for.
///
/// # Errors
/// `NOT_FOUND` for a link that is not good, or not any more.
pub(super) async fn redeem(
    tx: &mut Tx,
    purpose: Purpose,
    staff_id: i64,
    (secret, bound_to): (&str, &str),
    now: Timestamp,
) -> Result<(), Failure> {
    let redeemed = sqlx::query!(
        "delete from account_links
         where hash = $1 and purpose = $2 and staff_id = $3 and bound_to = $4 and expires_at > $5",
        &hash(secret),
        purpose.as_str(),
        staff_id,
        &Sha256::digest(bound_to).to_vec(),
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    match redeemed.rows_affected() {
        0 => Err(AppError::NotFound.into()),
        _ => Ok(()),
    }
}

/// Deletes links that are good no more.
///
/// # Errors
/// Those of the database.
pub(super) async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!("delete from account_links where expires_at <= $1", now.to_sqlx())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_made_from_a_scheme_and_a_host() {
        for (text, host) in [
            ("https://clinic.example", "clinic.example"),
            (" https://clinic.example/ ", "clinic.example"),
            ("http://localhost:3000", "localhost"),
            ("http://[::1]:3000", "[::1]"),
            ("http://[::1]", "[::1]"),
        ] {
            let url = PublicUrl::parse(text).unwrap();
            assert_eq!(url.host(), host, "{text}");
            assert!(url.link("s").ends_with("/link?key=s"));
        }
        for text in [
            "",
            "clinic.example",
            "https://",
            "ftp://clinic.example",
            "https://clinic.example/path",
            "https://a b",
        ] {
            assert_eq!(PublicUrl::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_purpose_is_read_back() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::parse(purpose.as_str()), Some(purpose));
        }
    }
}
