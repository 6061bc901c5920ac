//! A message about a stay.

use jiff::Timestamp;

use super::{DAY_MINUTES, Settings, minutes_left, words_of};
use crate::{
    database::{Failure, Tx},
    i18n::Texts,
    notification::{
        claimed::Claimed,
        kind::{Channel, Kind},
        letter::{Letter, Link},
        links::{self, Purpose},
        stay::{self, ToldStay},
        words,
    },
    time::{first_instant, plus_minutes},
};

/// Tells somebody of a stay, as long as it is so. The link shows it; only a button cancels it.
pub(super) async fn stay(
    tx: &mut Tx,
    claimed: &Claimed,
    settings: &Settings,
    now: Timestamp,
) -> Result<Option<Letter>, Failure> {
    let Some(told) = stay::load(tx, claimed, settings.purpose(claimed.channel), now).await? else {
        return Ok(None);
    };
    let Some(wording) = words::wording_of_stay(claimed.kind, told.by) else {
        return Ok(None);
    };
    let texts = Texts::of(claimed.locale);
    let words = words_of(tx, wording, claimed).await?;
    let said = words::about_stay(&words, claimed.channel, &told, texts);
    let (mut links, mut unsubscribe) = (Vec::new(), None);
    if let Some(url) = &settings.public_url {
        links.push(link(tx, claimed, &told, (url, texts), now).await?);
        if claimed.kind.is_optional() && claimed.channel == Channel::Email {
            let until = plus_minutes(now, 30 * DAY_MINUTES);
            let secret = links::make(tx, (claimed.id, None), Purpose::Unsubscribe, until).await?;
            unsubscribe = Some(format!("{url}{}", links::unsubscribe_path(&secret)));
        }
    }
    Ok(Some(Letter {
        name: claimed.name(),
        kind: claimed.kind,
        channel: claimed.channel,
        recipient: told.recipient,
        locale: claimed.locale,
        subject: said.subject,
        paragraphs: said.paragraphs,
        values: said.values,
        links,
        calendars: Vec::new(),
        unsubscribe,
        minutes: minutes_left(claimed, now),
    }))
}

/// The link of a message: to the stay until it is over, and to all rooms where it was cancelled.
async fn link(
    tx: &mut Tx,
    claimed: &Claimed,
    told: &ToldStay,
    (url, texts): (&str, Texts),
    now: Timestamp,
) -> Result<Link, Failure> {
    if claimed.kind == Kind::StayCancelled {
        return Ok(Link {
            label: texts.text("message-link-rooms"),
            address: format!("{url}/rooms"),
        });
    }
    // Until the evening of the departure.
    let until = first_instant(told.departure, 0, &told.zone).unwrap_or(now);
    let until = plus_minutes(until, DAY_MINUTES);
    let secret = links::make(tx, (claimed.id, None), Purpose::Stay, until).await?;
    Ok(Link {
        label: texts.text("message-link-stay"),
        address: format!("{url}{}", links::stay_path(&secret)),
    })
}
