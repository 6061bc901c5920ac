//! Answers as they are spoken: one or two sentences, with dates and times in words.

mod number;

use jiff::{Timestamp, civil, tz::TimeZone};

use self::number::{day_of_month, number};
use super::{Answer, TimeSaid};
use crate::{
    i18n::{Locale, Texts},
    time,
};

/// The answer in words of the language of the call. It names the doctor and the time, and nobody else.
pub(super) fn say(answer: &Answer, texts: Texts) -> String {
    match answer {
        Answer::Times {
            times,
            on_another_day,
        } => {
            let said = listed("say-times", times, texts);
            match on_another_day {
                true => format!("{} {said}", texts.text("say-not-that-day")),
                false => said,
            }
        }
        Answer::WhichService { services } => asked("say-which-service", "services", services, texts),
        Answer::WhichDoctor { doctors } => asked("say-which-doctor", "doctors", doctors, texts),
        Answer::Held { time, minutes } => {
            let minutes = number(u8::try_from(*minutes).unwrap_or(99), texts.locale());
            texts.with(
                "say-held",
                &[
                    ("time", time_in_words(time, texts).into()),
                    ("minutes", minutes.into()),
                ],
            )
        }
        Answer::Booked { time, is_request, .. } => {
            let key = if *is_request {
                "say-requested"
            } else {
                "say-booked"
            };
            of_time(key, time, texts)
        }
        Answer::Taken { times } if times.is_empty() => texts.text("say-taken"),
        Answer::Taken { times } => {
            format!(
                "{} {}",
                texts.text("say-taken-now"),
                listed("say-times", times, texts)
            )
        }
        Answer::Appointments { appointments } if appointments.is_empty() => texts.text("say-no-appointments"),
        Answer::Appointments { appointments } => {
            let said: Vec<String> = appointments
                .iter()
                .map(|own| {
                    let time = time_in_words(&own.time, texts);
                    match own.is_request {
                        true => texts.with("say-still-asked", &[("time", time.into())]),
                        false => time,
                    }
                })
                .collect();
            texts.with(
                "say-appointments",
                &[("list", both("say-and", &said, texts).into())],
            )
        }
        Answer::Cancelled { time } => of_time("say-cancelled", time, texts),
        Answer::Moved { time, is_request } => {
            let key = if *is_request {
                "say-moved-request"
            } else {
                "say-moved"
            };
            of_time(key, time, texts)
        }
        plain => texts.text(&format!("say-{}", plain.kind().replace('_', "-"))),
    }
}

fn of_time(key: &str, time: &TimeSaid, texts: Texts) -> String {
    texts.with(
        key,
        &[
            ("time", time_in_words(time, texts).into()),
            ("service", time.service.clone().into()),
        ],
    )
}

/// A sentence with times to choose from.
fn listed(key: &str, times: &[TimeSaid], texts: Texts) -> String {
    let said: Vec<String> = times.iter().map(|time| time_in_words(time, texts)).collect();
    let count = i64::try_from(said.len()).unwrap_or(i64::MAX);
    texts.with(
        key,
        &[
            ("list", both("say-or", &said, texts).into()),
            ("count", count.into()),
        ],
    )
}

/// A question with names to choose from; one that leaves it open, where there are none or many.
fn asked(key: &str, name: &'static str, names: &[String], texts: Texts) -> String {
    match names.len() {
        1..=6 => texts.with(key, &[(name, both("say-or", names, texts).into())]),
        _ => texts.text(&format!("{key}-open")),
    }
}

/// Several things in a row, with the word before the last one.
fn both(key: &str, said: &[String], texts: Texts) -> String {
    match said {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => texts.with(
            key,
            &[("first", first.join(", ").into()), ("last", last.clone().into())],
        ),
    }
}

/// `on Tuesday, the first of December, at nine thirty in the morning with Dr. Sari Wijaya`.
pub fn time_in_words(time: &TimeSaid, texts: Texts) -> String {
    let zone = time::stored_zone(&time.zone).unwrap_or(TimeZone::UTC);
    let moment = moment_in_words(time.wanted.starts_at(), &zone, texts);
    match &time.doctor {
        Some(doctor) => texts.with(
            "say-time",
            &[("moment", moment.into()), ("doctor", doctor.clone().into())],
        ),
        None => texts.with("say-time-without-doctor", &[("moment", moment.into())]),
    }
}

