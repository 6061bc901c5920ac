//! Cal.com: what it says of its bookings is heard once, and looked at for certain.

use std::sync::Arc;

use engine::{
    account::factor::seal::SecretKey,
    calcom::{Hearing, HookSecret, LinkCalCom, MAX_AGE_MINUTES, Sign, heard, hook_secret, link},
    caldav::{
        self, Access, Asked, Dispatch, Entry, Kind, Listed, Offered, Password, Place, Put, Remote, Remotes,
        Remoting, Written, round,
    },
    database::Database,
    error::{AppError, Field},
    i18n::Locale,
    time::plus_minutes,
    webhook::Target,
};
use jiff::Timestamp;

use crate::support::{RULES, TestApp};

fn secret_key() -> SecretKey {
    SecretKey::parse(&"k".repeat(32)).unwrap()
}

fn command(app: &TestApp, doctor: usize) -> LinkCalCom {
    LinkCalCom {
        caller: app.doctor_caller(doctor),
        target: Target::parse("https://api.cal.com", false).unwrap(),
        email: "sari@example.com".to_owned(),
        api_key: Password::new("cal_test"),
        event_type: Offered {
            href: "event-types/50//".to_owned(),
            name: "Visit".to_owned(),
            can_write: true,
        },
        hook_secret: HookSecret::parse("hook_0123456789abcdef").unwrap(),
        language: Locale::En,
        secret_key: Some(secret_key()),
    }
}

async fn linked(app: &TestApp, doctor: usize) -> i64 {
    link(&app.database, command(app, doctor), app.database.now())
        .await
        .unwrap()
}

fn sign(account_id: i64, at: Timestamp) -> Sign {
    Sign {
        account_id,
        event_id: "BOOKING_CREATED 2026-11-30T02:00:00Z uid".to_owned(),
        at,
    }
}

const DUE: &str = "select count(*) from calendar_accounts where pull_at <= now() + interval '5 seconds'";

#[tokio::test]
async fn thirty_copies_of_a_sign_at_once_are_heard_once() {
    let app = TestApp::crowded().await;
    let account_id = linked(&app, 0).await;
    app.sql("update calendar_accounts set pull_at = now() + interval '1 hour'")
        .await;
    let now = app.database.now();
    let copies = (0..30).map(|_| {
        let database = app.database.clone();
        async move { heard(&database, sign(account_id, now), now).await }
    });
    let results = app.race(copies.collect()).await;
    let count = |wanted| results.iter().filter(|result| **result == Ok(wanted)).count();
    assert_eq!(
        (count(Hearing::Heard), count(Hearing::Known)),
        (1, 29),
        "{results:?}"
    );
    assert_eq!(app.count(DUE).await, 1);
}

#[tokio::test]
async fn what_is_old_or_for_nobody_is_not_heard() {
    let app = TestApp::new().await;
    let (own, other) = (linked(&app, 0).await, linked(&app, 1).await);
    app.sql("update calendar_accounts set pull_at = now() + interval '1 hour'")
        .await;
    let now = app.database.now();
    for at in [plus_minutes(now, -MAX_AGE_MINUTES - 1), plus_minutes(now, 6)] {
        assert_eq!(
            heard(&app.database, sign(own, at), now).await,
            Ok(Hearing::Stale),
            "{at}"
        );
    }
    assert_eq!(
        heard(&app.database, sign(999, now), now).await,
        Ok(Hearing::Nobody)
    );
    assert_eq!(app.count(DUE).await, 0);
    assert_eq!(
        heard(&app.database, sign(own, now), now).await,
        Ok(Hearing::Heard)
    );
    // Of two accounts, each hears for itself.
    assert_eq!(
        heard(&app.database, sign(other, now), now).await,
        Ok(Hearing::Heard)
    );
    caldav::unlink(&app.database, &app.doctor_caller(0), own, now)
        .await
        .unwrap();
    let secret = hook_secret(&app.database, own, Some(&secret_key()))
        .await
        .unwrap();
    assert_eq!(secret, None);
    assert!(
        hook_secret(&app.database, other, Some(&secret_key()))
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(
        hook_secret(&app.database, other, None).await,
        Err(AppError::Internal)
    );
}

#[tokio::test]
async fn an_account_is_linked_whole_or_brought_up_to_date() {
    let app = TestApp::new().await;
    let wrong = LinkCalCom {
        email: "sari".to_owned(),
        ..command(&app, 0)
    };
    assert!(matches!(
        link(&app.database, wrong, app.now).await,
        Err(AppError::ValidationFailed {
            field: Field::Email,
            ..
        })
    ));
    let admin = LinkCalCom {
        caller: app.admin_caller(),
        ..command(&app, 0)
    };
    assert_eq!(link(&app.database, admin, app.now).await, Err(AppError::NotFound));
    let first = linked(&app, 0).await;
    let without = LinkCalCom {
        hook_secret: None,
        ..command(&app, 0)
    };
    assert_eq!(link(&app.database, without, app.database.now()).await, Ok(first));
    // The secret is shown to nobody who could type it again.
    assert_eq!(app.count("select count(*) from calendar_hooks").await, 1);
    assert_eq!(
        app.count(
            "select count(*) from calendar_accounts
             join calendar_collections on account_id = calendar_accounts.id
             where state = 'active' and is_written and reads_busy and not details"
        )
        .await,
        1
    );
}

/// An account in which something happens just after it was listed.
struct Busy {
    database: Database,
    account_id: i64,
}

impl Remote for Busy {
    fn put<'a>(&'a self, _: &'a Access, put: &'a Put) -> Remoting<'a, Written> {
        let href = put.href.clone();
        Box::pin(async move { Ok(Written::Done { href, etag: None }) })
    }

    fn delete<'a>(&'a self, _: &'a Access, _: &'a Place) -> Remoting<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn list<'a>(&'a self, _: &'a Access, _: &'a Asked) -> Remoting<'a, Listed> {
        Box::pin(async move {
            let now = self.database.now();
            let hearing = heard(&self.database, sign(self.account_id, now), now).await;
            assert_eq!(hearing, Ok(Hearing::Heard));
            Ok(Listed {
                is_whole: true,
                ..Listed::default()
            })
        })
    }

    fn read<'a>(&'a self, _: &'a Access, _: &'a str, _: &'a [String]) -> Remoting<'a, Vec<Entry>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

#[tokio::test]
async fn what_is_heard_during_a_look_is_looked_at_again() {
    let app = TestApp::new().await;
    let account_id = linked(&app, 0).await;
    let remote = Busy {
        database: app.database.clone(),
        account_id,
    };
    let dispatch = Dispatch {
        database: app.database.clone(),
        remotes: Remotes::default().with(Kind::CalCom, Arc::new(remote)),
        secret_key: Some(secret_key()),
        origin: None,
        rules: RULES,
    };
    assert_eq!(round(&dispatch, app.database.now()).await, Ok(1));
    assert_eq!(app.count(DUE).await, 1);
}
