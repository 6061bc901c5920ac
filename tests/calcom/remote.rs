//! What is asked of Cal.com, and what its answers mean.

use engine::caldav::{Asked, Place, Put, Remote, Trouble, Written};
use janji::calcom::remote::CalCom;
use jiff::{SignedDuration, Timestamp};

use super::{CalComHere, EVENT_TYPE};

const COLLECTION: &str = "event-types/50/30,60/";
const ENTRY: &str = "event-types/50/30,60/K7QM-4D2P-7.ics";

/// A moment that is some hours ahead.
fn ahead(hours: i64) -> Timestamp {
    let now = Timestamp::now() + SignedDuration::from_hours(48 + hours);
    Timestamp::from_second(now.as_second() / 3600 * 3600).unwrap()
}

fn put(version: i32, starts_at: Timestamp, etag: Option<&str>) -> Put {
    Put {
        appointment_id: 1,
        version,
        collection: COLLECTION.to_owned(),
        href: ENTRY.to_owned(),
        etag: etag.map(str::to_owned),
        starts_at,
        ends_at: starts_at + SignedDuration::from_mins(30),
        body: String::new(),
    }
}

fn place(etag: Option<String>) -> Place {
    Place {
        appointment_id: 1,
        href: ENTRY.to_owned(),
        etag,
    }
}

fn asked() -> Asked {
    Asked {
        collection: COLLECTION.to_owned(),
        token: None,
        can_sync: None,
    }
}

fn cal_com() -> CalCom {
    CalCom::new(true, Box::new(Timestamp::now)).unwrap()
}

