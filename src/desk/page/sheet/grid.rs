//! The grid of a sheet: rows of some minutes each, and in every column cells that are as many rows long as what they show.

use engine::{
    availability::Hours,
    desk::sheet::{Column, Out, Visit},
    time,
};
use jiff::{Timestamp, civil, tz::TimeZone};

/// Minutes that a row may have, the longest first.
const STEPS: [i32; 5] = [30, 20, 15, 10, 5];

const HOUR: i32 = 60;
const MIDNIGHT: i32 = 24 * HOUR;

/// What a part of a column shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// These visits of the column; more than one where somebody was overbooked, or an hour comes twice.
    Visits(Vec<usize>),
    /// The buffer before or after a visit.
    Buffer,
    /// A time that can be booked.
    Free(Timestamp),
    /// Hours of work in which nothing begins.
    Open,
    Closed,
    Out(Out),
}

/// A cell of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// The number of its first row.
    row: usize,
    pub rows: usize,
    pub shown: Shown,
}

/// A grid.
pub(super) struct Grid {
    /// The minute after midnight of the wall clock at which each row begins.
    pub minutes: Vec<i32>,
    step: i32,
    columns: Vec<Vec<Cell>>,
}

impl Grid {
    /// The grid of columns at a clinic in this zone. It has no rows where nothing is planned or booked.
    pub fn of(columns: &[Column], zone: &TimeZone) -> Self {
        let spans: Vec<Spans> = columns.iter().map(|column| Spans::of(column, zone)).collect();
        let marks = || spans.iter().flat_map(Spans::marks);
        let step = STEPS
            .into_iter()
            .find(|step| marks().all(|minute| minute % step == 0))
            .unwrap_or(STEPS[STEPS.len() - 1]);
        let ends = || spans.iter().flat_map(Spans::ends);
        let (Some(first), Some(last)) = (ends().min(), ends().max()) else {
            return Self {
                minutes: Vec::new(),
                step,
                columns: vec![Vec::new(); columns.len()],
            };
        };
        let first = first / HOUR * HOUR;
        let last = ((last + HOUR - 1) / HOUR * HOUR).clamp(first + HOUR, MIDNIGHT.max(first + HOUR));
        let minutes: Vec<i32> = (first..last)
            .step_by(usize::try_from(step).unwrap_or(1))
            .collect();
        let columns = spans.iter().map(|spans| spans.cells(&minutes, step)).collect();
        Self {
            minutes,
            step,
            columns,
        }
    }

    /// The cells that begin in this row, by column.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (usize, &Cell)> {
        let columns = self.columns.iter().enumerate();
        columns.filter_map(move |(index, cells)| {
            let at = cells.binary_search_by_key(&row, |cell| cell.row).ok()?;
            Some((index, &cells[at]))
        })
    }

    /// The number of the row in which this minute is.
    pub fn row_of(&self, minute: i32) -> Option<usize> {
        self.minutes
            .iter()
            .position(|from| (*from..from + self.step).contains(&minute))
    }
}

/// The minute of the wall clock of this date: 0 before it, and 1440 after it.
pub(super) fn minute_of(at: Timestamp, date: civil::Date, zone: &TimeZone) -> i32 {
    let local = time::wall_time(at, zone);
    match local.date().cmp(&date) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => HOUR * i32::from(local.hour()) + i32::from(local.minute()),
        std::cmp::Ordering::Greater => MIDNIGHT,
    }
}

/// What is in a column, in minutes after midnight.
struct Spans {
    /// From when to when each visit is, and blocks.
    visits: Vec<([i32; 2], [i32; 2])>,
    free: Vec<(Timestamp, i32)>,
    minutes: i32,
    hours: Vec<Hours>,
    out: Vec<(Out, Hours)>,
}

impl Spans {
    fn of(column: &Column, zone: &TimeZone) -> Self {
        let minute = |at| minute_of(at, column.date, zone);
        // In the night in which clocks are put back, an end may be shown before its start.
        let span = |start, end| {
            let from = minute(start);
            [from, minute(end).max(from + 1)]
        };
        let visit = |visit: &Visit| {
            (
                span(visit.time.start, visit.time.end),
                span(visit.blocked.start, visit.blocked.end),
            )
        };
        Self {
            visits: column.visits.iter().map(visit).collect(),
            free: column.free.iter().map(|at| (*at, minute(*at))).collect(),
            minutes: i32::try_from(column.minutes).unwrap_or(HOUR).max(1),
            hours: column.hours.clone(),
            out: column.out.clone(),
        }
    }