fn moment_in_words(at: Timestamp, zone: &TimeZone, texts: Texts) -> String {
    let local = time::wall_time(at, zone);
    texts.with(
        "say-moment",
        &[
            ("date", date_in_words(local.date(), texts).into()),
            ("clock", clock_in_words(local.time(), texts.locale()).into()),
        ],
    )
}

/// `Tuesday, the first of December`, in the case in which it follows the word for *on*.
pub fn date_in_words(date: civil::Date, texts: Texts) -> String {
    texts.with(
        "say-date",
        &[
            ("weekday", texts.text(time::weekday_key(date.weekday())).into()),
            ("day", day_of_month(date.day(), texts.locale()).into()),
            ("month", month(date, texts).into()),
        ],
    )
}

fn month(date: civil::Date, texts: Texts) -> String {
    let named = time::month_and_year(date, texts);
    // The year is not said: nobody books that far ahead.
    match named.rsplit_once(' ') {
        Some((month, _)) => month.to_owned(),
        None => named,
    }
}

/// `nine thirty in the morning`, `neun Uhr dreißig`, `sembilan tiga puluh pagi`.
pub fn clock_in_words(at: civil::Time, locale: Locale) -> String {
    let (hour, minute) = (at.hour().unsigned_abs(), at.minute().unsigned_abs());
    match locale {
        Locale::En => {
            let part = match hour {
                0..=4 | 21.. => "at night",
                5..=11 => "in the morning",
                12..=16 => "in the afternoon",
                _ => "in the evening",
            };
            let hour = number(of_twelve(hour), locale);
            match minute {
                0 => format!("{hour} o'clock {part}"),
                1..=9 => format!("{hour} oh {} {part}", number(minute, locale)),
                _ => format!("{hour} {} {part}", number(minute, locale)),
            }
        }
        Locale::De => {
            let hour = match hour {
                1 => "ein".to_owned(),
                hour => number(hour, locale),
            };
            match minute {
                0 => format!("{hour} Uhr"),
                _ => format!("{hour} Uhr {}", number(minute, locale)),
            }
        }
        Locale::Id => {
            let part = match hour {
                0..=3 | 18.. => "malam",
                4..=10 => "pagi",
                11..=14 => "siang",
                _ => "sore",
            };
            let hour = number(of_twelve(hour), locale);
            match minute {
                0 => format!("{hour} {part}"),
                _ => format!("{hour} lewat {} menit {part}", number(minute, locale)),
            }
        }
    }
}

