//! A message about an appointment, or about a visit of several.

use jiff::Timestamp;

use super::{DAY_MINUTES, Settings, minutes_left, words_of};
use crate::{
    account::Role,
    database::{Failure, Tx},
    i18n::Texts,
    ical::{
        event_of,
        ics::{self, Method, Telling},
    },
    notification::{
        about::{self, About},
        claimed::Claimed,
        kind::{Channel, Kind, Trouble},
        letter::{CalendarPart, Letter, Link},
        links::{self, Purpose},
        visit::{self, Part, Told},
        words::{self, Moment, moment},
    },
    time::plus_minutes,
};

/// A message about an appointment, or about the visit that it is a part of, if what it says is still so; else why it is not
/// said.
pub(super) async fn appointment(
    tx: &mut Tx,
    claimed: &Claimed,
    settings: &Settings,
    now: Timestamp,
) -> Result<Result<Letter, Trouble>, Failure> {
    let Some(about) = about::load(tx, claimed, settings.purpose(claimed.channel)).await? else {
        return Ok(Err(Trouble::NoLongerTrue));
    };
    let (Some(recipient), Some(wording)) = (
        about.recipient(claimed.channel),
        words::wording_of(claimed.kind, &about),
    ) else {
        return Ok(Err(Trouble::NoLongerTrue));
    };
    if claimed.kind.is_optional() && !about.wants_reminders || !about.is_active {
        return Ok(Err(Trouble::NoLongerTrue));
    }
    let told = match about.visit_id.filter(|_| visit::is_told_together(claimed.kind)) {
        Some(visit_id) => visit::gather(tx, claimed, &about, visit_id, now).await?,
        None if about.is_still_so(claimed, now) => Told::Of(Vec::new()),
        None => Told::NotSo,
    };
    let parts = match told {
        Told::Of(parts) => parts,
        Told::Elsewhere => return Ok(Err(Trouble::ToldTogether)),
        Told::NotSo => return Ok(Err(Trouble::NoLongerTrue)),
    };
    let texts = Texts::of(claimed.locale);
    // One that is left of a visit is spoken of as any other.
    let said = match parts.as_slice() {
        [] | [_] => {
            let words = words_of(tx, wording, claimed).await?;
            words::about_appointment(&words, claimed.kind, claimed.channel, &about, texts)
        }
        parts => {
            let words = words_of(tx, wording.of_visit(), claimed).await?;
            words::about_visit(&words, claimed.kind, claimed.channel, (&about, parts), texts)
        }
    };
    let spoken_of: Vec<Spoken> = match parts.as_slice() {
        [] => vec![Spoken {
            id: about.id,
            starts_at: about.starts_at,
            was_promised: about.was_promised,
            name: None,
        }],
        parts => parts
            .iter()
            .map(|part| Spoken::of(part, parts.len(), texts))
            .collect(),
    };
    let links = links_of(tx, claimed, &about, &spoken_of, (settings, texts), now).await?;
    let unsubscribe = match &settings.public_url {
        Some(url) if claimed.kind.is_optional() && claimed.channel == Channel::Email => {
            let until = plus_minutes(now, 30 * DAY_MINUTES);
            let secret = links::make(tx, (claimed.id, None), Purpose::Unsubscribe, until).await?;
            Some(format!("{url}{}", links::unsubscribe_path(&secret)))
        }
        _ => None,
    };
    let mut calendars = Vec::new();
    for spoken in &spoken_of {
        let calendar = calendar(tx, claimed, &about, spoken, &recipient, (settings, texts), now);
        calendars.extend(calendar.await?);
    }
    Ok(Ok(Letter {
        name: claimed.name(),
        kind: claimed.kind,
        channel: claimed.channel,
        recipient,
        locale: claimed.locale,
        subject: said.subject,
        paragraphs: said.paragraphs,
        values: said.values,
        links,
        calendars,
        unsubscribe,
        minutes: minutes_left(claimed, now),
    }))
}

