//! Reports as tables for other programs. Their heads are names that do not change and are in no language (`docs/reports.md`).

use axum::response::Response;
use jiff::{Timestamp, tz::TimeZone};

use super::asked::Wanted;
use crate::{
    audit::export::{Export, Pages, Row, Style, Whole},
    server::AppState,
};
use engine::{
    account::Caller,
    error::AppError,
    money::Price,
    report::{Asked, Figures, Part, ROWS, ReportedAppointment, Rows, report, rows},
    time,
};

/// A row for each appointment.
const APPOINTMENT_HEADS: [&str; 19] = [
    "reference",
    "clinic",
    "doctor",
    "service",
    "status",
    "channel",
    "day",
    "starts_at",
    "ends_at",
    "time_zone",
    "booked_at",
    "lead_hours",
    "minutes",
    "blocked_minutes",
    "late_cancellation",
    "new_patient",
    "price",
    "currency",
    "rating",
];

/// A row for each part of the report, and one for the whole.
const FIGURE_HEADS: [&str; 29] = [
    "part",
    "first_day",
    "last_day",
    "appointments",
    "completed",
    "no_show",
    "cancelled",
    "cancelled_late",
    "rejected",
    "expired",
    "capacity_minutes",
    "used_minutes",
    "buffer_minutes",
    "attended_minutes",
    "lost_minutes",
    "utilisation_percent",
    "no_show_percent",
    "late_cancellation_percent",
    "times_freed",
    "times_filled",
    "lead_hours_median",
    "lead_hours_p90",
    "answer_minutes_median",
    "new_patients",
    "known_patients",
    "reminders_sent",
    "reminders_delivered",
    "ratings",
    "rating_mean",
];

/// `GET /staff/report.csv`: the appointments of a report (`rows=appointments`), or its figures.
pub async fn report_file(export: Export) -> Response {
    let style = Style {
        separator: if export.value("separator") == Some("semicolon") {
            ';'
        } else {
            ','
        },
        has_mark: export.value("mark").is_some(),
        line_end: "\r\n",
    };
    let wanted = Wanted::read(|name| export.given(name), export.state.now());
    let heads = |heads: &[&str]| heads.iter().map(|head| (*head).to_owned()).collect();
    if wanted.is_wrong {
        let nothing: Result<Whole, AppError> = Err(AppError::InvalidDateRange);
        return export.answer_in(style, "report", Vec::new(), nothing).await;
    }
    if export.value("rows") == Some("appointments") {
        let pages = Ok(Appointments {
            state: export.state.clone(),
            caller: export.caller.clone(),
            asked: wanted.asked,
            after: Some(None),
        });
        return export
            .answer_in(style, "appointments", heads(&APPOINTMENT_HEADS), pages)
            .await;
    }
    let pages = figures(&export, wanted.asked).await.map(Whole::new);
    export
        .answer_in(style, "report", heads(&FIGURE_HEADS), pages)
        .await
}

/// Appointments, page by page.
struct Appointments {
    state: AppState,
    caller: Caller,
    asked: Asked,
    /// The last row that was read, none before the first; nothing at the end.
    after: Option<Rows>,
}

impl Pages for Appointments {
    async fn next(&mut self) -> Result<Option<Vec<Row>>, AppError> {
        let Some(after) = self.after.take() else {
            return Ok(None);
        };
        let page = rows(&self.state.database, &self.caller, self.asked, after).await?;
        if i64::try_from(page.len()).is_ok_and(|count| count == ROWS) {
            self.after = page.last().map(|last| Some((last.starts_at, last.id)));
        }
        Ok(Some(page.into_iter().map(appointment).collect()))
    }
}

/// A moment as ISO 8601 has it, with the offset of the clinic at that moment.
fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}

fn yes(is: bool) -> String {
    if is { "1" } else { "0" }.to_owned()
}

/// A number with a point, whatever the language.
fn decimal(number: Option<f64>, decimals: usize) -> String {
    number
        .map(|number| format!("{number:.decimals$}"))
        .unwrap_or_default()
}

