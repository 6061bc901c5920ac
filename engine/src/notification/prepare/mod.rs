//! Putting a claimed message into words: of what is so at this moment, and only if it still is.

mod appointment;
mod calendar;
mod stay;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use self::{appointment::appointment, calendar::calendar, stay::stay};
use super::{
    about,
    claimed::Claimed,
    finish::End,
    kind::{Channel, Kind, Trouble},
    letter::{Letter, Link},
    links::{self, Purpose},
    offer as offers, payment as payments, stops,
    wording::{self, Wording, Words, shipped},
    words,
};
use crate::{
    database::{Failure, Tx},
    i18n::Texts,
    time::plus_minutes,
};

/// What an installation says about its messages.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where the pages are, such as `https://clinic.example`: the only source of links. Without it there are none.
    pub public_url: Option<String>,
    /// The address that e-mails come from.
    pub from_address: Option<String>,
    /// Whether messages to phones go by WhatsApp, to which people agree by itself.
    pub is_whatsapp: bool,
    /// Most messages to one recipient, and to phones altogether, within a day; 0 is no limit.
    pub per_recipient: u32,
    pub per_day: u32,
}

impl Settings {
    /// What somebody agrees to who is reminded by this way: the word of the purpose in `consents`.
    fn purpose(&self, channel: Channel) -> &'static str {
        match channel {
            Channel::Sms if self.is_whatsapp => "reminders_whatsapp",
            Channel::Sms => "reminders_sms",
            Channel::Email => "reminders_email",
        }
    }
}

/// A message that was looked at once more.
#[derive(Debug)]
pub enum Prepared {
    Ready(Box<Letter>),
    /// It is not sent, and why is written down.
    Over(End),
    /// The claim has ended: somebody else has it.
    Lost,
}

/// Puts a claimed message into words.
///
/// # Errors
/// Those of the database.
pub async fn prepare(
    tx: &mut Tx,
    claimed: &Claimed,
    settings: &Settings,
    now: Timestamp,
) -> Result<Prepared, Failure> {
    let is_ours = sqlx::query_scalar!(
        r#"select exists (select from messages where id = $1 and claimed_by = $2) as "is_ours!""#,
        claimed.id,
        claimed.claim
    )
    .fetch_one(&mut **tx)
    .await?;
    if !is_ours {
        return Ok(Prepared::Lost);
    }
    if let Some(trouble) = stops::find(tx, &claimed.recipient, claimed.kind).await? {
        return Ok(Prepared::Over(End::Suppressed(trouble)));
    }
    if let Some(trouble) = over_a_cap(tx, claimed, settings, now).await? {
        return Ok(Prepared::Over(End::Failed(trouble)));
    }
    let over = |trouble| Prepared::Over(End::Suppressed(trouble));
    let letter = match claimed.kind {
        kind if kind.is_written() => Some(written(claimed, now)),
        Kind::ConfirmEmail => confirm_email(tx, claimed, settings, now).await?,
        Kind::DoctorsDay => doctors_day(tx, claimed, settings, now).await?,
        Kind::PatientWrote => patient_wrote(tx, claimed, settings, now).await?,
        Kind::CalendarPaused | Kind::CalendarAsks => calendar(tx, claimed, settings, now).await?,
        Kind::TimeKept
        | Kind::TimeFree
        | Kind::TimeOverlaps
        | Kind::SessionMoved
        | Kind::SessionCancelled => offer(tx, claimed, settings, now).await?,
        Kind::StayBooked | Kind::StayChanged | Kind::StayCancelled | Kind::StayReminder => {
            stay(tx, claimed, settings, now).await?
        }
        Kind::Paid | Kind::PaymentLate | Kind::PaidBack => payment(tx, claimed, settings, now).await?,
        Kind::Test => None,
        _ => match appointment(tx, claimed, settings, now).await? {
            Ok(letter) => Some(letter),
            Err(trouble) => return Ok(over(trouble)),
        },
    };
    Ok(match letter {
        Some(letter) => Prepared::Ready(Box::new(letter)),
        None => over(Trouble::NoLongerTrue),
    })
}

const DAY_MINUTES: i64 = 24 * 60;

/// The cap that one more message would go over.
async fn over_a_cap(
    tx: &mut Tx,
    claimed: &Claimed,
    settings: &Settings,
    now: Timestamp,
) -> Result<Option<Trouble>, Failure> {
    let since = plus_minutes(now, -DAY_MINUTES).to_sqlx();
    if settings.per_recipient > 0 {
        let most = i64::from(settings.per_recipient);
        let sent = sqlx::query_scalar!(
            r#"select count(*) as "count!" from (
                   select from messages where recipient = $1 and sent_at > $2 limit $3) as recent"#,
            claimed.recipient,
            since as _,
            most,
        )
        .fetch_one(&mut **tx)
        .await?;
        if sent >= most {
            return Ok(Some(Trouble::RecipientCap));
        }
    }
    // What costs money, and what a stranger can make a clinic send.
    if settings.per_day > 0 && claimed.channel == Channel::Sms {
        let most = i64::from(settings.per_day);
        let sent = sqlx::query_scalar!(
            r#"select count(*) as "count!" from (
                   select from messages where channel = 'sms' and sent_at > $1 limit $2) as recent"#,
            plus_minutes(now, -DAY_MINUTES).to_sqlx() as _,
            most,
        )
        .fetch_one(&mut **tx)
        .await?;
        if sent >= most {
            return Ok(Some(Trouble::DayCap));
        }
    }
    Ok(None)
}

