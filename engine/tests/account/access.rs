//! Access that ends: with a new password, and with an account that is closed.

use crate::support::{PASSWORD, TestApp};
use engine::{
    account::{
        Limits, Role,
        access::{Account, SetAccess, find_account, set_access},
        put_staff,
        session::{self, Beginner, Lifetimes, Row, SignedIn},
        staff_sign_in, token,
    },
    error::{AppError, Field, FieldProblem},
    organisation::{EditDoctor, doctor_details, edit_doctor},
    time::plus_minutes,
};

const NEW: &str = "tulips on a barge";

async fn signed_in(app: &TestApp, who: SignedIn, id: u8) -> Row {
    let row = Row {
        id: vec![id; 32],
        data: serde_json::json!({}),
        signed_in: Some((who, app.now)),
        typed_until: None,
        expires_at: Lifetimes::default().end(Some((who, app.now)), app.now),
    };
    assert!(
        session::create(&app.database, row.clone(), Beginner::default(), app.now)
            .await
            .unwrap()
    );
    row
}

async fn is_signed_in(app: &TestApp, row: &Row, minutes: i64) -> bool {
    session::load(
        &app.database,
        row.id.clone(),
        Lifetimes::default(),
        plus_minutes(app.now, minutes),
    )
    .await
    .unwrap()
    .is_some()
}

fn access(app: &TestApp, who: SignedIn, active: bool) -> SetAccess {
    SetAccess {
        caller: Some(app.admin_caller()),
        who,
        active,
        key: None,
    }
}

#[tokio::test]
async fn a_closed_account_loses_what_it_opened_and_gets_none_of_it_back() {
    let app = TestApp::new().await;
    let patient = SignedIn::Patient(app.patients(1).await[0]);
    let doctor = find_account(&app.database, Account::Doctor(app.doctors[0].id))
        .await
        .unwrap();
    for (number, who) in [(1, patient), (2, doctor)] {
        let session = signed_in(&app, who, number).await;
        let issued = token::issue(&app.database, who, None, app.now).await.unwrap();
        assert!(is_signed_in(&app, &session, 1).await);
        token::find(&app.database, &issued.token, app.now).await.unwrap();
        let later = plus_minutes(app.now, 2);
        set_access(&app.database, access(&app, who, false), later)
            .await
            .unwrap();
        // What a request that is under way brings back is void, too.
        session::create(&app.database, session.clone(), Beginner::default(), app.now)
            .await
            .unwrap();
        for active in [false, true] {
            set_access(&app.database, access(&app, who, active), later)
                .await
                .unwrap();
            assert!(!is_signed_in(&app, &session, 3).await, "{who:?}");
            let shown = token::find(&app.database, &issued.token, later).await;
            assert_eq!(
                shown.map(|token| token.id),
                Err(AppError::Unauthenticated),
                "{who:?}"
            );
        }
        // Who signs in anew is let in.
        token::issue(&app.database, who, None, plus_minutes(app.now, 4))
            .await
            .unwrap();
    }
    assert_eq!(app.count("select count(*) from calendar_feeds").await, 0);
}

#[tokio::test]
async fn only_admins_close_accounts_and_not_the_last_of_their_own() {
    let app = TestApp::crowded().await;
    let admin = SignedIn::Staff(app.admin_staff_id);
    let patient = SignedIn::Patient(app.patients(1).await[0]);
    let by_doctor = SetAccess {
        caller: Some(app.doctor_caller(0)),
        ..access(&app, patient, false)
    };
    assert_eq!(
        set_access(&app.database, by_doctor, app.now).await,
        Err(AppError::NotFound)
    );
    assert_eq!(
        set_access(&app.database, access(&app, admin, false), app.now).await,
        Err(AppError::Forbidden)
    );
    let command = || SetAccess {
        caller: None,
        ..access(&app, admin, false)
    };
    assert_eq!(
        set_access(&app.database, command(), app.now).await,
        Err(AppError::Forbidden)
    );
    put_staff(
        &app.database,
        Role::Admin,
        "Second".to_owned(),
        "second@test.example".to_owned(),
        NEW.to_owned(),
    )
    .await
    .unwrap();
    let second = find_account(&app.database, Account::Staff(" Second@test.example".to_owned()))
        .await
        .unwrap();
    // Both at once: one of them stays.
    let racers: Vec<_> = [admin, second]
        .into_iter()
        .map(|who| {
            let (database, now) = (app.database.clone(), app.now);
            let command = SetAccess {
                caller: None,
                who,
                active: false,
                key: None,
            };
            async move { set_access(&database, command, now).await }
        })
        .collect();
    let mut results = app.race(racers).await;
    results.sort_by_key(Result::is_err);
    assert_eq!(results, [Ok(()), Err(AppError::Forbidden)]);
    assert_eq!(
        app.count("select count(*) from staff where role = 'admin' and active")
            .await,
        1
    );
    let nobody = set_access(&app.database, access(&app, SignedIn::Patient(-1), false), app.now).await;
    assert_eq!(nobody, Err(AppError::NotFound));
}

