//! What a doctor is told of a calendar elsewhere.

use jiff::Timestamp;

use super::{Settings, minutes_left, words_of};
use crate::{
    database::{Failure, Tx},
    i18n::Texts,
    notification::{
        calendar::reached,
        claimed::Claimed,
        kind::Kind,
        letter::{Letter, Link},
        wording::Wording,
        words,
    },
};

/// Tells a doctor that a calendar needs a hand. Which one, and of whom an appointment is, is on the page.
pub(super) async fn calendar(
    tx: &mut Tx,
    claimed: &Claimed,
    settings: &Settings,
    now: Timestamp,
) -> Result<Option<Letter>, Failure> {
    let Some(recipient) = reached(tx, claimed).await? else {
        return Ok(None);
    };
    let wording = match claimed.kind {
        Kind::CalendarPaused => Wording::CalendarPaused,
        _ => Wording::CalendarAsks,
    };
    let words = words_of(tx, wording, claimed).await?;
    let said = words::say(&words, claimed.channel, &[]);
    let link = settings.public_url.as_ref().map(|url| Link {
        label: Texts::of(claimed.locale).text("message-link-calendars"),
        address: format!("{url}/doctor/calendars"),
    });
    Ok(Some(Letter {
        name: claimed.name(),
        kind: claimed.kind,
        channel: claimed.channel,
        recipient,
        locale: claimed.locale,
        subject: said.subject,
        paragraphs: said.paragraphs,
        links: link.into_iter().collect(),
        values: Vec::new(),
        calendars: Vec::new(),
        unsubscribe: None,
        minutes: minutes_left(claimed, now),
    }))
}