fn minutes_left(claimed: &Claimed, now: Timestamp) -> i64 {
    (claimed.not_after.as_second() - now.as_second())
        .div_euclid(60)
        .max(1)
}

/// The code in a text: no other digits in it are as many.
fn code_in(body: &str) -> String {
    body.split(|sign: char| !sign.is_ascii_digit())
        .find(|digits| digits.len() == CODE_DIGITS)
        .unwrap_or_default()
        .to_owned()
}

/// The digits of a code.
const CODE_DIGITS: usize = 6;

/// The words of a text: the clinic's own where it has some that can be sent, and else those that are shipped.
async fn words_of(tx: &mut Tx, wording: Wording, claimed: &Claimed) -> Result<Words, Failure> {
    let own = wording::find(tx, wording, claimed.locale).await?;
    Ok(own.unwrap_or_else(|| shipped(wording, claimed.locale)))
}

/// A message whose words were written with its row.
fn written(claimed: &Claimed, now: Timestamp) -> Letter {
    let values = match claimed.kind {
        Kind::Code => vec![code_in(&claimed.body)],
        _ => Vec::new(),
    };
    Letter {
        name: claimed.name(),
        kind: claimed.kind,
        channel: claimed.channel,
        recipient: claimed.recipient.clone(),
        locale: claimed.locale,
        subject: match (claimed.channel, claimed.subject.as_str()) {
            (Channel::Sms, _) => String::new(),
            (Channel::Email, "") => Texts::of(claimed.locale).text("message-code-subject"),
            (Channel::Email, subject) => subject.to_owned(),
        },
        paragraphs: match claimed.channel {
            Channel::Sms => vec![claimed.body.clone()],
            Channel::Email => claimed.body.split("\n\n").map(ToOwned::to_owned).collect(),
        },
        links: Vec::new(),
        values,
        calendars: Vec::new(),
        unsubscribe: None,
        minutes: minutes_left(claimed, now),
    }
}

/// Asks whether an address is a patient's, as long as they have not said otherwise.
async fn confirm_email(
    tx: &mut Tx,
    claimed: &Claimed,
    settings: &Settings,
    now: Timestamp,
) -> Result<Option<Letter>, Failure> {
    let is_asked = sqlx::query_scalar!(
        r#"select exists (
               select from patients where id = $1 and email = $2 and email_confirmed_at is null and active
           ) as "is_asked!""#,
        claimed.patient_id,
        claimed.recipient,
    )
    .fetch_one(&mut **tx)
    .await?;
    let (true, Some(url)) = (is_asked, &settings.public_url) else {
        return Ok(None);
    };
    let secret = links::make(
        tx,
        (claimed.id, None),
        Purpose::Email,
        plus_minutes(now, DAY_MINUTES),
    )
    .await?;
    let texts = Texts::of(claimed.locale);
    let words = words_of(tx, Wording::ConfirmEmail, claimed).await?;
    let said = words::say(&words, claimed.channel, &[]);
    Ok(Some(Letter {
        name: claimed.name(),
        kind: claimed.kind,
        channel: claimed.channel,
        recipient: claimed.recipient.clone(),
        locale: claimed.locale,
        subject: said.subject,
        paragraphs: said.paragraphs,
        links: vec![Link {
            label: texts.text("message-link-email"),
            address: format!("{url}{}", links::email_path(&secret)),
        }],
        values: Vec::new(),
        calendars: Vec::new(),
        unsubscribe: None,
        minutes: minutes_left(claimed, now),
    }))
}

/// What a doctor has to do on a day: how much, from when to when. Who comes is on the page.
async fn doctors_day(
    tx: &mut Tx,
    claimed: &Claimed,
    settings: &Settings,
    now: Timestamp,
) -> Result<Option<Letter>, Failure> {
    let Some(day) = about::load_day(tx, claimed).await? else {
        return Ok(None);
    };
    let texts = Texts::of(claimed.locale);
    let own = wording::find(tx, Wording::DoctorsDay, claimed.locale).await?;
    let said = words::about_day(own.as_ref(), &day, texts);
    let link = settings.public_url.as_ref().map(|url| Link {
        label: texts.text("message-link-day"),
        address: format!("{url}/doctor?date={}", day.date),
    });
    Ok(Some(Letter {
        name: claimed.name(),
        kind: claimed.kind,
        channel: claimed.channel,
        recipient: day.recipient,
        locale: claimed.locale,
        subject: said.subject,
        paragraphs: said.paragraphs,
        values: said.values,
        links: link.into_iter().collect(),
        calendars: Vec::new(),
        unsubscribe: None,
        minutes: minutes_left(claimed, now),
    }))
}

