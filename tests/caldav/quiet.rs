//! What a round over HTTP costs in which nothing has changed.

use engine::caldav::{self, Choice, Glimpse, Remote, State, Trouble};
use jiff::Timestamp;

use super::{Dav, access, clinic, http, server::Oddities, settle};
use crate::support::TestApp;

/// The folder of all calendars.
const HOME: &str = "PROPFIND /sari@example/";

/// The rounds of [`settle`] after which all is quiet, if it was before.
const ROUNDS: usize = 4;

/// An entry of somebody else.
fn meeting(at: Timestamp) -> String {
    let start = at.strftime("%Y%m%dT%H%M%SZ");
    format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a@b\r\nDTSTART:{start}\r\nDURATION:PT30M\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// A doctor with a calendar to write, and five to read.
async fn linked(app: &TestApp, dav: &Dav) {
    dav.has_more(4);
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    let server = dav.url("/");
    let fields = [("server", &*server), ("user", "sari"), ("app_password", "secret")];
    doctor.submit("/doctor/calendars", "link-calendar", &fields).await;
    let caller = app.doctor_caller(0);
    let account = caldav::accounts(&app.database, &caller).await.unwrap().remove(0);
    let (written, busy): (Vec<_>, Vec<_>) =
        (account.collections.iter()).partition(|one| one.name == "Work & duty");
    assert_eq!((written.len(), busy.len()), (1, 5));
    let choice = Choice {
        caller,
        account_id: account.id,
        written: Some(written[0].id),
        busy: busy.iter().map(|one| one.id).collect(),
        details: false,
    };
    caldav::choose(&app.database, choice, app.database.now())
        .await
        .unwrap();
}

/// What some rounds ask.
async fn asked(app: &TestApp, dav: &Dav) -> Vec<String> {
    dav.asked();
    settle(app).await;
    dav.asked()
}

async fn is_quiet(app: &TestApp, odd: Oddities) {
    let dav = Dav::start().await;
    dav.is_odd(odd);
    linked(app, &dav).await;
    let patient_id = app.patient(1).await;
    app.confirmed(patient_id, 0, app.slot(20)).await;
    settle(app).await;
    assert_eq!(dav.entries().len(), 1);
    assert_eq!(asked(app, &dav).await, [HOME; ROUNDS]);
    // What has changed is asked for, and nothing else is.
    dav.change("/sari@example/more2/a.ics", Some(&meeting(app.slot(40))));
    let after = asked(app, &dav).await;
    assert_eq!(after.len(), ROUNDS + 2, "{after:?}");
    let of_it = after.iter().filter(|asked| asked.contains("/more2/"));
    assert_eq!(of_it.count(), 2, "{after:?}");
    assert_eq!(app.count("select count(*) from external_busy").await, 1);
    // An answer that is lost is asked for again.
    dav.change("/sari@example/more2/a.ics", None);
    dav.lose(1);
    settle(app).await;
    assert_eq!(app.count("select count(*) from external_busy").await, 0);
}

#[tokio::test]
async fn a_calendar_to_write_and_five_to_read_cost_a_request_when_nothing_has_changed() {
    is_quiet(&clinic(true).await, Oddities::default()).await;
}

#[tokio::test]
async fn so_they_do_where_nobody_says_what_has_changed() {
    let odd = Oddities {
        cannot_sync: true,
        ..Oddities::default()
    };
    is_quiet(&clinic(true).await, odd).await;
}

#[tokio::test]
async fn a_folder_that_says_nothing_has_each_calendar_asked() {
    let app = clinic(true).await;
    let dav = Dav::start().await;
    linked(&app, &dav).await;
    settle(&app).await;
    for (says_no_tokens, refuses_folder) in [(true, false), (false, true)] {
        dav.is_odd(Oddities {
            says_no_tokens,
            refuses_folder,
            ..Oddities::default()
        });
        let after = asked(&app, &dav).await;
        assert_eq!(after.len(), ROUNDS * 7, "{after:?}");
        let account = caldav::accounts(&app.database, &app.doctor_caller(0))
            .await
            .unwrap()
            .remove(0);
        assert_eq!((account.state, account.trouble), (State::Active, None));
    }
}

#[tokio::test]
async fn calendars_are_known_by_whichever_name_and_those_of_others_are_not_asked_for() {
    let dav = Dav::start().await;
    dav.has_more(1);
    dav.change("/sari@example/work/a.ics", Some(&meeting(Timestamp::UNIX_EPOCH)));
    let work = dav.url("/sari@example/work/");
    let more = dav.url("/sari@example/more0/");
    let elsewhere = dav.url("/budi/work/");
    let look = async |names: &[&String]| {
        let names: Vec<String> = names.iter().map(|name| (*name).clone()).collect();
        http(true).glance(&access(dav.url("/")), &names).await.unwrap()
    };
    let glimpse = |collection: &String, token: &str| Glimpse {
        collection: collection.clone(),
        token: Some(token.to_owned()),
        tag: None,
    };
    assert_eq!(
        look(&[&work, &more, &elsewhere]).await,
        [glimpse(&work, "urn:1"), glimpse(&more, "urn:0")]
    );
    assert_eq!(dav.asked(), [HOME]);
    // One alone is asked itself.
    assert_eq!(look(&[&work, &elsewhere]).await, []);
    assert_eq!(dav.asked(), [""; 0]);
    dav.is_odd(Oddities {
        cannot_sync: true,
        ..Oddities::default()
    });
    let seen = look(&[&more, &work]).await;
    let tags: Vec<_> = seen.iter().map(|one| (&one.token, one.tag.as_deref())).collect();
    assert_eq!(tags, [(&None, Some("1")), (&None, Some("0"))]);
}

#[tokio::test]
async fn no_calendar_is_looked_at_inside_and_who_is_busy_is_left_alone() {
    let inside = ["http://10.0.0.1/a/", "http://10.0.0.1/b/"].map(str::to_owned);
    let seen = http(false).glance(&access(inside[0].clone()), &inside).await;
    assert_eq!(seen.unwrap(), []);
    let dav = Dav::start().await;
    for (folder, trouble) in [("busy", Some(Trouble::Busy)), ("huge", None)] {
        let names = ["a", "b"].map(|name| dav.url(&format!("/{folder}/{name}/")));
        let seen = http(true).glance(&access(dav.url("/")), &names).await;
        assert_eq!(seen.err().map(|failed| failed.trouble), trouble, "{folder}");
    }
}
