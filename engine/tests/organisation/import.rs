//! Importing doctors: a bad line takes nothing else with it, and nobody is added twice.

use std::pin::Pin;

use crate::support::TestApp;
use engine::{
    error::{AppError, Field, FieldProblem},
    idempotency::{Key, KeyOwner},
    organisation::{
        ImportDoctors, clinics, doctor_details,
        import::{COLUMNS, Outcome, Places, Report, Row, Table},
        import_doctors, services,
    },
};

type Importing = Pin<Box<dyn Future<Output = Result<Report, AppError>> + Send>>;

/// The first password of every doctor.
const FIRST: &str = "only Ayu knows it";

/// A line for a doctor who works around the clock.
fn line(name: &str, email: &str) -> String {
    format!("{name},Dermatology,id,{email},{FIRST},Clinic,visit,mon-sun,0:00,24:00,,\n")
}

fn lines(lines: &[String]) -> String {
    format!("{}\n{}", COLUMNS.join(","), lines.concat())
}

impl TestApp {
    async fn rows(&self, text: &str) -> Vec<Row> {
        let places = Places::new(
            clinics(&self.database).await.unwrap(),
            services(&self.database).await.unwrap(),
        );
        Table::read(text).unwrap().rows(&places).unwrap()
    }

    async fn import(&self, text: &str) -> ImportDoctors {
        ImportDoctors {
            caller: self.admin_caller(),
            rows: self.rows(text).await,
            is_check: false,
            key: None,
        }
    }

    fn importing(&self, command: ImportDoctors) -> Importing {
        let (database, now) = (self.database.clone(), self.now);
        Box::pin(async move { import_doctors(&database, command, now).await })
    }

    /// How many doctors there are besides those of the fixture.
    async fn imported(&self) -> i64 {
        let doctors = self.count("select count(*) from doctors").await;
        let complete = self
            .count(
                "select count(*) from doctors
                 join staff on staff.id = staff_id
                 join organisation_changes as change on change.doctor_id = doctors.id and what = 'doctor_added'
                 where exists (select from offers where doctor_id = doctors.id)
                   and exists (select from working_hours where doctor_id = doctors.id)",
            )
            .await;
        assert_eq!(doctors - 4, complete, "somebody is there in part");
        assert_eq!(self.count("select count(*) from staff").await, doctors + 1);
        complete
    }
}

fn outcomes(report: &Report) -> Vec<(usize, &str)> {
    report
        .rows
        .iter()
        .map(|row| {
            let what = match row.outcome {
                Outcome::Added { .. } => "added",
                Outcome::Already { .. } => "already",
                Outcome::Twice { .. } => "twice",
                Outcome::Wrong(_) => "wrong",
            };
            (row.line, what)
        })
        .collect()
}

#[tokio::test]
async fn a_bad_line_does_not_stop_the_good_ones() {
    let app = TestApp::new().await;
    let text = lines(&[
        line("Dr Zoe", "zoe@test.example"),
        line("Dr One", "doctor1@test.example"),
        line("Dr Ayu", "ayu@test.example"),
        line("", "nobody@test.example"),
        line("Dr Ayu again", "AYU@test.example"),
        line("Admin", "admin@test.example"),
        line("Dr Budi", "budi@test.example"),
    ]);
    let report = app.importing(app.import(&text).await).await.unwrap();
    assert_eq!(
        outcomes(&report),
        [
            (2, "added"),
            (3, "already"),
            (4, "added"),
            (5, "wrong"),
            (6, "twice"),
            (7, "already"),
            (8, "added"),
        ]
    );
    assert_eq!(
        report.rows[1].outcome,
        Outcome::Already {
            id: Some(app.doctors[0].id)
        }
    );
    assert_eq!(
        report.rows[3].outcome,
        Outcome::Wrong(vec![AppError::invalid(Field::Title, FieldProblem::Missing)])
    );
    assert_eq!(report.rows[4].outcome, Outcome::Twice { line: 4 });
    assert_eq!(report.rows[5].outcome, Outcome::Already { id: None });
    assert_eq!(app.imported().await, 3);
    assert_eq!(
        app.count("select count(*) from doctors where name = 'Dr One'")
            .await,
        0,
        "nothing is changed"
    );
    for id in added(&report) {
        let seen = doctor_details(&app.database, id, app.now).await.unwrap();
        assert!(seen.active && !seen.next[0].times.is_empty(), "{seen:?}");
    }
    // A second import of the same lines adds nobody.
    let again = app.importing(app.import(&text).await).await.unwrap();
    assert_eq!(added(&again).count(), 0);
    assert_eq!(
        again.rows[0].outcome,
        Outcome::Already {
            id: added(&report).next()
        }
    );
    assert_eq!(app.imported().await, 3);
}

#[tokio::test]
async fn a_line_that_the_database_refuses_is_rolled_back_alone() {
    let app = TestApp::new().await;
    let text = lines(&[
        line("Dr Ayu", "ayu@test.example"),
        line("Dr Budi", "budi@test.example"),
        line("Dr Citra", "citra@test.example"),
    ]);
    let mut command = app.import(&text).await;
    // The account and the doctor are there when the service turns out not to be.
    let (doctor, _) = command.rows[1].doctor.as_mut().unwrap();
    doctor.services = vec![-1];
    let report = app.importing(command).await.unwrap();
    assert_eq!(outcomes(&report), [(2, "added"), (3, "wrong"), (4, "added")]);
    assert_eq!(report.rows[1].outcome, Outcome::Wrong(vec![AppError::NotFound]));
    assert_eq!(app.imported().await, 2);
}