fn done(written: Written) -> String {
    match written {
        Written::Done { href, etag } => {
            assert_eq!(href, ENTRY);
            etag.unwrap()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_appointment_becomes_one_booking_that_moves_and_ends_with_it() {
    let (here, remote) = (CalComHere::open().await, cal_com());
    let access = here.access();
    let first = done(remote.put(&access, &put(2, ahead(1), None)).await.unwrap());
    assert_eq!(here.live(), [("uid-1".to_owned(), ahead(1).to_string())]);
    // What is so already is looked at, and no more.
    here.take_requests();
    assert_eq!(
        done(
            remote
                .put(&access, &put(2, ahead(1), Some(&first)))
                .await
                .unwrap()
        ),
        first
    );
    assert_eq!(here.take_requests(), ["GET /v2/bookings/uid-1"]);
    let second = done(
        remote
            .put(&access, &put(3, ahead(2), Some(&first)))
            .await
            .unwrap(),
    );
    assert_eq!(here.live(), [("uid-2".to_owned(), ahead(2).to_string())]);
    assert_ne!(first, second);
    // By the name alone, as where the answer was lost.
    remote.delete(&access, &place(Some(first))).await.unwrap();
    assert!(here.live().is_empty());
    remote.delete(&access, &place(None)).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_was_lost_makes_no_second_booking() {
    let (here, remote) = (CalComHere::open().await, cal_com());
    let access = here.access();
    here.lose(1);
    let lost = remote.put(&access, &put(2, ahead(1), None)).await.unwrap_err();
    assert_eq!(lost.trouble, Trouble::Refused);
    let Written::Other(found) = remote.put(&access, &put(2, ahead(1), None)).await.unwrap() else {
        panic!("it was not found");
    };
    assert_eq!(found.href, ENTRY);
    assert!(found.body.contains("X-JANJI-VERSION:2\r\n"), "{}", found.body);
    // A move whose answer is lost is found under its new uid, and says which version it is of.
    here.lose(1);
    remote
        .put(&access, &put(3, ahead(2), Some(&found.etag)))
        .await
        .unwrap_err();
    let Written::Other(moved) = remote
        .put(&access, &put(3, ahead(2), Some(&found.etag)))
        .await
        .unwrap()
    else {
        panic!("it was not found");
    };
    assert!(moved.body.contains("X-JANJI-VERSION:3\r\n"), "{}", moved.body);
    done(
        remote
            .put(&access, &put(3, ahead(2), Some(&moved.etag)))
            .await
            .unwrap(),
    );
    assert_eq!(here.live().len(), 1);
}

#[tokio::test]
async fn what_was_moved_there_is_followed_and_what_was_cancelled_is_gone() {
    let (here, remote) = (CalComHere::open().await, cal_com());
    let access = here.access();
    let etag = done(remote.put(&access, &put(2, ahead(1), None)).await.unwrap());
    here.moves("uid-1", ahead(5), Some("The doctor is away"));
    let Written::Other(found) = remote.put(&access, &put(3, ahead(2), Some(&etag))).await.unwrap() else {
        panic!("it was not followed");
    };
    // Nobody here has written that.
    assert!(!found.body.contains("X-JANJI-VERSION"), "{}", found.body);
    // What cannot be is written back.
    let etag = done(
        remote
            .put(&access, &put(3, ahead(2), Some(&found.etag)))
            .await
            .unwrap(),
    );
    assert_eq!(here.live(), [("uid-3".to_owned(), ahead(2).to_string())]);
    here.cancels("uid-3");
    let gone = remote.put(&access, &put(4, ahead(3), Some(&etag))).await.unwrap();
    assert_eq!(gone, Written::Gone);
    // The doctor keeps it: it is written anew.
    done(remote.put(&access, &put(4, ahead(3), None)).await.unwrap());
    assert_eq!(here.live(), [("uid-4".to_owned(), ahead(3).to_string())]);
}

#[tokio::test]
async fn a_list_has_ours_by_their_names_and_the_times_of_all_others() {
    let (here, remote) = (CalComHere::open().await, cal_com());
    let access = here.access();
    done(remote.put(&access, &put(2, ahead(1), None)).await.unwrap());
    here.book(ahead(3), 45);
    let gone = here.book(ahead(4), 30);
    here.cancels(&gone);
    here.take_requests();
    let listed = remote.list(&access, &asked()).await.unwrap();
    // A quiet round costs one request.
    assert_eq!(here.take_requests(), ["GET /v2/bookings"]);
    assert!(listed.is_whole && listed.token.is_none());
    let names: Vec<&str> = listed.entries.iter().map(|(href, _)| href.as_str()).collect();
    assert_eq!(names, [ENTRY, "bookings/uid-2"]);
    let other = remote
        .read(&access, COLLECTION, &["bookings/uid-2".to_owned()])
        .await
        .unwrap();
    assert_eq!(other.len(), 1);
    assert!(
        other[0].body.contains("UID:uid-2\r\n") && !other[0].body.contains("budi"),
        "{}",
        other[0].body
    );
    // More than fit into one answer.
    for hour in 0..120 {
        here.book(ahead(10 + hour), 30);
    }
    assert_eq!(remote.list(&access, &asked()).await.unwrap().entries.len(), 122);
}

#[tokio::test]
async fn a_refusal_says_whom_it_is_about() {
    let (here, remote) = (CalComHere::open().await, cal_com());
    let mut access = here.access();
    let kind = remote.event_type(&access, EVENT_TYPE).await.unwrap();
    assert_eq!((kind.href.as_str(), kind.name.as_str()), (COLLECTION, "Visit"));
    let missing = remote.event_type(&access, 51).await.unwrap_err();
    assert_eq!(missing.trouble, Trouble::NotFound);
    access.password = engine::caldav::Password::new("cal_other");
    let stranger = remote.list(&access, &asked()).await.unwrap_err();
    assert_eq!(stranger.trouble, Trouble::Unauthorized);
    let access = here.access();
    // Somebody else has the time there.
    here.book(ahead(1), 30);
    let taken = remote.put(&access, &put(2, ahead(1), None)).await.unwrap_err();
    assert_eq!(taken.trouble, Trouble::Refused);
    for (status, expected) in [
        (429, Trouble::Busy),
        (503, Trouble::Busy),
        (500, Trouble::Refused),
        // Nobody is followed elsewhere: what is sent has a key.
        (302, Trouble::Refused),
        (200, Trouble::Unreadable),
    ] {
        here.answers(status, "60");
        let failed = remote.list(&access, &asked()).await.unwrap_err();
        assert_eq!(failed.trouble, expected, "{status}");
    }
    here.answers(429, "60");
    let busy = remote.list(&access, &asked()).await.unwrap_err();
    assert_eq!(busy.wait, Some(SignedDuration::from_secs(60)));
    // Of the own network, nothing is asked unless the installation allows it.
    here.take_requests();
    let public = CalCom::new(false, Box::new(Timestamp::now)).unwrap();
    let inside = public.list(&access, &asked()).await.unwrap_err();
    assert_eq!(inside.trouble, Trouble::PrivateAddress);
    assert!(here.take_requests().is_empty());
}
