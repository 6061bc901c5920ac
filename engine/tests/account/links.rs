//! Links in mails: invitations and forgotten passwords (I7).

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;

use crate::support::{PASSWORD, TestApp, one_winner};
use engine::{
    account::{
        Limits, Role,
        access::{SetAccess, set_access},
        choose::{choose_by_link, forgotten},
        invite::{InviteToDesk, invite, invite_to_desk},
        link::{PublicUrl, Purpose, follow},
        roster::members,
        session::SignedIn,
        staff_sign_in, token,
    },
    error::{AppError, Field, FieldProblem},
    i18n::Texts,
    time::plus_minutes,
};

const NEW: &str = "tulips on a barge";
const ADDRESS: &str = "192.0.2.1";

pub fn site() -> PublicUrl {
    PublicUrl::parse("https://clinic.example").unwrap()
}

fn invitation(app: &TestApp, email: &str) -> InviteToDesk {
    InviteToDesk {
        caller: app.admin_caller(),
        role: Role::Admin,
        clinics: BTreeSet::new(),
        name: "Ayu Lestari".to_owned(),
        email: email.to_owned(),
        site: site(),
        texts: Texts::default(),
        key: None,
    }
}

async fn signs_in(app: &TestApp, email: &str, password: &str) -> Result<i64, AppError> {
    let (password, address) = (password.to_owned(), ADDRESS.to_owned());
    staff_sign_in(
        &app.database,
        Limits::default(),
        email,
        password,
        address,
        app.database.now(),
    )
    .await
}

async fn chooses(app: &TestApp, secret: &str, password: &str, now: Timestamp) -> Result<(), AppError> {
    choose_by_link(&app.database, secret, password.to_owned(), Texts::default(), now).await
}

/// The secret of the link in the newest mail to this address.
async fn newest_link(app: &TestApp, email: &str) -> String {
    let body = app.newest_message(email).await;
    let after = body
        .split("https://clinic.example/link?key=")
        .nth(1)
        .expect("a link");
    after.split_whitespace().next().unwrap().to_owned()
}

