//! What is asked of a server of CalDAV, and servers that misbehave.

use engine::caldav::{Asked, Entry, Listed, Offered, Place, Put, Remote, Trouble, Written};
use jiff::Timestamp;

use super::{Dav, access, http, server::Oddities};

const BODY: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a@b\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// The calendar, and an entry of it, as they are called here.
fn names(dav: &Dav) -> (String, String) {
    let calendar = dav.url("/sari@example/work/");
    (calendar.clone(), format!("{calendar}a.ics"))
}

fn put(dav: &Dav, etag: Option<&str>) -> Put {
    let (collection, href) = names(dav);
    Put {
        appointment_id: 1,
        version: 1,
        collection,
        href,
        etag: etag.map(str::to_owned),
        starts_at: Timestamp::UNIX_EPOCH,
        ends_at: Timestamp::UNIX_EPOCH,
        body: BODY.to_owned(),
    }
}

async fn listed(dav: &Dav, token: Option<&str>) -> Listed {
    let asked = Asked {
        collection: names(dav).0,
        token: token.map(str::to_owned),
        can_sync: None,
    };
    http(true).list(&access(dav.url("/")), &asked).await.unwrap()
}

#[tokio::test]
async fn calendars_are_found_from_the_name_of_a_server() {
    let dav = Dav::start().await;
    for start in ["", "/", "/users/sari/", "/.well-known/caldav"] {
        let offered = http(true).discover(&access(dav.url(start))).await.unwrap();
        let expected = [("work", "Work & duty", true), ("holidays", "holidays", false)];
        let expected = expected.map(|(path, name, can_write)| Offered {
            href: dav.url(&format!("/sari@example/{path}/")),
            name: name.to_owned(),
            can_write,
        });
        assert_eq!(offered, expected, "{start}");
    }
    let mut stranger = access(dav.url("/"));
    stranger.username = "budi".to_owned();
    let refused = http(true).discover(&stranger).await.unwrap_err();
    assert_eq!(refused.trouble, Trouble::Unauthorized);
}

#[tokio::test]
async fn an_entry_is_written_only_over_what_is_known() {
    for says_no_etag in [false, true] {
        let dav = Dav::start().await;
        dav.is_odd(Oddities {
            says_no_etag,
            ..Oddities::default()
        });
        let (http, access) = (http(true), access(dav.url("/")));
        let Written::Done {
            etag: Some(first), ..
        } = http.put(&access, &put(&dav, None)).await.unwrap()
        else {
            panic!("not written");
        };
        let Written::Done {
            etag: Some(second), ..
        } = http.put(&access, &put(&dav, Some(&first))).await.unwrap()
        else {
            panic!("not written again");
        };
        assert_ne!(first, second);
        let there = Entry {
            href: names(&dav).1,
            etag: second.clone(),
            body: BODY.to_owned(),
        };
        for known in [None, Some(&*first)] {
            let other = http.put(&access, &put(&dav, known)).await.unwrap();
            assert_eq!(other, Written::Other(there.clone()));
        }
        dav.change("/sari@example/work/a.ics", None);
        let gone = http.put(&access, &put(&dav, Some(&second))).await.unwrap();
        assert_eq!(gone, Written::Gone);
    }
}

#[tokio::test]
async fn an_entry_is_deleted_whatever_was_changed_in_it() {
    let dav = Dav::start().await;
    let (http, access) = (http(true), access(dav.url("/")));
    http.put(&access, &put(&dav, None)).await.unwrap();
    dav.change("/sari@example/work/a.ics", Some("changed"));
    let place = Place {
        appointment_id: 1,
        href: names(&dav).1,
        etag: Some("\"r1\"".to_owned()),
    };
    for _ in 0..2 {
        http.delete(&access, &place).await.unwrap();
        assert!(dav.entries().is_empty());
    }
}

