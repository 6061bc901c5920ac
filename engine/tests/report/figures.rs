//! Every figure of a report against a count that is written otherwise: from the tables themselves, and one figure at a time.

use engine::report::{By, CHANNELS, Figures, Filter, report};
use jiff::civil::date;
use jiff_sqlx::ToSqlx;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{YEAR, asked, berlin, period, year};
use crate::support::TestApp;

/// The appointments of the period, as the tables have them.
const ROWS: &str = "
with promised as (select distinct appointment_id from appointment_changes where to_status in ('confirmed', 'pending')),
a as (
    select appointments.*, starts_at at time zone time_zone as wall,
           status not in ('held', 'pending', 'cancelled', 'rejected', 'expired') as stood
    from appointments join promised on promised.appointment_id = appointments.id join clinics on clinics.id = clinic_id
    where (starts_at at time zone time_zone)::date between $1 and $2
      and coalesce(clinic_id = $3, true) and coalesce(doctor_id = $4, true) and coalesce(service_id = $5, true)),
firsts as (
    select patient_id, min(starts_at) as first_at from appointments
    where status in ('confirmed', 'in_progress', 'completed', 'no_show') group by patient_id),
cancelled as (
    select a.id, a.doctor_id, a.starts_at, a.ends_at, a.cutoff_minutes, max(changed_at) as cancelled_at from a
    join appointment_changes as c on c.appointment_id = a.id and (from_status, to_status) = ('confirmed', 'cancelled')
    group by 1, 2, 3, 4, 5),
freed as (
    select c.id, bool_or(o.id is not null) as filled, bool_or(w.id is not null) as listed
    from cancelled as c
    left join appointments as o on o.doctor_id = c.doctor_id and o.id <> c.id
        -- Nothing lasts for a day: so an index finds them.
        and o.starts_at between c.starts_at - interval '1 day' and c.ends_at
        and tstzrange(o.starts_at, o.ends_at) && tstzrange(c.starts_at, c.ends_at)
        and o.status in ('confirmed', 'in_progress', 'completed', 'no_show')
    left join waitlist_offers as w on w.booked_id = o.id
    where c.cancelled_at < c.starts_at group by c.id),
answers as (
    select distinct on (c.appointment_id) c.to_status, extract(epoch from c.changed_at - a.created_at) / 60 as minutes
    from appointment_changes as c join a on a.id = c.appointment_id
    where c.from_status = 'pending' order by c.appointment_id, c.version),
told as (
    select a.id, a.status, m.state from a join messages as m on m.appointment_id = a.id
    where a.stood and m.kind in ('reminder_day', 'reminder_week')),
ended as (
    select a.status, a.id in (select id from told where state in ('sent', 'delivered')) as is_told
    from a where a.status in ('completed', 'no_show')),
paid as (
    select p.*, ap.doctor_id, ap.clinic_id, ap.service_id, time_zone from payments as p
    join appointments as ap on ap.id = p.appointment_id join clinics on clinics.id = ap.clinic_id
    where coalesce(ap.clinic_id = $3, true) and coalesce(ap.doctor_id = $4, true) and coalesce(ap.service_id = $5, true))
";

type Figure = (&'static str, &'static str, fn(&Figures) -> Option<f64>);

fn number(count: i64) -> Option<f64> {
    Some(count as f64)
}

fn taken(figures: &Figures, currency: &str, of: fn(&engine::report::Money) -> i64) -> Option<f64> {
    let sums = figures
        .money
        .iter()
        .filter(|money| money.currency == currency)
        .map(of);
    number(sums.sum())
}