/// An appointment that a message speaks of.
struct Spoken {
    id: i64,
    starts_at: Timestamp,
    was_promised: bool,
    /// When it is, where there are others.
    name: Option<String>,
}

impl Spoken {
    fn of(part: &Part, count: usize, texts: Texts) -> Self {
        let at = Moment {
            at: part.starts_at,
            zone: &part.zone,
        };
        Self {
            id: part.id,
            starts_at: part.starts_at,
            was_promised: part.was_promised,
            name: (count > 1).then(|| moment(at, Channel::Sms, texts)),
        }
    }
}

/// The links of a message: to what can be done about the appointment, to where a new time is found, or to its page. A mail about
/// a visit has one for each of its appointments; a text to a phone has that of the first.
async fn links_of(
    tx: &mut Tx,
    claimed: &Claimed,
    about: &About,
    spoken_of: &[Spoken],
    (settings, texts): (&Settings, Texts),
    now: Timestamp,
) -> Result<Vec<Link>, Failure> {
    let Some(url) = &settings.public_url else {
        return Ok(Vec::new());
    };
    let (label, path) = match claimed.kind {
        Kind::Declined | Kind::Cancelled | Kind::Expired => ("message-link-again", "/".to_owned()),
        Kind::PrescriptionReady | Kind::RatingAsked => {
            ("message-link-page", format!("/appointments/{}", about.reference))
        }
        Kind::DoctorWrote => (
            "message-link-written",
            format!("/appointments/{}/consultation", about.reference),
        ),
        _ => return links_to_act(tx, claimed, spoken_of, (url, texts), now).await,
    };
    Ok(vec![Link {
        label: texts.text(label),
        address: format!("{url}{path}"),
    }])
}

async fn links_to_act(
    tx: &mut Tx,
    claimed: &Claimed,
    spoken_of: &[Spoken],
    (url, texts): (&str, Texts),
    now: Timestamp,
) -> Result<Vec<Link>, Failure> {
    let most = match claimed.channel {
        Channel::Sms => 1,
        Channel::Email => spoken_of.len(),
    };
    let mut links = Vec::new();
    for spoken in spoken_of
        .iter()
        .filter(|spoken| spoken.starts_at > now)
        .take(most)
    {
        let of = (claimed.id, Some(spoken.id));
        let secret = links::make(tx, of, Purpose::Appointment, spoken.starts_at).await?;
        let label = texts.text("message-link-appointment");
        links.push(Link {
            label: match &spoken.name {
                Some(name) => format!("{name}: {label}"),
                None => label,
            },
            address: format!("{url}{}", links::appointment_path(&secret)),
        });
    }
    Ok(links)
}

/// What a calendar program is told by a mail: what was promised, moved or taken back. A request that nobody has answered is
/// told to none.
async fn calendar(
    tx: &mut Tx,
    claimed: &Claimed,
    about: &About,
    spoken: &Spoken,
    recipient: &str,
    (settings, texts): (&Settings, Texts),
    now: Timestamp,
) -> Result<Option<CalendarPart>, Failure> {
    let method = match claimed.kind {
        Kind::Confirmed => Method::Request,
        Kind::Moved if about.is_promised() => Method::Request,
        Kind::Cancelled if spoken.was_promised => Method::Cancel,
        _ => return Ok(None),
    };
    let (Channel::Email, Some(from)) = (claimed.channel, &settings.from_address) else {
        return Ok(None);
    };
    let Some((event, installation)) = event_of(tx, spoken.id).await? else {
        return Ok(None);
    };
    let telling = Telling {
        role: Role::Patient,
        details: false,
        texts,
        origin: settings.public_url.clone(),
        installation,
    };
    Ok(Some(CalendarPart {
        method,
        text: ics::invitation(&event, &telling, method, (from, recipient), now),
    }))
}