#[tokio::test]
async fn a_deadlock_at_a_line_is_retried() {
    let app = TestApp::new().await;
    app.sql(
        "create sequence doctors_made;
         create function deadlock_once() returns trigger language plpgsql as $$
         begin
             if nextval('doctors_made') = 2 then
                 raise exception using errcode = '40P01';
             end if;
             return new;
         end $$;
         create trigger deadlock_once before insert on doctors for each row execute function deadlock_once();",
    )
    .await;
    let text = lines(&[
        line("Dr Ayu", "ayu@test.example"),
        line("Dr Budi", "budi@test.example"),
        line("Dr Citra", "citra@test.example"),
    ]);
    let report = app.importing(app.import(&text).await).await.unwrap();
    assert_eq!(outcomes(&report), [(2, "added"), (3, "added"), (4, "added")]);
    assert_eq!(app.imported().await, 3);
    assert_eq!(app.count("select last_value from doctors_made").await, 5);
}

#[tokio::test]
async fn admins_importing_the_same_people_at_once_add_each_of_them_once() {
    let app = TestApp::crowded().await;
    let mut people: Vec<String> = (0..8)
        .map(|number| line(&format!("Dr {number}"), &format!("new{number}@test.example")))
        .collect();
    let mut racers = Vec::new();
    for racer in 0..4 {
        // Not all of them in the same order.
        people.rotate_left(racer);
        people.reverse();
        racers.push(app.importing(app.import(&lines(&people)).await));
    }
    let results = app
        .race_behind("lock table staff in share mode", vec![racers])
        .await;
    let added: usize = results
        .iter()
        .map(|result| added(result.as_ref().unwrap()).count())
        .sum();
    assert_eq!(added, 8);
    for report in results.iter().flatten() {
        assert!(
            outcomes(report)
                .iter()
                .all(|(_, what)| ["added", "already"].contains(what)),
            "{report:?}"
        );
    }
    assert_eq!(app.imported().await, 8);
    app.assert_sound().await;
}

#[tokio::test]
async fn an_import_that_is_sent_twice_is_made_once() {
    let app = TestApp::crowded().await;
    let text = lines(&[
        line("Dr Ayu", "ayu@test.example"),
        line("", "nobody@test.example"),
    ]);
    let mut racers = Vec::new();
    for _ in 0..6 {
        let key = Key::sent(KeyOwner::Caller(&app.admin_caller()), "k", "import", &1).unwrap();
        racers.push(app.importing(ImportDoctors {
            key: Some(key),
            ..app.import(&text).await
        }));
    }
    let results = app.race(racers).await;
    let first = results[0].clone().unwrap();
    assert_eq!(outcomes(&first), [(2, "added"), (3, "wrong")]);
    assert!(
        results.iter().all(|result| *result == Ok(first.clone())),
        "{results:?}"
    );
    assert_eq!(app.imported().await, 1);
}

#[tokio::test]
async fn a_dry_run_reports_like_an_import_and_writes_nothing() {
    let app = TestApp::new().await;
    let text = lines(&[
        line("Dr Ayu", "ayu@test.example"),
        line("Dr One", "doctor1@test.example"),
        line("", "x"),
    ]);
    let check = ImportDoctors {
        is_check: true,
        ..app.import(&text).await
    };
    let checked = app.importing(check).await.unwrap();
    assert_eq!(added(&checked).count(), 0);
    assert_eq!(app.imported().await, 0);
    let report = app.importing(app.import(&text).await).await.unwrap();
    assert_eq!(outcomes(&checked), outcomes(&report));
    assert_eq!(app.imported().await, 1);
}

/// The doctors whom an import added.
fn added(report: &Report) -> impl Iterator<Item = i64> + use<'_> {
    report.rows.iter().filter_map(|row| match row.outcome {
        Outcome::Added { id } if !report.is_check => Some(id),
        _ => None,
    })
}

#[tokio::test]
async fn hours_come_as_spreadsheets_write_them() {
    let app = TestApp::new().await;
    for (from, until, hours) in [
        ("09:00:00", "17:30:00", Some((540, 1050))),
        ("9:00 AM", "5:30 PM", Some((540, 1050))),
        ("9:00:00 AM", "12:00:00 AM", Some((540, 1440))),
        ("9", "17", Some((540, 1020))),
        ("0900", "2400", Some((540, 1440))),
        ("0.375", "0.7083333333", Some((540, 1020))),
        ("9h30", "00:00", Some((570, 1440))),
        ("22:00", "02:00", None),
        ("9:00 WIB", "17:00", None),
    ] {
        let line = format!("Dr Ayu,Dermatology,id,ayu@a.example,{FIRST},Clinic,visit,mon,{from},{until},,\n");
        let row = app.rows(&lines(&[line])).await.remove(0);
        let read = row.doctor.map(|(doctor, _)| {
            let hours = doctor.week[0].hours;
            (hours.from_minute, hours.until_minute)
        });
        assert_eq!(read.ok(), hours, "{from} to {until}");
    }
}