/// The hour on a clock with twelve.
fn of_twelve(hour: u8) -> u8 {
    match hour % 12 {
        0 => 12,
        hour => hour,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::booking::Wanted;

    fn plain(text: &str) -> String {
        text.chars()
            .filter(|c| !matches!(c, '\u{2068}' | '\u{2069}'))
            .collect()
    }

    fn time(at: &str) -> TimeSaid {
        TimeSaid {
            wanted: Wanted {
                doctor_id: 1,
                clinic_id: 1,
                service_id: 1,
                starts_at: at.parse::<Timestamp>().unwrap().as_second(),
            },
            doctor: Some("Dr. Sari Wijaya".to_owned()),
            service: "Visit".to_owned(),
            zone: "Asia/Jakarta".to_owned(),
        }
    }

    #[test]
    fn times_are_said_in_the_words_of_each_language() {
        for (hour, minute, en, de, id) in [
            (
                9,
                30,
                "nine thirty in the morning",
                "neun Uhr dreißig",
                "sembilan lewat tiga puluh menit pagi",
            ),
            (9, 0, "nine o'clock in the morning", "neun Uhr", "sembilan pagi"),
            (
                13,
                5,
                "one oh five in the afternoon",
                "dreizehn Uhr fünf",
                "satu lewat lima menit siang",
            ),
            (1, 0, "one o'clock at night", "ein Uhr", "satu malam"),
            (
                12,
                0,
                "twelve o'clock in the afternoon",
                "zwölf Uhr",
                "dua belas siang",
            ),
            (
                0,
                45,
                "twelve forty-five at night",
                "null Uhr fünfundvierzig",
                "dua belas lewat empat puluh lima menit malam",
            ),
            (
                18,
                21,
                "six twenty-one in the evening",
                "achtzehn Uhr einundzwanzig",
                "enam lewat dua puluh satu menit malam",
            ),
        ] {
            let at = civil::time(hour, minute, 0, 0);
            for (locale, expected) in [(Locale::En, en), (Locale::De, de), (Locale::Id, id)] {
                assert_eq!(clock_in_words(at, locale), expected);
            }
        }
    }

    #[test]
    fn dates_are_said_in_the_words_of_each_language() {
        let date = civil::date(2026, 12, 1);
        for (locale, expected) in [
            (Locale::En, "Tuesday, the first of December"),
            (Locale::De, "Dienstag, dem ersten Dezember"),
            (Locale::Id, "Selasa, tanggal satu Desember"),
        ] {
            assert_eq!(plain(&date_in_words(date, Texts::of(locale))), expected);
        }
    }

    #[test]
    fn what_is_said_has_no_digits_and_no_brackets() {
        let times = vec![
            time("2026-12-01T02:30:00Z"),
            time("2026-12-02T03:00:00Z"),
            time("2026-12-31T08:45:00Z"),
        ];
        let own = super::super::Own {
            reference: "K7QM-4D2P".to_owned(),
            time: times[0].clone(),
            is_request: true,
        };
        let names = vec!["Check-up".to_owned(), "Vaccination".to_owned()];
        let all = [
            Answer::Times {
                times: times.clone(),
                on_another_day: true,
            },
            Answer::NoTimes,
            Answer::WhichService {
                services: names.clone(),
            },
            Answer::WhichService { services: Vec::new() },
            Answer::WhichDoctor { doctors: names },
            Answer::WhichDoctor { doctors: Vec::new() },
            Answer::Held {
                time: times[0].clone(),
                minutes: 10,
            },
            Answer::Booked {
                time: times[0].clone(),
                reference: "K7QM-4D2P".to_owned(),
                is_request: true,
            },
            Answer::Booked {
                time: times[0].clone(),
                reference: "K7QM-4D2P".to_owned(),
                is_request: false,
            },
            Answer::Taken { times: Vec::new() },
            Answer::Taken {
                times: times[..1].to_vec(),
            },
            Answer::Overlap,
            Answer::TooMany,
            Answer::PayFirst,
            Answer::Second,
            Answer::NameMissing,
            Answer::WhoFor,
            Answer::CodeSent,
            Answer::CodeWrong,
            Answer::NoCode,
            Answer::NumberMissing,
            Answer::Appointments {
                appointments: vec![own.clone(), own],
            },
            Answer::Appointments {
                appointments: Vec::new(),
            },
            Answer::Cancelled {
                time: times[0].clone(),
            },
            Answer::Moved {
                time: times[0].clone(),
                is_request: true,
            },
            Answer::Moved {
                time: times[0].clone(),
                is_request: false,
            },
            Answer::Cancelled {
                time: TimeSaid {
                    doctor: None,
                    ..times[0].clone()
                },
            },
            Answer::TooLate,
            Answer::NotFound,
            Answer::CallbackNoted,
            Answer::Closed,
            Answer::ClinicUnknown,
            Answer::Later,
            Answer::Trouble,
        ];
        for locale in Locale::ALL {
            for answer in &all {
                let said = plain(&say(answer, Texts::of(locale)));
                assert!(!said.starts_with("Unknown"), "{answer:?}: {said}");
                assert!(
                    !said.chars().any(|c| c.is_ascii_digit() || "{}[]\n".contains(c)),
                    "{said}"
                );
                assert!(said.ends_with(['.', '?']), "{said}");
                assert!(Answer::KINDS.contains(&answer.kind()));
            }
        }
        let said = plain(&say(&all[0], Texts::of(Locale::En)));
        assert_eq!(
            said,
            "There is no free time on that day. There are free times on Tuesday, the first of December, at nine thirty in the \
             morning with Dr. Sari Wijaya, on Wednesday, the second of December, at ten o'clock in the morning with Dr. Sari \
             Wijaya or on Thursday, the thirty-first of December, at three forty-five in the afternoon with Dr. Sari Wijaya. \
             Which one would you like?"
        );
    }
}
