//! The report that a URL asks for.

use engine::{
    report::{Asked, By, Filter, Period},
    time::local_date,
};
use jiff::{Timestamp, civil, tz::TimeZone};

/// The report that was asked for, or the last month's, and what was typed into the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub asked: Asked,
    pub from: String,
    pub until: String,
    /// Whether the days that were typed are no period.
    pub is_wrong: bool,
}

impl Wanted {
    /// Reads a URL by its values. Without days it is the last thirty; with wrong ones, too, and says so.
    pub fn read(value: impl Fn(&str) -> Option<String>, now: Timestamp) -> Self {
        let typed = |name: &str| value(name).filter(|text| !text.trim().is_empty());
        let day = |name: &str| typed(name).map(|text| text.trim().parse::<civil::Date>().ok());
        let id = |name: &str| typed(name).and_then(|id| id.parse().ok());
        let usual = Period::days_before(local_date(now, &TimeZone::UTC));
        let period = match (day("from"), day("until")) {
            (None, None) => Some(usual),
            (Some(Some(first)), Some(Some(last))) => Period::new(first, last),
            _ => None,
        };
        let shown = period.unwrap_or(usual);
        let or = |name: &str, day: civil::Date| match period {
            Some(_) => day.to_string(),
            None => typed(name).unwrap_or_default(),
        };
        Self {
            from: or("from", shown.first),
            until: or("until", shown.last),
            is_wrong: period.is_none(),
            asked: Asked {
                period: shown,
                by: typed("by").and_then(|by| By::parse(&by)).unwrap_or(By::Doctor),
                filter: Filter {
                    clinic_id: id("clinic"),
                    doctor_id: id("doctor"),
                    service_id: id("service"),
                },
            },
        }
    }

    /// The values by which this report is asked for again.
    pub fn values(&self) -> Vec<(&'static str, String)> {
        let Asked { period, by, filter } = self.asked;
        let mut values = vec![
            ("from", period.first.to_string()),
            ("until", period.last.to_string()),
            ("by", by.as_str().to_owned()),
        ];
        for (name, id) in [
            ("clinic", filter.clinic_id),
            ("doctor", filter.doctor_id),
            ("service", filter.service_id),
        ] {
            values.extend(id.map(|id| (name, id.to_string())));
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &[(&str, &str)]) -> Wanted {
        let now = "2026-03-15T12:00:00Z".parse().expect("a moment");
        Wanted::read(
            |name| {
                let value = url.iter().find(|(known, _)| *known == name);
                value.map(|(_, value)| (*value).to_owned())
            },
            now,
        )
    }

    #[test]
    fn without_days_it_is_the_last_thirty() {
        let wanted = read(&[]);
        assert_eq!(
            (wanted.from.as_str(), wanted.until.as_str()),
            ("2026-02-13", "2026-03-14")
        );
        assert!(!wanted.is_wrong);
    }

    #[test]
    fn days_that_are_no_period_are_kept_as_they_were_typed() {
        for (from, until) in [
            ("2026-03-02", "2026-03-01"),
            ("2026-03-02", ""),
            ("soon", "2026-03-01"),
            ("2024-01-01", "2026-01-01"),
        ] {
            let wanted = read(&[("from", from), ("until", until)]);
            assert_eq!((wanted.from.as_str(), wanted.until.as_str()), (from, until));
            assert!(wanted.is_wrong, "{from} {until}");
        }
    }

    #[test]
    fn a_report_is_asked_for_again_by_its_values() {
        let wanted = read(&[
            ("from", "2026-01-05"),
            ("until", "2026-01-11"),
            ("by", "clinic"),
            ("doctor", "7"),
            ("service", ""),
        ]);
        let values = wanted.values();
        let again: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        assert_eq!(read(&again), wanted);
        assert_eq!(wanted.asked.filter.doctor_id, Some(7));
        assert_eq!(wanted.asked.by, By::Clinic);
    }
}