/// The name of a figure, its second count, and where the report has it.
#[rustfmt::skip]
const FIGURES: [Figure; 34] = [
    ("appointments", "select count(*) from a", |f| number(f.appointments)),
    ("pending", "select count(*) from a where status = 'pending'", |f| number(f.pending)),
    ("confirmed", "select count(*) from a where status = 'confirmed'", |f| number(f.confirmed)),
    ("in progress", "select count(*) from a where status = 'in_progress'", |f| number(f.in_progress)),
    ("completed", "select count(*) from a where status = 'completed'", |f| number(f.completed)),
    ("no-show", "select count(*) from a where status = 'no_show'", |f| number(f.no_show)),
    ("cancelled", "select count(*) from a where status = 'cancelled'", |f| number(f.cancelled)),
    ("rejected", "select count(*) from a where status = 'rejected'", |f| number(f.rejected)),
    ("expired", "select count(*) from a where status = 'expired'", |f| number(f.expired)),
    ("late", "select count(*) from cancelled
              where extract(epoch from starts_at - cancelled_at) / 60 < cutoff_minutes", |f| number(f.cancelled_late)),
    ("used", "select coalesce(sum(extract(epoch from blocks_until - blocks_from) / 60), 0) from a
              where status in ('confirmed', 'in_progress', 'completed')", |f| number(f.used_minutes)),
    ("buffers", "select coalesce(sum(extract(epoch from (starts_at - blocks_from) + (blocks_until - ends_at)) / 60), 0) from a
                 where status in ('confirmed', 'in_progress', 'completed')", |f| number(f.buffer_minutes)),
    ("attended", "select coalesce(sum(extract(epoch from blocks_until - blocks_from) / 60), 0) from a
                  where status = 'in_progress' or status = 'completed'", |f| number(f.attended_minutes)),
    ("lost", "select coalesce(sum(extract(epoch from blocks_until - blocks_from) / 60), 0) from a
              where status = 'no_show'", |f| number(f.lost_minutes)),
    ("median lead", "select avg(hours) from (
                         select extract(epoch from starts_at - created_at) / 3600 as hours,
                                row_number() over (order by starts_at - created_at) as place, count(*) over () as many
                         from a where stood) as leads
                     where place in ((many + 1) / 2, many / 2 + 1)", |f| f.lead_hours.map(|lead| lead.0)),
    ("nine of ten", "select percentile_cont(0.9) within group (order by extract(epoch from starts_at - created_at)::float8) / 3600
                     from a where stood", |f| f.lead_hours.map(|lead| lead.1)),
    ("new", "select count(*) from a join firsts using (patient_id) where stood and starts_at = first_at", |f| number(f.new_patients)),
    ("known", "select count(*) from a join firsts using (patient_id) where stood and starts_at > first_at",
        |f| number(f.known_patients)),
    ("coming", "select count(coming_at) from a where stood", |f| number(f.coming)),
    ("ratings", "select count(*) from ratings join a on a.id = appointment_id", |f| number(f.ratings)),
    ("mean score", "select avg(score) from ratings join a on a.id = appointment_id", Figures::mean_score),
    ("yes", "select count(*) from answers where to_status = 'confirmed'", |f| number(f.requests.confirmed)),
    ("no", "select count(*) from answers where to_status = 'rejected'", |f| number(f.requests.rejected)),
    ("unanswered", "select count(*) from answers where to_status = 'expired'", |f| number(f.requests.expired)),
    ("time to answer", "select percentile_cont(0.5) within group (order by minutes::float8) from answers
                        where to_status <> 'expired'", |f| f.requests.minutes_to_answer),
    ("freed", "select count(*) from freed", |f| number(f.filled.freed)),
    ("filled", "select count(*) from freed where filled", |f| number(f.filled.filled)),
    ("by the list", "select count(*) from freed where listed", |f| number(f.filled.by_waitlist)),
    ("reminders", "select count(*) from told where state in ('sent', 'delivered')", |f| number(f.reminders.sent)),
    ("arrived", "select count(*) from told where state = 'delivered'", |f| number(f.reminders.delivered)),
    ("no-show with", "select 100.0 * avg((status = 'no_show')::integer) from ended where is_told",
        |f| f.reminders.reminded.percent()),
    ("no-show without", "select 100.0 * avg((status = 'no_show')::integer) from ended where not is_told",
        |f| f.reminders.unreminded.percent()),
    ("taken", "select coalesce(sum(amount_minor), 0) from paid
               where currency = 'EUR' and (paid_at at time zone time_zone)::date between $1 and $2",
        |f| taken(f, "EUR", |money| money.taken)),
    ("back", "select coalesce(sum(refunds.amount_minor), 0) from paid join refunds on payment_id = paid.id
              where currency = 'EUR' and (done_at at time zone time_zone)::date between $1 and $2",
        |f| taken(f, "EUR", |money| money.paid_back)),
];

/// The second counts of all figures, in one statement, so that the rows are looked for once.
async fn second_counts(
    connection: &mut PgConnection,
    period: engine::report::Period,
    filter: Filter,
) -> Vec<Option<f64>> {
    let counts = FIGURES
        .map(|(_, query, _)| format!("({query})::float8"))
        .join(", ");
    // The texts are of this file.
    sqlx::query_scalar(AssertSqlSafe(format!("{ROWS} select array[{counts}]")))
        .bind(period.first.to_sqlx())
        .bind(period.last.to_sqlx())
        .bind(filter.clinic_id)
        .bind(filter.doctor_id)
        .bind(filter.service_id)
        .fetch_one(connection)
        .await
        .unwrap()
}

async fn compare(app: &TestApp, period: engine::report::Period, filter: Filter) {
    let report = report(&app.database, &app.admin_caller(), asked(period, filter), app.now)
        .await
        .unwrap();
    let mut connection = app.connection().await;
    for (period, figures) in [(period, &report.total), (period.before(), &report.before)] {
        let counts = second_counts(&mut connection, period, filter).await;
        assert_eq!(counts.len(), FIGURES.len());
        for ((name, _, of), expected) in FIGURES.into_iter().zip(counts) {
            let found = of(figures);
            let is_equal = match (expected, found) {
                (Some(expected), Some(found)) => (expected - found).abs() < 1e-6 * expected.abs().max(1.0),
                (expected, found) => expected == found,
            };
            assert!(
                is_equal,
                "{name} of {period:?} and {filter:?}: {found:?}, and not {expected:?}"
            );
        }
    }
}

#[tokio::test]
async fn every_figure_is_what_an_independent_count_says() {
    let app = year().await;
    let berlin = berlin(&app).await;
    let of = |clinic_id, doctor_id, service_id| Filter {
        clinic_id,
        doctor_id,
        service_id,
    };
    compare(&app, YEAR, Filter::default()).await;
    compare(&app, YEAR, of(Some(berlin), None, None)).await;
    for (first, last) in [
        // The months in which the clocks change, and one day of each change.
        (date(2025, 3, 1), date(2025, 3, 31)),
        (date(2025, 10, 1), date(2025, 10, 31)),
        (date(2025, 3, 30), date(2025, 3, 30)),
        (date(2025, 10, 26), date(2025, 10, 26)),
    ] {
        compare(&app, period(first, last), Filter::default()).await;
        compare(&app, period(first, last), of(None, Some(app.doctors[3].id), None)).await;
        compare(
            &app,
            period(first, last),
            of(Some(berlin), None, Some(app.services[1])),
        )
        .await;
    }
}

#[tokio::test]
async fn the_parts_of_a_report_make_its_whole() {
    let app = year().await;
    for by in By::ALL {
        let asked = engine::report::Asked {
            by,
            ..asked(YEAR, Filter::default())
        };
        let report = report(&app.database, &app.admin_caller(), asked, app.now)
            .await
            .unwrap();
        let sum =
            |of: fn(&Figures) -> i64| -> i64 { report.groups.iter().map(|group| of(&group.figures)).sum() };
        for of in [
            |f: &Figures| f.appointments,
            |f: &Figures| f.no_show,
            |f: &Figures| f.used_minutes,
            |f: &Figures| f.requests.expired,
            |f: &Figures| f.filled.filled,
            |f: &Figures| f.reminders.sent,
            |f: &Figures| {
                f.money
                    .iter()
                    .map(|money| money.taken - money.paid_back)
                    .sum::<i64>()
            },
        ] {
            assert_eq!(sum(of), of(&report.total), "{by:?}");
        }
        match by {
            By::Doctor | By::Clinic => {
                let minutes = |f: &Figures| f.capacity.unwrap_or_default().minutes;
                assert_eq!(sum(minutes), minutes(&report.total), "{by:?}");
            }
            By::Service | By::Channel => {
                assert!(report.groups.iter().all(|group| group.figures.capacity.is_none()));
            }
        }
        if by == By::Channel {
            let mut names: Vec<&str> = report.groups.iter().map(|group| group.name.as_str()).collect();
            let mut known = CHANNELS;
            names.sort_unstable();
            known.sort_unstable();
            assert_eq!(names, known);
        }
        let stood: i64 = report.hours.iter().map(|hour| hour.appointments).sum();
        assert_eq!(stood, report.total.stood());
    }
}

#[tokio::test]
async fn a_moved_appointment_counts_once_and_at_its_present_time() {
    let app = year().await;
    let day = |at| engine::time::local_date(at, &jiff::tz::TimeZone::UTC);
    let before = period(date(2025, 4, 7), date(2025, 4, 7));
    let after = period(date(2025, 9, 9), date(2025, 9, 9));
    let count = async |period| {
        let asked = asked(period, Filter::default());
        let report = report(&app.database, &app.admin_caller(), asked, app.now)
            .await
            .unwrap();
        report.total.appointments
    };
    let (was_before, was_after) = (count(before).await, count(after).await);
    app.sql(
        "update appointments set starts_at = '2025-09-09 15:00Z', ends_at = '2025-09-09 15:30Z',
                blocks_from = '2025-09-09 15:00Z', blocks_until = '2025-09-09 15:30Z'
         where id = (select min(id) from appointments where status = 'completed' and starts_at = '2025-04-07 09:00Z')",
    )
    .await;
    assert_eq!(day("2025-09-09T15:00:00Z".parse().unwrap()), after.first);
    assert_eq!(count(before).await, was_before - 1);
    assert_eq!(count(after).await, was_after + 1);
}

#[tokio::test]
async fn what_was_paid_for_rooms_is_of_its_clinic_and_of_no_doctor() {
    let app = year().await;
    let taken_of = async |clinic_id, doctor_id| {
        let filter = Filter {
            clinic_id,
            doctor_id,
            service_id: None,
        };
        let report = report(&app.database, &app.admin_caller(), asked(YEAR, filter), app.now)
            .await
            .unwrap();
        taken(&report.total, "EUR", |money| money.taken - money.paid_back).unwrap()
    };
    let (berlin, doctor_id) = (berlin(&app).await, app.doctors[3].id);
    let whose = [
        (None, None, 150.0),
        (Some(berlin), None, 150.0),
        (Some(app.clinic), None, 0.0),
        (None, Some(doctor_id), 0.0),
    ];
    let mut before = Vec::new();
    for (clinic_id, doctor_id, _) in whose {
        before.push(taken_of(clinic_id, doctor_id).await);
    }
    app.sql(
        "insert into room_types (clinic_id, name, rooms, price_minor, currency)
         select id, 'Single room', 2, 100, 'EUR' from clinics where time_zone = 'Europe/Berlin';
         insert into stays (reference, room_type_id, patient_id, arrival, departure, rooms, status, total_minor,
                            currency, created_at)
         select 'AAAA-2222', id, (select min(id) from patients), '2025-03-01', '2025-03-03', 1, 'left', 200, 'EUR', '2025-03-01 12:00Z'
         from room_types;
         insert into payments (stay_id, provider, state, amount_minor, currency, taken_by, created_at, paid_at,
                               receipt_number)
         select max(stays.id), 'cash', 'paid', 200, 'EUR', min(staff.id), '2025-03-01 12:00Z', '2025-03-01 12:00Z', 999999999
         from stays, staff;
         insert into refunds (payment_id, key, why, state, amount_minor, created_at, done_at, done_by)
         select max(payments.id), 'rooms', 'fewer', 'by_hand', 50, '2025-03-02 12:00Z', '2025-03-02 12:00Z', min(staff.id)
         from payments, staff",
    )
    .await;
    for ((clinic_id, doctor_id, more), before) in whose.into_iter().zip(before) {
        let after = taken_of(clinic_id, doctor_id).await;
        assert_eq!(after - before, more, "{clinic_id:?} {doctor_id:?}");
    }
}
