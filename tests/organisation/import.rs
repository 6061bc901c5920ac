//! Importing doctors from a table.

use std::pin::Pin;

use crate::support::{Answer, Browser, TestApp, VISIT, patient_caller};
use engine::{
    error::{AppError, Field, FieldProblem},
    organisation::{
        ImportDoctors, clinics, doctor_details,
        import::{COLUMNS, Places, Report, Row, Table},
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

async fn follow(browser: &Browser, answer: &Answer) -> Answer {
    browser.get(answer.location().split('#').next().unwrap()).await
}

#[tokio::test]
async fn only_admins_import_doctors() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let text = lines(&[line("Dr Ayu", "ayu@test.example")]);
    let fields = [("lines", &*text), ("act", "import")];
    let visitor = site.visitor();
    assert!(visitor.get("/admin/import").await.location().contains("sign-in"));
    assert_eq!(visitor.call("import-doctors", &fields).await.status, 401);
    for other in [
        site.patient("+6281255500001").await,
        site.staff("doctor1@test.example").await,
    ] {
        assert_eq!(other.get("/admin/import").await.status, 404);
        assert_eq!(other.call("import-doctors", &fields).await.status, 404);
    }
    for caller in [app.doctor_caller(0), patient_caller(1)] {
        let command = ImportDoctors {
            caller,
            ..app.import(&text).await
        };
        assert_eq!(app.importing(command).await, Err(AppError::NotFound));
    }
    assert_eq!(app.imported().await, 0);
    assert_eq!(
        site.staff("admin@test.example")
            .await
            .get("/admin/import")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn an_import_is_checked_made_and_reported_without_javascript() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = "/admin/import";
    let list = admin.get("/admin/doctors").await;
    assert!(list.links("main a").contains(&page.to_owned()));
    let text = lines(&[
        line("Dr Ayu", "ayu@test.example"),
        line("Dr Budi", "budi").replace("visit,", "surgery,"),
        line("Dr One", "doctor1@test.example"),
    ]);
    let key = admin
        .get(page)
        .await
        .form("import-doctors")
        .into_iter()
        .find_map(|(name, value)| (name == "key").then_some(value))
        .unwrap();

    let fields = |act| [("lines", &*text), ("act", act), ("key", &*key)];
    let answer = admin.submit(page, "import-doctors", &fields("check")).await;
    assert_eq!(answer.location(), "/admin/import?report=check");
    let checked = follow(&admin, &answer).await;
    assert_eq!(checked.texts("tbody td")[0], "Can be added");
    assert!(checked.links("tbody a").len() == 1 && checked.form("import-doctors").is_empty());
    assert_eq!(app.imported().await, 0);

    let answer = admin.submit(page, "import-doctors", &fields("import")).await;
    assert_eq!(answer.location(), "/admin/import?report=import");
    let done = follow(&admin, &answer).await;
    assert_eq!(
        done.texts("tbody td"),
        [
            "Added",
            "email: Enter an e-mail address such as name@clinic.example.\
             services: There is no service with one of these keys that can be booked.",
            "Already there; nothing was changed",
        ]
    );
    assert_eq!(
        done.texts("#errors p"),
        ["Added: 1. Already there: 1. Not added: 1."]
    );
    let left = done.form("import-doctors");
    let left = &left.iter().find(|(name, _)| name == "lines").unwrap().1;
    assert!(
        left.contains("Dr Budi,Dermatology,id,budi,,Clinic,surgery"),
        "{left}"
    );
    assert!(!left.contains("Dr Ayu") && !done.body.contains(FIRST));
    assert_eq!(
        app.count("select count(*) from sessions where data::text like '%only Ayu knows it%'")
            .await,
        0
    );
    assert_eq!(
        app.count("select count(*) from idempotency_keys where answer::text like '%only Ayu knows it%'")
            .await,
        0
    );

    // The same form again has the same report, and makes nobody.
    let replay = follow(
        &admin,
        &admin.submit(page, "import-doctors", &fields("import")).await,
    )
    .await;
    assert_eq!(replay.texts("tbody td"), done.texts("tbody td"));
    assert_eq!(app.imported().await, 1);

    // A doctor who was added can sign in, and the link leads to their page.
    let sign_in = [("email", "ayu@test.example"), ("password", FIRST), ("next", "")];
    let doctor = site.visitor();
    let answer = doctor.submit("/staff/sign-in", "staff-sign-in", &sign_in).await;
    assert_eq!(answer.location(), "/doctor");
    assert_eq!(admin.get(&done.links("tbody a")[0]).await.texts("h1"), ["Dr Ayu"]);
    assert_eq!(
        app.services[VISIT],
        doctor_details(&app.database, added(&done), app.now)
            .await
            .unwrap()
            .offers[0]
            .service_id
    );
}

/// The doctor that the first link of a report leads to.
fn added(report: &Answer) -> i64 {
    report.links("tbody a")[0]
        .rsplit('/')
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test]
async fn a_table_that_cannot_be_read_is_refused() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = "/admin/import";
    let without_names = line("Dr Ayu", "ayu@test.example");
    let many = lines(&vec![line("Dr Ayu", "ayu@test.example"); 201]);
    for (text, problem, kept) in [
        ("", FieldProblem::Missing, 0),
        (&*without_names, FieldProblem::Malformed, 0),
        (&*many, FieldProblem::TooLong, 202),
    ] {
        let answer = admin
            .submit(page, "import-doctors", &[("lines", text), ("act", "import")])
            .await;
        assert_eq!(answer.error(), Some(AppError::invalid(Field::Lines, problem)));
        let back = follow(&admin, &answer).await;
        assert_eq!(back.links("#errors a"), ["#lines"]);
        assert!(!back.body.contains(FIRST));
        let form = back.form("import-doctors");
        let lines = &form.iter().find(|(name, _)| name == "lines").unwrap().1;
        assert_eq!(lines.trim().lines().count(), kept);
    }
    assert_eq!(app.imported().await, 0);
}