#[tokio::test]
async fn what_changed_is_listed_and_a_token_that_is_unknown_lists_everything() {
    let dav = Dav::start().await;
    let (_, href) = names(&dav);
    dav.change("/sari@example/work/a.ics", Some(BODY));
    let whole = listed(&dav, None).await;
    assert!(whole.is_whole && whole.can_sync);
    assert_eq!(whole.entries, [(href.clone(), "\"r1\"".to_owned())]);
    let token = whole.token.unwrap();
    let quiet = listed(&dav, Some(&token)).await;
    assert!(quiet.entries.is_empty() && quiet.removed.is_empty() && !quiet.is_whole);
    dav.change("/sari@example/work/a.ics", None);
    assert_eq!(listed(&dav, Some(&token)).await.removed, [href]);
    dav.change("/sari@example/work/b.ics", Some(BODY));
    dav.forget_tokens();
    let again = listed(&dav, Some(&token)).await;
    assert!(again.is_whole && again.entries.len() == 1);
}

#[tokio::test]
async fn a_server_that_cannot_sync_or_read_many_is_read_all_the_same() {
    let dav = Dav::start().await;
    dav.is_odd(Oddities {
        cannot_sync: true,
        cannot_read_many: true,
        ..Oddities::default()
    });
    let (calendar, href) = names(&dav);
    dav.change("/sari@example/work/a.ics", Some(BODY));
    let whole = listed(&dav, Some("urn:1")).await;
    assert!(whole.is_whole && !whole.can_sync);
    assert_eq!(whole.entries, [(href.clone(), "\"r1\"".to_owned())]);
    let gone = format!("{calendar}gone.ics");
    for is_odd in [true, false] {
        dav.is_odd(Oddities {
            cannot_read_many: is_odd,
            ..Oddities::default()
        });
        let read = http(true)
            .read(&access(dav.url("/")), &calendar, &[href.clone(), gone.clone()])
            .await
            .unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!((&read[0].href, &*read[0].etag), (&href, "\"r1\""));
        assert!(read[0].body.contains("UID:a@b"));
    }
}

#[tokio::test]
async fn nobody_leads_inside_or_in_circles_or_says_too_much() {
    let dav = Dav::start().await;
    for (path, allowed, expected) in [
        ("/in-a-circle", true, Trouble::Refused),
        ("/huge", true, Trouble::TooLong),
        ("/entities", true, Trouble::Unreadable),
        ("/busy", true, Trouble::Busy),
        ("/nothing", false, Trouble::PrivateAddress),
    ] {
        let failed = http(allowed).discover(&access(dav.url(path))).await;
        // The last of several addresses that were tried may say something else.
        let trouble = failed.as_ref().err().map(|failed| failed.trouble);
        let is_found_elsewhere = allowed && failed.is_ok();
        assert!(
            trouble == Some(expected) || is_found_elsewhere,
            "{path}: {failed:?}"
        );
    }
    // A server that is public leads inside: a name that cannot be, and a number.
    for url in [
        "http://127.0.0.1/",
        "https://localhost/",
        "https://169.254.169.254/",
    ] {
        let failed = http(false).discover(&access(url.to_owned())).await.unwrap_err();
        assert_eq!(failed.trouble, Trouble::PrivateAddress, "{url}");
    }
}

#[tokio::test]
async fn a_calendar_of_many_years_is_listed_whole() {
    for cannot_sync in [false, true] {
        let dav = Dav::start().await;
        dav.is_odd(Oddities {
            cannot_sync,
            ..Oddities::default()
        });
        for number in 0..10_000 {
            let path = format!("/sari@example/work/a-long-name-as-programs-like-to-give-it-{number}.ics");
            dav.change(&path, Some("BEGIN:VCALENDAR"));
        }
        let patient = http(true).within(std::time::Duration::from_secs(30));
        let asked = Asked {
            collection: names(&dav).0,
            token: None,
            can_sync: None,
        };
        let listed = patient.list(&access(dav.url("/")), &asked).await.unwrap();
        assert_eq!((listed.entries.len(), listed.is_whole), (10_000, true));
    }
}