    /// The minutes that rows should begin at.
    fn marks(&self) -> impl Iterator<Item = i32> {
        let visits = self.visits.iter().flat_map(|(time, blocked)| [time, blocked]);
        let hours = self.hours.iter().chain(self.out.iter().map(|(_, hours)| hours));
        visits
            .flatten()
            .copied()
            .chain(self.free.iter().map(|(_, minute)| *minute))
            .chain(hours.flat_map(|hours| [hours.from_minute, hours.until_minute]))
    }

    /// The beginnings and ends of what has to be seen.
    fn ends(&self) -> impl Iterator<Item = i32> {
        let visits = self.visits.iter().flat_map(|(_, blocked)| blocked).copied();
        visits.chain(
            self.hours
                .iter()
                .flat_map(|hours| [hours.from_minute, hours.until_minute]),
        )
    }

    fn cells(&self, minutes: &[i32], step: i32) -> Vec<Cell> {
        let first = minutes.first().copied().unwrap_or_default();
        // The rows that a span touches.
        let rows = |[from, until]: [i32; 2]| {
            let row = |minute: i32| usize::try_from((minute - first) / step).unwrap_or_default();
            row(from)..row(until + step - 1).max(row(from) + 1).min(minutes.len())
        };
        let mut shown: Vec<Shown> = minutes.iter().map(|minute| self.ground(*minute)).collect();
        for (number, &(at, minute)) in self.free.iter().enumerate() {
            let next = self.free.get(number + 1).map_or(MIDNIGHT, |(_, next)| *next);
            let until = (minute + self.minutes).min(next.max(minute + 1));
            for row in rows([minute, until]) {
                shown[row] = Shown::Free(at);
            }
        }
        for &(_, blocked) in &self.visits {
            for row in rows(blocked) {
                shown[row] = Shown::Buffer;
            }
        }
        let mut groups: Vec<(std::ops::Range<usize>, Vec<usize>)> = Vec::new();
        let mut order: Vec<usize> = (0..self.visits.len()).collect();
        order.sort_by_key(|visit| self.visits[*visit].0[0]);
        for visit in order {
            let rows = rows(self.visits[visit].0);
            match groups.last_mut() {
                Some((range, visits)) if rows.start < range.end => {
                    range.end = range.end.max(rows.end);
                    visits.push(visit);
                }
                _ => groups.push((rows, vec![visit])),
            }
        }
        for (range, visits) in groups {
            for row in range {
                shown[row] = Shown::Visits(visits.clone());
            }
        }
        let mut cells: Vec<Cell> = Vec::new();
        for (row, shown) in shown.into_iter().enumerate() {
            match cells.last_mut() {
                Some(cell) if cell.shown == shown => cell.rows += 1,
                _ => cells.push(Cell { row, rows: 1, shown }),
            }
        }
        cells
    }