fn appointment(row: ReportedAppointment) -> Row {
    let zone = time::shown_zone(&row.time_zone);
    let seconds = |from: Timestamp, until: Timestamp| until.as_second() - from.as_second();
    let price = Price::of(row.price_minor, row.currency);
    vec![
        row.reference,
        row.clinic,
        row.doctor,
        row.service,
        row.status,
        row.channel,
        time::local_date(row.starts_at, &zone).to_string(),
        local(row.starts_at, &zone),
        local(row.ends_at, &zone),
        row.time_zone,
        local(row.created_at, &zone),
        decimal(Some(seconds(row.created_at, row.starts_at) as f64 / 3600.0), 2),
        (seconds(row.starts_at, row.ends_at) / 60).to_string(),
        row.blocked_minutes.to_string(),
        yes(row.is_late_cancellation),
        yes(row.is_new_patient),
        price.as_ref().map(Price::amount).unwrap_or_default(),
        price.map(|price| price.currency).unwrap_or_default(),
        row.score.map(|score| score.to_string()).unwrap_or_default(),
    ]
}

async fn figures(export: &Export, asked: Asked) -> Result<Vec<Row>, AppError> {
    let report = report(&export.state.database, &export.caller, asked, export.state.now()).await?;
    let groups = report
        .groups
        .iter()
        .map(|group| (group.name.as_str(), &group.figures));
    Ok(groups
        .chain([("", &report.total)])
        .map(|(name, figures)| row_of(name, figures, asked))
        .collect())
}

fn row_of(name: &str, figures: &Figures, asked: Asked) -> Row {
    let percent = |part: Option<Part>| decimal(part.and_then(Part::percent), 1);
    let capacity = figures.capacity.map(|capacity| capacity.minutes.to_string());
    let counts = |numbers: &[i64]| numbers.iter().map(i64::to_string).collect::<Row>();
    let mut row = vec![
        name.to_owned(),
        asked.period.first.to_string(),
        asked.period.last.to_string(),
    ];
    row.extend(counts(&[
        figures.appointments,
        figures.completed,
        figures.no_show,
        figures.cancelled,
        figures.cancelled_late,
        figures.rejected,
        figures.expired,
    ]));
    row.push(capacity.unwrap_or_default());
    row.extend(counts(&[
        figures.used_minutes,
        figures.buffer_minutes,
        figures.attended_minutes,
        figures.lost_minutes,
    ]));
    row.extend([
        percent(figures.utilisation()),
        percent(Some(figures.no_shows())),
        percent(Some(figures.late_cancellations())),
    ]);
    row.extend(counts(&[figures.filled.freed, figures.filled.filled]));
    row.extend([
        decimal(figures.lead_hours.map(|lead| lead.0), 2),
        decimal(figures.lead_hours.map(|lead| lead.1), 2),
        decimal(figures.requests.minutes_to_answer, 1),
    ]);
    row.extend(counts(&[
        figures.new_patients,
        figures.known_patients,
        figures.reminders.sent,
        figures.reminders.delivered,
        figures.ratings,
    ]));
    row.push(decimal(figures.mean_score(), 2));
    row
}

#[cfg(test)]
mod tests {
    use engine::report::{By, Filter, Period};

    use super::*;

    #[test]
    fn a_moment_is_written_with_the_offset_of_its_clinic() {
        let zone = time::shown_zone("Europe/Berlin");
        for (at, expected) in [
            ("2025-03-30T00:30:00Z", "2025-03-30T01:30:00+01:00"),
            ("2025-03-30T01:30:00Z", "2025-03-30T03:30:00+02:00"),
        ] {
            assert_eq!(local(at.parse().expect("a moment"), &zone), expected);
        }
    }

    #[test]
    fn every_row_has_as_many_cells_as_there_are_heads() {
        let day = "2025-03-30".parse().expect("a day");
        let asked = Asked {
            period: Period::new(day, day).expect("a period"),
            by: By::Doctor,
            filter: Filter::default(),
        };
        assert_eq!(row_of("", &Figures::default(), asked).len(), FIGURE_HEADS.len());
        let row = ReportedAppointment {
            id: 1,
            reference: "A".to_owned(),
            clinic: "=1+1".to_owned(),
            doctor: String::new(),
            service: String::new(),
            status: "completed".to_owned(),
            channel: "desk".to_owned(),
            starts_at: Timestamp::UNIX_EPOCH,
            ends_at: Timestamp::UNIX_EPOCH,
            time_zone: "UTC".to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
            blocked_minutes: 30,
            is_late_cancellation: false,
            is_new_patient: true,
            price_minor: Some(1050),
            currency: Some("EUR".to_owned()),
            score: Some(5),
        };
        assert_eq!(appointment(row).len(), APPOINTMENT_HEADS.len());
    }
}
