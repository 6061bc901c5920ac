//! What people do with an account while a worker is at it.

use std::sync::{Arc, Mutex};

use engine::{
    account::Caller,
    caldav::{
        Access, Asked, Dispatch, Entry, Kind, LEASE_MINUTES, LinkAccount, Listed, Offered, Password, Place,
        Put, Remote, Remotes, Remoting, Written, link, unlink,
    },
    database::Database,
    error::{AppError, Field},
    webhook::Target,
};

use super::{
    FAMILY, Server, WORK, account, choose, clinic, dispatch, later, link_of, linked, own_starts, settle,
    settle_at,
};
use crate::support::TestApp;

/// A server that notes who asks for what, and during whose first writing a doctor unlinks the account.
struct Watched {
    server: Arc<Server>,
    database: Database,
    /// What was asked for, and with which password.
    asked: Mutex<Vec<(String, String)>>,
    /// Until when the account was kept at each reading.
    kept: Mutex<Vec<String>>,
    unlinks: Mutex<Option<(Caller, i64)>>,
}

impl Watched {
    fn new(app: &TestApp, unlinks: Option<i64>) -> Arc<Self> {
        Arc::new(Self {
            server: Arc::default(),
            database: app.database.clone(),
            asked: Mutex::default(),
            kept: Mutex::default(),
            unlinks: Mutex::new(unlinks.map(|id| (app.doctor_caller(0), id))),
        })
    }

    fn dispatch(self: &Arc<Self>, app: &TestApp) -> Dispatch {
        Dispatch {
            remotes: Remotes::default().with(Kind::CalDav, self.clone()),
            ..dispatch(app, &self.server)
        }
    }

    fn note(&self, access: &Access, name: &str) {
        let asked = (name.to_owned(), access.password.expose().to_owned());
        self.asked.lock().unwrap().push(asked);
    }

    fn asked(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

impl Remote for Watched {
    fn put<'a>(&'a self, access: &'a Access, put: &'a Put) -> Remoting<'a, Written> {
        Box::pin(async move {
            self.note(access, &put.href);
            let unlinks = self.unlinks.lock().unwrap().take();
            if let Some((caller, id)) = unlinks {
                unlink(&self.database, &caller, id, self.database.now())
                    .await
                    .unwrap();
            }
            self.server.put(access, put).await
        })
    }

    fn delete<'a>(&'a self, access: &'a Access, place: &'a Place) -> Remoting<'a, ()> {
        self.note(access, &place.href);
        self.server.delete(access, place)
    }

    fn list<'a>(&'a self, access: &'a Access, asked: &'a Asked) -> Remoting<'a, Listed> {
        self.note(access, &asked.collection);
        self.server.list(access, asked)
    }

    fn read<'a>(
        &'a self,
        access: &'a Access,
        collection: &'a str,
        hrefs: &'a [String],
    ) -> Remoting<'a, Vec<Entry>> {
        Box::pin(async move {
            self.note(access, collection);
            let until: String = sqlx::query_scalar("select claimed_until::text from calendar_accounts")
                .fetch_one(self.database.pool())
                .await
                .unwrap();
            self.kept.lock().unwrap().push(until);
            self.server.read(access, collection, hrefs).await
        })
    }
}

#[tokio::test]
async fn an_account_that_is_unlinked_while_it_is_written_to_is_taken_out_whole() {
    let app = clinic().await;
    let id = linked(&app).await;
    for (patient_id, slot) in app.patients(2).await.into_iter().zip(20..) {
        app.confirmed(patient_id, 0, app.slot(slot)).await;
    }
    let watched = Watched::new(&app, Some(id));
    let dispatch = watched.dispatch(&app);
    settle_at(&dispatch, later(&app, 1)).await;
    // Whoever decides by what it was before writes nothing more.
    assert_eq!(watched.server.names().len(), 1);
    settle_at(&dispatch, later(&app, LEASE_MINUTES + 2)).await;
    assert_eq!(watched.server.names(), [""; 0]);
    assert_eq!(app.count("select count(*) from calendar_accounts").await, 0);
    assert_eq!(app.count("select count(*) from calendar_events").await, 0);
}

/// The link of another server, with a password of its own.
fn other_link(app: &TestApp) -> LinkAccount {
    LinkAccount {
        target: Target::of_field(Field::CalendarServer, NEW, false).unwrap(),
        password: Password::new("of the new one"),
        offered: vec![Offered {
            href: format!("{NEW}work/"),
            name: "Clinic".to_owned(),
            can_write: true,
        }],
        ..link_of(app.doctor_caller(0))
    }
}

const NEW: &str = "https://other.example.com/sari/";

#[tokio::test]
async fn the_password_for_another_server_is_not_told_to_the_one_before() {
    let app = clinic().await;
    let id = linked(&app).await;
    let patient_id = app.patient(1).await;
    app.confirmed(patient_id, 0, app.slot(20)).await;
    let watched = Watched::new(&app, None);
    let dispatch = watched.dispatch(&app);
    settle(&app, &dispatch).await;
    // The same again is the same account, and its choice stays.
    link(&app.database, link_of(app.doctor_caller(0)), app.database.now())
        .await
        .unwrap();
    settle(&app, &dispatch).await;
    let old = watched.server.names();
    assert!(old.len() == 1 && old[0].starts_with(WORK), "{old:?}");
    assert!(watched.asked().iter().all(|(_, password)| password == "secret"));
    let before = account(&app).await.collections;
    let family = before.iter().find(|one| one.name == "Family").unwrap().id;
    let again = link(&app.database, other_link(&app), app.database.now()).await;
    assert_eq!(again, Ok(id));
    settle(&app, &dispatch).await;
    assert!(watched.asked().is_empty());
    // What is not there any more cannot be chosen.
    assert_eq!(account(&app).await.collections.len(), 1);
    let choice = engine::caldav::Choice {
        caller: app.doctor_caller(0),
        account_id: id,
        written: None,
        busy: vec![family],
        details: false,
    };
    let refused = engine::caldav::choose(&app.database, choice, app.database.now()).await;
    assert!(
        matches!(refused, Err(AppError::ValidationFailed { .. })),
        "{refused:?}"
    );
    choose(&app, Some("Clinic"), &["Clinic"]).await.unwrap();
    settle(&app, &dispatch).await;
    let asked = watched.asked();
    assert!(!asked.is_empty());
    for (name, password) in asked {
        assert!(name.starts_with(NEW), "{name}");
        assert_eq!(password, "of the new one");
    }
    // There it stays as it was, and it is at the new one.
    let names = watched.server.names();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&old[0]) && names.iter().any(|name| name.starts_with(NEW)));
    let references: Vec<String> = (own_starts(&app).await.into_iter())
        .map(|(reference, _)| reference)
        .collect();
    assert!(
        references
            .iter()
            .all(|reference| names.iter().all(|name| name.contains(reference)))
    );
}

#[tokio::test]
async fn an_account_is_kept_while_a_large_calendar_is_read() {
    let app = clinic().await;
    linked(&app).await;
    let watched = Watched::new(&app, None);
    for number in 0..100 {
        let body = format!("BEGIN:VEVENT\r\nUID:{number}\r\nDTSTART:20300101T000000Z\r\nEND:VEVENT\r\n");
        watched
            .server
            .change(&format!("{FAMILY}{number}.ics"), Some(body));
    }
    settle_at(&watched.dispatch(&app), later(&app, 1)).await;
    let kept = watched.kept.lock().unwrap().clone();
    assert_eq!(kept.len(), 5);
    // Each time for longer than the time before.
    assert!(kept.is_sorted_by(|one, next| one < next), "{kept:?}");
}