    /// What the plan says of a minute.
    fn ground(&self, minute: i32) -> Shown {
        let holds = |hours: &Hours| (hours.from_minute..hours.until_minute).contains(&minute);
        let off = |out: &&(Out, Hours)| out.0 != Out::Break && holds(&out.1);
        if let Some((out, _)) = self.out.iter().find(off) {
            return Shown::Out(*out);
        }
        match self.hours.iter().any(holds) {
            false => Shown::Closed,
            true if self.out.iter().any(|(_, hours)| holds(hours)) => Shown::Out(Out::Break),
            true => Shown::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::{appointment::Status, time::Range};

    const DATE: civil::Date = civil::date(2026, 11, 24);

    fn at(clock: &str) -> Timestamp {
        format!("2026-11-24T{clock}:00Z").parse().unwrap()
    }

    fn visit(from: &str, until: &str, blocked: [&str; 2]) -> Visit {
        Visit {
            reference: "K7QM-4D2P".to_owned(),
            doctor_id: 1,
            clinic_id: 1,
            patient_id: Some(1),
            patient_name: Some("Maya".to_owned()),
            patient_phone: None,
            service_name: "Visit".to_owned(),
            service_names: engine::i18n::Names::default(),
            status: Status::Confirmed,
            version: 1,
            time: Range::new(at(from), at(until)),
            blocked: Range::new(at(blocked[0]), at(blocked[1])),
            arrived_at: None,
            overbooked: false,
            group: None,
        }
    }

    fn hours(from: i32, until: i32) -> Hours {
        Hours {
            from_minute: from * HOUR,
            until_minute: until * HOUR,
        }
    }

    fn column(visits: Vec<Visit>, free: &[&str]) -> Column {
        Column {
            doctor_id: 1,
            doctor_name: "Dr Sari".to_owned(),
            date: DATE,
            offer: None,
            minutes: 20,
            visits,
            hours: vec![hours(9, 12)],
            out: vec![(Out::Break, hours(10, 11))],
            free: free.iter().map(|clock| at(clock)).collect(),
        }
    }

    /// The cells of a column: the minute of each, its rows and what it shows.
    fn cells(grid: &Grid, column: usize) -> Vec<(i32, usize, Shown)> {
        (0..grid.minutes.len())
            .flat_map(|row| grid.row(row).map(move |(index, cell)| (row, index, cell)))
            .filter(|(_, index, _)| *index == column)
            .map(|(row, _, cell)| (grid.minutes[row], cell.rows, cell.shown.clone()))
            .collect()
    }

    #[test]
    fn a_day_shows_visits_with_their_buffers_free_times_and_breaks() {
        let day = column(
            vec![visit("09:10", "09:30", ["09:00", "09:40"])],
            &["11:00", "11:20"],
        );
        let grid = Grid::of(&[day], &TimeZone::UTC);
        assert_eq!(
            cells(&grid, 0),
            [
                (540, 1, Shown::Buffer),
                (550, 2, Shown::Visits(vec![0])),
                (570, 1, Shown::Buffer),
                (580, 2, Shown::Open),
                (600, 6, Shown::Out(Out::Break)),
                (660, 2, Shown::Free(at("11:00"))),
                (680, 2, Shown::Free(at("11:20"))),
                (700, 2, Shown::Open),
            ]
        );
        assert_eq!((grid.row_of(565), grid.row_of(720)), (Some(2), None));
    }

    #[test]
    fn visits_at_once_share_a_cell_and_every_column_is_as_long_as_the_other() {
        let one = column(
            vec![
                visit("09:00", "09:30", ["09:00", "09:30"]),
                visit("09:07", "09:20", ["09:07", "09:20"]),
                visit("11:50", "13:10", ["11:50", "13:10"]),
            ],
            &[],
        );
        let other = Column {
            out: vec![(Out::Absence, Hours::WHOLE_DAY)],
            ..column(Vec::new(), &[])
        };
        let grid = Grid::of(&[one, other], &TimeZone::UTC);
        assert_eq!((grid.minutes[0], grid.minutes.len()), (540, 60));
        assert_eq!(cells(&grid, 0)[0], (540, 6, Shown::Visits(vec![0, 1])));
        assert_eq!(cells(&grid, 1), [(540, 60, Shown::Out(Out::Absence))]);
        for column in 0..2 {
            let rows: usize = cells(&grid, column).iter().map(|(_, rows, _)| rows).sum();
            assert_eq!(rows, 60);
        }
    }

    #[test]
    fn a_day_without_anything_has_no_rows() {
        let empty = Column {
            hours: Vec::new(),
            out: Vec::new(),
            ..column(Vec::new(), &[])
        };
        assert!(Grid::of(&[empty], &TimeZone::UTC).minutes.is_empty());
    }

    #[test]
    fn an_hour_that_comes_twice_shows_both_of_its_visits_in_one_place() {
        let zone = time::zone("Europe/Berlin").unwrap();
        let date = civil::date(2026, 10, 25);
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let night = |from: &str, until: &str| {
            let time = Range::new(at(from), at(until));
            Visit {
                time,
                blocked: time,
                ..visit("09:00", "09:30", ["09:00", "09:30"])
            }
        };
        let column = Column {
            date,
            hours: Vec::new(),
            out: Vec::new(),
            ..column(
                vec![
                    night("2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"),
                    night("2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z"),
                ],
                &[],
            )
        };
        let grid = Grid::of(&[column], &zone);
        let both: Vec<_> = cells(&grid, 0)
            .into_iter()
            .filter(|(_, _, shown)| matches!(shown, Shown::Visits(_)))
            .collect();
        assert_eq!(both.len(), 1, "{both:?}");
        assert!(matches!(&both[0].2, Shown::Visits(visits) if visits.len() == 2));
    }
}