/// Asks for a new password, and waits for the mail, which is sent beside the answer.
async fn asks(app: &TestApp, email: &str, address: &str) {
    let before = mails(app).await;
    forgotten(&app.database, email, address, (site(), Texts::default()), app.now)
        .await
        .unwrap();
    for _ in 0..500 {
        if mails(app).await > before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no mail was sent");
}

async fn mails(app: &TestApp) -> i64 {
    app.count("select count(*) from messages where channel = 'email'")
        .await
}

#[tokio::test]
async fn an_invited_admin_chooses_the_first_password_once() {
    let app = TestApp::new().await;
    let email = "ayu@test.example";
    let id = invite_to_desk(&app.database, invitation(&app, " Ayu@test.example "), app.now)
        .await
        .unwrap();
    let secret = newest_link(&app, email).await;
    assert_eq!(app.count("select count(*) from account_links").await, 1);
    // Nobody can sign in with the account before.
    assert_eq!(signs_in(&app, email, NEW).await, Err(AppError::WrongPassword));
    let followed = follow(&app.database, &secret, app.now).await.unwrap().unwrap();
    assert_eq!((followed.purpose, followed.staff_id), (Purpose::Invitation, id));
    assert_eq!(followed.email, email);
    // What is refused does not use it up.
    assert_eq!(
        chooses(&app, &secret, "password1234", app.now).await,
        Err(AppError::invalid(Field::NewPassword, FieldProblem::Common))
    );
    let late = plus_minutes(app.now, Purpose::Invitation.lifetime_minutes());
    assert_eq!(chooses(&app, &secret, NEW, late).await, Err(AppError::NotFound));
    assert_eq!(chooses(&app, &secret, NEW, app.now).await, Ok(()));
    assert_eq!(
        chooses(&app, &secret, "barges and tulips", app.now).await,
        Err(AppError::NotFound)
    );
    assert!(follow(&app.database, &secret, app.now).await.unwrap().is_none());
    assert_eq!(signs_in(&app, email, NEW).await, Ok(id));
    // The address is taken now.
    assert_eq!(
        invite_to_desk(&app.database, invitation(&app, email), app.now).await,
        Err(AppError::invalid(Field::Email, FieldProblem::Taken))
    );
    // Only admins invite.
    let by_doctor = InviteToDesk {
        caller: app.doctor_caller(0),
        ..invitation(&app, "other@test.example")
    };
    assert_eq!(
        invite_to_desk(&app.database, by_doctor, app.now).await,
        Err(AppError::NotFound)
    );
    // Neither the link nor the password is anywhere in the log of security.
    let leaks = "select count(*) from security_notes where about like '%barge%' or about like '%key=%'";
    assert_eq!(app.count(leaks).await, 0);
}

#[tokio::test]
async fn who_was_invited_is_no_admin_before_choosing_a_password() {
    let app = TestApp::new().await;
    let id = invite_to_desk(&app.database, invitation(&app, "ayu@test.example"), app.now)
        .await
        .unwrap();
    let list = members(&app.database, &app.admin_caller(), app.now)
        .await
        .unwrap();
    let find = |id: i64| list.iter().find(|member| member.id == id).unwrap();
    assert!(find(id).is_invited && find(id).invited_until.is_some() && !find(id).active);
    // The only admin who can sign in stays the last one.
    assert!(find(app.admin_staff_id).is_last_admin);
    let close = |who: i64, active: bool| SetAccess {
        caller: None,
        who: SignedIn::Staff(who),
        active,
        key: None,
    };
    let closed = set_access(&app.database, close(app.admin_staff_id, false), app.now).await;
    assert_eq!(closed, Err(AppError::Forbidden));
    let opened = set_access(&app.database, close(id, true), app.now).await;
    assert_eq!(
        opened,
        Err(AppError::Forbidden),
        "an account whose password nobody knows"
    );
    assert_eq!(
        token::issue(&app.database, SignedIn::Staff(id), None, app.now)
            .await
            .err(),
        Some(AppError::Unauthenticated)
    );
    assert_eq!(
        members(&app.database, &app.doctor_caller(0), app.now).await.err(),
        Some(AppError::NotFound)
    );
}

#[tokio::test]
async fn thirty_uses_of_one_link_choose_one_password() {
    let app = TestApp::crowded().await;
    invite_to_desk(&app.database, invitation(&app, "ayu@test.example"), app.now)
        .await
        .unwrap();
    let secret = newest_link(&app, "ayu@test.example").await;
    let racers: Vec<_> = (0..30)
        .map(|number| {
            let (database, secret, now) = (app.database.clone(), secret.clone(), app.now);
            async move {
                let password = format!("tulips on barge {number}");
                choose_by_link(&database, &secret, password.clone(), Texts::default(), now)
                    .await
                    .map(|()| password)
            }
        })
        .collect();
    let (password, losers) = one_winner(&app.race(racers).await);
    assert!(
        // Where too many hash at once, some are asked to come again.
        losers
            .iter()
            .all(|error| matches!(error, AppError::NotFound | AppError::RateLimited)),
        "{losers:?}"
    );
    assert!(signs_in(&app, "ayu@test.example", &password).await.is_ok());
}

#[tokio::test]
async fn of_several_links_the_newest_one_is_good() {
    let app = TestApp::crowded().await;
    let doctor = app.doctors[0].staff_id;
    let racers: Vec<_> = (0..8)
        .map(|_| {
            let (database, caller, now) = (app.database.clone(), app.admin_caller(), app.now);
            async move { invite(&database, &caller, doctor, (site(), Texts::default()), now).await }
        })
        .collect();
    assert!(app.race(racers).await.iter().all(Result::is_ok));
    assert_eq!(app.count("select count(*) from account_links").await, 1);
    let bodies: Vec<String> =
        sqlx::query_scalar("select body from messages where channel = 'email' order by id")
            .fetch_all(&mut *app.spare().await)
            .await
            .unwrap();
    assert_eq!(bodies.len(), 8);
    let mut used = 0;
    for body in &bodies {
        let secret = body
            .split("key=")
            .nth(1)
            .unwrap()
            .split_whitespace()
            .next()
            .unwrap();
        if follow(&app.database, secret, app.now).await.unwrap().is_some() {
            used += 1;
            chooses(&app, secret, NEW, app.now).await.unwrap();
        }
    }
    assert_eq!(used, 1);
    assert_eq!(signs_in(&app, "doctor1@test.example", NEW).await, Ok(doctor));
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_and_all_that_it_opened_ends() {
    let app = TestApp::new().await;
    let (email, staff_id) = ("doctor1@test.example", app.doctors[0].staff_id);
    let issued = token::issue(&app.database, SignedIn::Staff(staff_id), None, app.now)
        .await
        .unwrap();
    asks(&app, " Doctor1@test.example", ADDRESS).await;
    let first = newest_link(&app, email).await;
    // A stranger who asks as well ends nothing.
    asks(&app, email, "192.0.2.2").await;
    let second = newest_link(&app, email).await;
    let later = plus_minutes(app.now, 1);
    assert_eq!(
        chooses(&app, &first, NEW, plus_minutes(app.now, 30)).await,
        Err(AppError::NotFound)
    );
    chooses(&app, &first, NEW, later).await.unwrap();
    assert_eq!(chooses(&app, &second, NEW, later).await, Err(AppError::NotFound));
    let shown = token::find(&app.database, &issued.token, later).await;
    assert_eq!(shown.map(|token| token.id), Err(AppError::Unauthenticated));
    assert_eq!(
        signs_in(&app, email, PASSWORD).await,
        Err(AppError::WrongPassword)
    );
    assert_eq!(signs_in(&app, email, NEW).await, Ok(staff_id));
    // Its owner is told, in a mail that has no link.
    let told = app.newest_message(email).await;
    assert!(told.contains("was changed") && !told.contains("key="), "{told}");
    let secrets = "select count(*) from messages where body like '%key=%' and secret_until is null";
    assert_eq!(app.count(secrets).await, 0);
}

#[tokio::test]
async fn nobody_learns_whether_an_address_is_known() {
    let app = TestApp::new().await;
    app.sql("update staff set active = false where email = 'doctor2@test.example'")
        .await;
    for email in ["nobody@test.example", "doctor2@test.example"] {
        forgotten(&app.database, email, ADDRESS, (site(), Texts::default()), app.now)
            .await
            .unwrap();
    }
    // One that is known, asked for last: what was done for the others is done by then.
    asks(&app, "doctor1@test.example", ADDRESS).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(mails(&app).await, 1);
    assert_eq!(app.count("select count(*) from account_links").await, 1);
    // Asking again and again fills nobody's mail, and is answered the same, until an address asks too often.
    for _ in 0..4 {
        forgotten(
            &app.database,
            "doctor1@test.example",
            "192.0.2.9",
            (site(), Texts::default()),
            app.now,
        )
        .await
        .unwrap();
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(mails(&app).await, 3);
    let mut refused = 0;
    for number in 0..30 {
        let email = format!("nobody{number}@test.example");
        let asked = forgotten(
            &app.database,
            &email,
            "192.0.2.77",
            (site(), Texts::default()),
            app.now,
        )
        .await;
        refused += i32::from(asked == Err(AppError::RateLimited));
    }
    assert_eq!(refused, 10);
}

#[tokio::test]
async fn a_link_is_void_once_the_account_is_closed_or_has_another_password() {
    let app = TestApp::new().await;
    let (email, staff_id) = ("doctor1@test.example", app.doctors[0].staff_id);
    let by_admin = |active: bool| SetAccess {
        caller: Some(app.admin_caller()),
        who: SignedIn::Staff(staff_id),
        active,
        key: None,
    };
    asks(&app, email, ADDRESS).await;
    let secret = newest_link(&app, email).await;
    for active in [false, true] {
        set_access(&app.database, by_admin(active), app.now)
            .await
            .unwrap();
        assert_eq!(
            chooses(&app, &secret, NEW, app.now).await,
            Err(AppError::NotFound),
            "{active}"
        );
    }
    asks(&app, email, ADDRESS).await;
    let secret = newest_link(&app, email).await;
    app.sql("update staff set password_hash = 'another one' where email = 'doctor1@test.example'")
        .await;
    assert!(follow(&app.database, &secret, app.now).await.unwrap().is_none());
    assert_eq!(
        chooses(&app, &secret, NEW, app.now).await,
        Err(AppError::NotFound)
    );
}