/// Tells a doctor that there is something to read. What it is, and of whom, is on the page.
async fn patient_wrote(
    tx: &mut Tx,
    claimed: &Claimed,
    settings: &Settings,
    now: Timestamp,
) -> Result<Option<Letter>, Failure> {
    let Some(written) = about::load_written(tx, claimed).await? else {
        return Ok(None);
    };
    let texts = Texts::of(claimed.locale);
    let link = settings.public_url.as_ref().map(|url| Link {
        label: texts.text("message-link-written"),
        address: format!("{url}/doctor/appointments/{}/consultation", written.reference),
    });
    let words = words_of(tx, Wording::PatientWrote, claimed).await?;
    let said = words::say(
        &words,
        claimed.channel,
        &[("reference", written.reference.clone())],
    );
    Ok(Some(Letter {
        name: claimed.name(),
        kind: claimed.kind,
        channel: claimed.channel,
        recipient: written.recipient,
        locale: claimed.locale,
        subject: said.subject,
        paragraphs: said.paragraphs,
        values: vec![written.reference],
        links: link.into_iter().collect(),
        calendars: Vec::new(),
        unsubscribe: None,
        minutes: minutes_left(claimed, now),
    }))
}

/// Tells somebody on the waitlist of a time, as long as it is kept for them, or free for everybody, and what else is said to them. The link shows it; only a
/// button takes it.
async fn offer(
    tx: &mut Tx,
    claimed: &Claimed,
    settings: &Settings,
    now: Timestamp,
) -> Result<Option<Letter>, Failure> {
    let Some(offered) = offers::load(tx, claimed, now).await? else {
        return Ok(None);
    };
    let texts = Texts::of(claimed.locale);
    let wording = match claimed.kind {
        Kind::TimeKept => Wording::TimeKept,
        Kind::TimeOverlaps => Wording::TimeOverlaps,
        Kind::SessionMoved => Wording::SessionMoved,
        Kind::SessionCancelled => Wording::SessionCancelled,
        _ => Wording::TimeFree,
    };
    let words = words_of(tx, wording, claimed).await?;
    let said = words::about_offer(&words, claimed.channel, &offered, texts);
    let link = match &settings.public_url {
        Some(url) => {
            let secret = links::make(tx, (claimed.id, None), Purpose::Offer, offered.starts_at).await?;
            Some(Link {
                label: texts.text("message-link-offer"),
                address: format!("{url}{}", links::offer_path(&secret)),
            })
        }
        None => None,
    };
    Ok(Some(Letter {
        name: claimed.name(),
        kind: claimed.kind,
        channel: claimed.channel,
        recipient: offered.recipient,
        locale: claimed.locale,
        subject: said.subject,
        paragraphs: said.paragraphs,
        values: said.values,
        links: link.into_iter().collect(),
        calendars: Vec::new(),
        unsubscribe: None,
        minutes: minutes_left(claimed, now),
    }))
}

/// Tells somebody what became of a payment. The page that the link leads to is for who has signed in.
async fn payment(
    tx: &mut Tx,
    claimed: &Claimed,
    settings: &Settings,
    now: Timestamp,
) -> Result<Option<Letter>, Failure> {
    let Some(paid) = payments::load(tx, claimed).await? else {
        return Ok(None);
    };
    let texts = Texts::of(claimed.locale);
    let wording = match claimed.kind {
        Kind::Paid => Wording::Paid,
        Kind::PaymentLate => Wording::PaymentLate,
        _ => Wording::PaidBack,
    };
    let words = words_of(tx, wording, claimed).await?;
    let said = words::about_payment(&words, claimed.channel, &paid, texts);
    let link = settings.public_url.as_ref().map(|url| Link {
        label: texts.text("message-link-payment"),
        address: format!("{url}/payments/{}", paid.payment_id),
    });
    Ok(Some(Letter {
        name: claimed.name(),
        kind: claimed.kind,
        channel: claimed.channel,
        recipient: paid.recipient,
        locale: claimed.locale,
        subject: said.subject,
        paragraphs: said.paragraphs,
        values: said.values,
        links: link.into_iter().collect(),
        calendars: Vec::new(),
        unsubscribe: None,
        minutes: minutes_left(claimed, now),
    }))
}

#[cfg(test)]
mod tests {
    use super::code_in;

    #[test]
    fn a_code_is_found_among_other_digits() {
        assert_eq!(
            code_in("271828 is your code. It is valid for 10 minutes."),
            "271828"
        );
        assert_eq!(code_in("Klinik 24 Jam: kode 271828, 10 menit."), "271828");
        assert_eq!(code_in("no code"), "");
    }
}
