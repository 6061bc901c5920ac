//! Finding free times, by what the caller said.

use jiff::{civil, tz::TimeZone};

use super::{Answer, MAX_SAID, PartOfDay, TimeSaid, open::plain, work::Work};
use crate::{
    availability::{AnyDoctor, Named, Offering, Window, first_free, free, offered},
    error::AppError,
    i18n::Locale,
    time::{Bound, local_date, wall_time},
};

/// The number of free times that are looked through for a part of the day.
const MOST_LOOKED_AT: usize = 300;

/// The first free times of a service, with any doctor or with one.
///
/// # Errors
/// Those of the database.
pub(super) async fn find_times(
    work: &Work<'_>,
    (service, doctor): (&str, &str),
    day: Option<civil::Date>,
    part: Option<PartOfDay>,
) -> Result<Answer, AppError> {
    let mut offers = offered(work.database, None).await?;
    offers.retain(|offer| offer.clinic_id == work.place.clinic_id);
    let Some(service_id) = service_meant(&offers, service) else {
        return Ok(Answer::WhichService {
            services: names(&offers, |offer| offer.service(work.locale).to_owned()),
        });
    };
    offers.retain(|offer| offer.service_id == service_id);
    if offers.iter().any(|offer| offer.paid_first().is_some()) {
        // No time is named that could not be booked then.
        return Ok(Answer::PayFirst);
    }
    let one = match doctor_meant(&offers, doctor) {
        Ok(one) => one.cloned(),
        Err(()) => {
            return Ok(Answer::WhichDoctor {
                doctors: names(&offers, |offer| offer.doctor_name.clone()),
            });
        }
    };
    let window = Window {
        from: day.map(Bound::Date),
        to: None,
    };
    let times = match one {
        Some(offer) => times_of(work, &offer, window, part).await,
        None => times_of_any(work, service_id, window, part).await,
    };
    let times = match times {
        Ok(times) => times,
        // A day of the past, or one that nobody can know of yet; or nobody offers it any more.
        Err(AppError::InvalidDateRange | AppError::NotFound) => Vec::new(),
        Err(error) => return Err(error),
    };
    let zone = &work.place.zone;
    let first = times
        .first()
        .map(|time| local_date(time.wanted.starts_at(), zone));
    Ok(match first {
        None => Answer::NoTimes,
        Some(first) => Answer::Times {
            on_another_day: day.is_some_and(|day| day != first),
            times,
        },
    })
}

async fn times_of_any(
    work: &Work<'_>,
    service_id: i64,
    window: Window,
    part: Option<PartOfDay>,
) -> Result<Vec<TimeSaid>, AppError> {
    let wanted = AnyDoctor {
        service: Named::Id(service_id),
        clinic_id: Some(work.place.clinic_id),
    };
    let most = if part.is_some() { MOST_LOOKED_AT } else { MAX_SAID };
    let found = first_free(work.database, wanted, window, most, work.now).await?;
    Ok(found
        .into_iter()
        .filter(|time| is_in(part, time.starts_at, &work.place.zone))
        .take(MAX_SAID)
        .map(|time| TimeSaid::new(&time.offering, time.starts_at, work.locale))
        .collect())
}

async fn times_of(
    work: &Work<'_>,
    offer: &Offering,
    window: Window,
    part: Option<PartOfDay>,
) -> Result<Vec<TimeSaid>, AppError> {
    let found = free(
        work.database,
        offer.doctor_id,
        offer.service_key.clone(),
        Some(offer.clinic_id),
        window,
        work.now,
    )
    .await?;
    let times = found.iter().flat_map(|free| {
        free.times
            .iter()
            .map(move |starts_at| TimeSaid::new(&free.offering, *starts_at, work.locale))
    });
    Ok(times
        .filter(|time| is_in(part, time.wanted.starts_at(), &work.place.zone))
        .take(MAX_SAID)
        .collect())
}

fn is_in(part: Option<PartOfDay>, at: jiff::Timestamp, zone: &TimeZone) -> bool {
    part.is_none_or(|part| part.has(wall_time(at, zone).time()))
}

/// The names of what is offered, each once.
fn names(offers: &[Offering], name: impl Fn(&Offering) -> String) -> Vec<String> {
    let mut names: Vec<String> = offers.iter().map(name).collect();
    names.sort();
    names.dedup();
    names
}

/// The service that somebody means: by its key, its name or a part of that in any language, or the only one there is. None
/// where it may be several.
fn service_meant(offers: &[Offering], said: &str) -> Option<i64> {
    let said = plain(said);
    let only = |mut ids: Vec<i64>| {
        ids.sort_unstable();
        ids.dedup();
        match ids[..] {
            [id] => Some(id),
            _ => None,
        }
    };
    let those = |is: &dyn Fn(&Offering) -> bool| {
        only(
            offers
                .iter()
                .filter(|offer| is(offer))
                .map(|offer| offer.service_id)
                .collect(),
        )
    };
    if said.is_empty() {
        return those(&|_| true);
    }
    let called = |offer: &Offering| {
        let names = Locale::ALL.map(|locale| plain(offer.service(locale)));
        [plain(&offer.service_name), plain(&offer.service_key)]
            .into_iter()
            .chain(names)
            .collect::<Vec<_>>()
    };
    those(&|offer| called(offer).contains(&said))
        .or_else(|| those(&|offer| called(offer).iter().any(|name| name.contains(&said))))
}

/// The doctor who is meant, or none for any; an error where nobody has that name, or several have.
fn doctor_meant<'a>(offers: &'a [Offering], said: &str) -> Result<Option<&'a Offering>, ()> {
    let words: Vec<String> = plain(said)
        .split(' ')
        .map(|word| word.trim_matches('.').to_owned())
        .filter(|word| !["", "dr", "drg", "doctor", "dokter", "doktor", "any"].contains(&word.as_str()))
        .collect();
    if words.is_empty() {
        return Ok(None);
    }
    let mut those = offers.iter().filter(|offer| {
        let name = plain(&offer.doctor_name);
        words.iter().all(|word| name.contains(word.as_str()))
    });
    match (those.next(), those.next()) {
        (Some(one), None) => Ok(Some(one)),
        _ => Err(()),
    }
}