#[tokio::test]
async fn a_new_password_by_the_command_line_ends_all_that_the_old_one_opened() {
    let app = TestApp::new().await;
    let admin = SignedIn::Staff(app.admin_staff_id);
    let session = signed_in(&app, admin, 1).await;
    let issued = token::issue(&app.database, admin, None, app.now).await.unwrap();
    let put = async |password: &str| {
        let (name, email) = ("Admin".to_owned(), "admin@test.example".to_owned());
        put_staff(&app.database, Role::Admin, name, email, password.to_owned()).await
    };
    for refused in ["password1234", "admin@test.example", "too short", "            "] {
        assert!(
            matches!(
                put(refused).await,
                Err(AppError::ValidationFailed {
                    field: Field::NewPassword,
                    ..
                })
            ),
            "{refused}"
        );
    }
    assert!(is_signed_in(&app, &session, 1).await);
    assert_eq!(put(NEW).await, Ok(false));
    assert!(!is_signed_in(&app, &session, 1).await);
    let shown = token::find(&app.database, &issued.token, app.now).await;
    assert_eq!(shown.map(|token| token.id), Err(AppError::Unauthenticated));
    // Who had shown the old one already, and is let in only now, is not let in.
    let before = app.database.now();
    assert_eq!(put("barges and tulips").await, Ok(false));
    let late = token::issue(&app.database, admin, None, before).await.unwrap();
    let shown = token::find(&app.database, &late.token, app.database.now()).await;
    assert_eq!(shown.map(|token| token.id), Err(AppError::Unauthenticated));
    let anew = token::issue(&app.database, admin, None, app.database.now())
        .await
        .unwrap();
    token::find(&app.database, &anew.token, app.database.now())
        .await
        .unwrap();
}

#[tokio::test]
async fn what_a_doctor_signs_in_with_changes_only_with_the_password_of_the_admin() {
    let app = TestApp::new().await;
    let doctor_id = app.doctors[0].id;
    let seen = doctor_details(&app.database, doctor_id, app.now).await.unwrap();
    let command = |email: &str, password: Option<&str>, own_password: Option<&str>| {
        let mut profile = seen.profile.clone();
        profile.email = email.to_owned();
        EditDoctor {
            caller: app.admin_caller(),
            doctor_id,
            version: 1,
            profile,
            password: password.map(ToOwned::to_owned),
            own_password: own_password.map(ToOwned::to_owned),
            limits: Limits::default(),
            key: None,
        }
    };
    let own = |problem| Err(AppError::invalid(Field::OwnPassword, problem));
    for (email, password, own_password, expected) in [
        ("other@test.example", None, None, own(FieldProblem::Missing)),
        (
            "doctor1@test.example",
            Some(NEW),
            None,
            own(FieldProblem::Missing),
        ),
        (
            "doctor1@test.example",
            Some(NEW),
            Some(""),
            own(FieldProblem::Missing),
        ),
        (
            "other@test.example",
            None,
            Some("wrong"),
            own(FieldProblem::Malformed),
        ),
        (
            "doctor1@test.example",
            Some("password1234"),
            Some(PASSWORD),
            Err(AppError::invalid(Field::NewPassword, FieldProblem::Common)),
        ),
        ("doctor1@test.example", None, None, Ok(2)),
    ] {
        let edited = edit_doctor(&app.database, command(email, password, own_password), app.now).await;
        assert_eq!(edited.map(|saved| saved.version), expected, "{email}");
    }
    let both = EditDoctor {
        version: 2,
        ..command("other@test.example", Some(NEW), Some(PASSWORD))
    };
    assert_eq!(
        edit_doctor(&app.database, both, app.now)
            .await
            .map(|saved| saved.version),
        Ok(3)
    );
    let limits = Limits::default();
    let (password, address) = (NEW.to_owned(), "192.0.2.1".to_owned());
    staff_sign_in(
        &app.database,
        limits,
        "other@test.example",
        password,
        address,
        app.now,
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn sessions_end_after_some_time_without_a_request_and_in_all() {
    let app = TestApp::new().await;
    let (hour, day) = (60, 24 * 60);
    let patient = SignedIn::Patient(app.patients(1).await[0]);
    let staff = SignedIn::Staff(app.admin_staff_id);
    for (number, who, idle, step, all) in [
        (1, staff, 12 * hour, 11 * hour, 7 * day),
        (3, patient, 30 * day, 29 * day, 365 * day),
    ] {
        let idle_one = signed_in(&app, who, number).await;
        assert!(is_signed_in(&app, &idle_one, idle - 1).await);
        let busy = signed_in(&app, who, number + 1).await;
        assert!(!is_signed_in(&app, &busy, idle).await, "without a request");
        app.sql("delete from sessions").await;
        let busy = signed_in(&app, who, number + 1).await;
        let mut minutes = step;
        while minutes < all {
            assert!(
                is_signed_in(&app, &busy, minutes).await,
                "{who:?} after {minutes}"
            );
            noted(&app, minutes).await;
            minutes += step;
        }
        assert!(!is_signed_in(&app, &busy, all).await, "{who:?} in all");
        app.sql("delete from sessions").await;
    }
}

/// Waits until the request at this moment is noted, which is done beside it.
async fn noted(app: &TestApp, minutes: i64) {
    for _ in 0..500 {
        let end = sqlx::query_scalar::<_, bool>("select bool_and(expires_at > $1) from sessions")
            .bind(jiff_sqlx::ToSqlx::to_sqlx(plus_minutes(app.now, minutes + 1)))
            .fetch_one(&mut *app.spare().await)
            .await
            .unwrap();
        // The next step is within the time without a request of the one before.
        if end && is_extended(app, minutes).await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("that the session was used was not noted");
}

async fn is_extended(app: &TestApp, minutes: i64) -> bool {
    let since = jiff_sqlx::ToSqlx::to_sqlx(plus_minutes(app.now, minutes));
    sqlx::query_scalar::<_, bool>(
        "select bool_and(expires_at >= least($1 + case when staff_id is null then interval '30 days' else interval '12 hours' end,
                                             signed_in_at + case when staff_id is null then interval '365 days'
                                                                 else interval '7 days' end) - interval '1 second')
         from sessions",
    )
    .bind(since)
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap()
}
