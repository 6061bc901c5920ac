//! What a preview is filled in with: an appointment of the clinic that is to come, or else one that is made up.

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{Wording, Words, fill, filled};
use crate::{
    database::{Database, Failure, Reader},
    error::AppError,
    i18n::{Locale, Texts},
    money::Price,
    notification::{
        kind::Channel,
        links,
        words::{Moment, amount_text, moment, zone_word},
    },
    organisation::mode::mode_key,
    time::{clock, local_date, long_date, plus_minutes, short_date, shown_zone},
};

/// The length of a stay that is made up.
const STAY_MINUTES: i64 = 3 * 24 * 60;

/// How a text would go out.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Whether it is about an appointment of the clinic's.
    pub is_real: bool,
    wording: Wording,
    of_sms: Vec<(&'static str, String)>,
    of_mail: Vec<(&'static str, String)>,
    /// What follows a text to a phone by itself: a link, or nothing.
    link: String,
}

impl Sample {
    /// What placeholders of a text to a phone are filled in with.
    pub fn values(&self) -> &[(&'static str, String)] {
        &self.of_sms
    }

    /// The link that follows a text to a phone; empty where none does.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// The text as a phone would show it.
    pub fn sms(&self, words: &Words) -> String {
        let text = fill(&words.sms, &self.of_sms);
        match self.link.is_empty() {
            true => text,
            false => format!("{text} {}", self.link),
        }
    }

    pub fn subject(&self, words: &Words) -> String {
        fill(&words.subject, &self.of_mail)
    }

    /// The paragraphs of a mail.
    pub fn mail(&self, words: &Words) -> Vec<String> {
        filled(&words.mail, &self.of_mail)
    }

    pub fn wording(&self) -> Wording {
        self.wording
    }
}

/// The appointment that a preview speaks of.
struct Spoken {
    reference: String,
    starts_at: Timestamp,
    zone: TimeZone,
    is_at_clinic: bool,
    mode: &'static str,
    clinic: String,
    address: String,
    phone: String,
    doctor: String,
}

/// What a text is previewed with: the next appointment of the clinic that is confirmed, or one that is made up where there is
/// none. `url` is where the pages are.
///
/// # Errors
/// Those of the database.
pub async fn sample(
    database: &Database,
    wording: Wording,
    locale: Locale,
    url: Option<&str>,
    now: Timestamp,
) -> Result<Sample, AppError> {
    let found = match wording.is_of_stay() {
        // It speaks of appointments.
        true => None,
        false => {
            let next = database.read("messages.sample", move |connection| next(connection, now));
            next.await?
        }
    };
    let texts = Texts::of(locale);
    let is_real = found.is_some();
    let spoken = found.unwrap_or_else(|| Spoken {
        reference: "K7QM-4D2P".to_owned(),
        starts_at: plus_minutes(now, 2 * 24 * 60),
        zone: TimeZone::UTC,
        is_at_clinic: true,
        mode: "mode-in-person",
        clinic: texts.text("message-text-sample-clinic"),
        address: texts.text("message-text-sample-address"),
        phone: "+62 21 555 0100".to_owned(),
        doctor: texts.text("message-text-sample-doctor"),
    });
    let values = |channel| values_of(wording, &spoken, channel, texts);
    Ok(Sample {
        is_real,
        wording,
        of_sms: values(Channel::Sms),
        of_mail: values(Channel::Email),
        link: url.map_or_else(String::new, |url| link(wording, &spoken.reference, url)),
    })
}

async fn next(mut connection: Reader, now: Timestamp) -> Result<Option<Spoken>, Failure> {
    let row = sqlx::query!(
        "select reference, starts_at, time_zone, mode, clinics.name as clinic, clinics.address, clinics.phone,
                doctors.name as doctor
         from appointments
         join clinics on clinics.id = clinic_id
         join doctors on doctors.id = doctor_id
         where status = 'confirmed' and starts_at > $1 and doctors.id <> 0
         order by starts_at, appointments.id
         limit 1",
        now.to_sqlx(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    Ok(row.map(|row| Spoken {
        reference: row.reference,
        starts_at: row.starts_at.to_jiff(),
        zone: shown_zone(&row.time_zone),
        is_at_clinic: row.mode == "in_person",
        mode: mode_key(&row.mode),
        clinic: row.clinic,
        address: row.address,
        phone: row.phone,
        doctor: row.doctor,
    }))
}

fn values_of(
    wording: Wording,
    spoken: &Spoken,
    channel: Channel,
    texts: Texts,
) -> Vec<(&'static str, String)> {
    let (at, zone) = (spoken.starts_at, &spoken.zone);
    let hour = clock(at, zone, texts.locale());
    let place = match spoken.is_at_clinic {
        true => spoken.address.clone(),
        false => texts.text(spoken.mode),
    };
    let date = |at| match (local_date(at, zone), channel) {
        (date, Channel::Sms) => short_date(date, texts),
        (date, Channel::Email) => long_date(date, texts),
    };
    let value = |name: &str| match name {
        "code" => "123456".to_owned(),
        "minutes" => "10".to_owned(),
        "until" => hour.clone(),
        "when" => moment(Moment { at, zone }, channel, texts),
        "place" => place.clone(),
        "parts" => format!(
            "{}, {place}, {}",
            moment(Moment { at, zone }, channel, texts),
            spoken.reference
        ),
        "reference" => spoken.reference.clone(),
        "phone" => spoken.phone.clone(),
        "date" => long_date(local_date(at, zone), texts),
        "arrival" => date(at),
        "departure" => date(plus_minutes(at, STAY_MINUTES)),
        "times" | "first" => hour.clone(),
        "last" => format!("{hour} {}", zone_word(at, zone)),
        "zone" => zone_word(at, zone),
        "clinic" => spoken.clinic.clone(),
        "doctor" => spoken.doctor.clone(),
        "reason" => texts.text("message-text-sample-reason"),
        "count" => "1".to_owned(),
        "receipt" => "1024".to_owned(),
        "amount" => amount_text(
            &Price {
                minor: 15_000_000,
                currency: "IDR".to_owned(),
            },
            texts,
        ),
        _ => String::new(),
    };
    (wording.placeholders().iter())
        .map(|name| (*name, value(name)))
        .collect()
}

/// The link that follows a text by itself, as long as a real one.
fn link(wording: Wording, reference: &str, url: &str) -> String {
    match wording {
        Wording::Code | Wording::DayCancelled | Wording::ConfirmEmail => String::new(),
        Wording::Declined
        | Wording::CancelledByClinic
        | Wording::CancelledByPatient
        | Wording::VisitDeclined
        | Wording::VisitCancelledByClinic
        | Wording::VisitCancelledByPatient
        | Wording::VisitExpired
        | Wording::Expired => format!("{url}/"),
        Wording::PrescriptionReady | Wording::RatingAsked => format!("{url}/appointments/{reference}"),
        Wording::DoctorWrote => format!("{url}/appointments/{reference}/consultation"),
        Wording::PatientWrote => format!("{url}/doctor/appointments/{reference}/consultation"),
        Wording::DoctorsDay => format!("{url}/doctor"),
        Wording::CalendarPaused | Wording::CalendarAsks => format!("{url}/doctor/calendars"),
        Wording::Paid | Wording::PaymentLate | Wording::PaidBack => format!("{url}/payments/1024"),
        Wording::TimeKept
        | Wording::TimeFree
        | Wording::TimeOverlaps
        | Wording::SessionMoved
        | Wording::SessionCancelled => {
            format!("{url}{}", links::sample_offer_path())
        }
        Wording::StayBooked | Wording::StayChanged | Wording::StayReminder => {
            format!("{url}{}", links::sample_stay_path())
        }
        Wording::StayCancelledByClinic | Wording::StayCancelledByPatient => format!("{url}/rooms"),
        _ => format!("{url}{}", links::sample_path()),
    }
}
