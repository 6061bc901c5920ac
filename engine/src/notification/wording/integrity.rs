//! The rule that texts of messages keep.

use crate::{
    database::Failure,
    integrity::{Checks, Integrity, Rule},
};

/// The words and the version of a text are those of its newest change.
pub const TEXT_UNLIKE_ITS_HISTORY: Rule = Rule::new("text_unlike_its_history");

/// The rules of texts of messages.
pub const TEXTS: Integrity = Integrity {
    rules: &[TEXT_UNLIKE_ITS_HISTORY],
    guards: &[],
    check: |checks| Box::pin(texts_are_like_their_history(checks)),
};

async fn texts_are_like_their_history(checks: &mut Checks) -> Result<(), Failure> {
    checks.refuse_late()?;
    let rows = sqlx::query!(
        r#"select wording, language, texts.version, newest.version as "newest?"
           from message_texts as texts
           left join lateral (
               select version, sms, subject, mail from message_text_changes
               where text_id = texts.id order by version desc limit 1
           ) as newest on true
           where texts.version <> coalesce(newest.version, 0)
              or (texts.sms, texts.subject, texts.mail) is distinct from (newest.sms, newest.subject, newest.mail)
           order by wording, language"#
    )
    .fetch_all(&mut *checks.tx)
    .await?;
    let said = rows
        .into_iter()
        .map(|row| {
            format!(
                "text {} ({}): version {}, in the history {}",
                row.wording,
                row.language,
                row.version,
                row.newest.unwrap_or_default()
            )
        })
        .collect();
    checks.found(TEXT_UNLIKE_ITS_HISTORY, said);
    Ok(())
}
