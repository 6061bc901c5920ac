//! What the staff do: they answer for a patient who calls, and offer seats by hand.

use engine::{
    account::Caller,
    appointment::Status,
    error::{AppError, Field, FieldProblem},
    waitlist::{self, Accept, Decline, OfferSeats, Which},
};

use super::{FAR, free, left, seated, session, waits_for};
use crate::{
    support::{RULES, TestApp},
    waitlist::{at_this_hour, cancels, clinic, is, joins, state, wishes},
};

fn accepting(caller: Caller, entry_id: i64) -> Accept {
    Accept {
        caller,
        which: Which::OfEntry(entry_id),
        rules: RULES,
        key: None,
    }
}

/// What the last change of an appointment says of who made it.
async fn last_change(app: &TestApp, appointment_id: i64) -> (String, Option<i64>) {
    sqlx::query_as(
        "select actor, staff_id from appointment_changes where appointment_id = $1 order by version desc limit 1",
    )
    .bind(appointment_id)
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn the_desk_accepts_seats_and_times_for_a_patient_who_calls() {
    let app = clinic().await;
    let patients = app.patients(4).await;
    let group = session(&app, FAR, 1).await.id;
    let seat = seated(&app, group, patients[0], 1).await;
    let for_seat = waits_for(&app, group, patients[1], 1, 1).await.id;
    cancels(&app, 0, &seat).await;
    let time = app.confirmed(patients[2], 1, app.slot(FAR)).await;
    let for_time = joins(&app, patients[3], wishes(&app), 2).await.id;
    cancels(&app, 1, &time).await;
    for entry in [for_seat, for_time] {
        let command = accepting(app.admin_caller(), entry);
        let booked = waitlist::accept(&app.database, command.clone(), app.now)
            .await
            .unwrap();
        assert_eq!(booked.status, Status::Confirmed);
        assert_eq!(state(&app, entry).await, is("accepted", "accepted"));
        // The history says that it was the desk.
        let (actor, staff_id) = last_change(&app, booked.id).await;
        assert_eq!(
            (actor.as_str(), staff_id),
            ("admin", app.admin_caller().staff_id())
        );
        let again = waitlist::accept(&app.database, command, app.now).await.unwrap();
        assert_eq!(again.id, booked.id);
    }
    let by_staff = "select count(*) from waitlist_offers where answered_by is not null";
    assert_eq!(app.count(by_staff).await, 2);
    app.assert_whole().await;
}

#[tokio::test]
async fn the_desk_declines_for_a_patient_and_nobody_answers_for_another_clinic() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let group = session(&app, FAR, 1).await.id;
    let seat = seated(&app, group, patients[0], 1).await;
    let entry = waits_for(&app, group, patients[1], 1, 1).await.id;
    let next = waits_for(&app, group, patients[2], 1, 2).await.id;
    cancels(&app, 0, &seat).await;
    let elsewhere = app.another_clinic().await;
    let strangers = [
        app.reception_caller("elsewhere@example.com", &[elsewhere]).await,
        app.doctor_caller(1),
    ];
    let which = Which::OfEntry(entry);
    for caller in strangers {
        let command = accepting(caller.clone(), entry);
        let accepted = waitlist::accept(&app.database, command, app.now).await;
        assert_eq!(accepted.unwrap_err(), AppError::NotFound);
        let command = Decline { caller, which };
        let declined = waitlist::decline(&app.database, command, app.now).await;
        assert_eq!(declined.unwrap_err(), AppError::NotFound);
    }
    let command = Decline {
        caller: app.admin_caller(),
        which,
    };
    waitlist::decline(&app.database, command, app.now).await.unwrap();
    assert_eq!(state(&app, entry).await, is("ended", "declined"));
    assert_eq!(state(&app, next).await, is("offered", "offered"));
    app.assert_whole().await;
}

#[tokio::test]
async fn the_staff_keep_seats_for_whom_they_choose() {
    let app = clinic().await;
    let patients = app.patients(4).await;
    let group = session(&app, FAR, 3).await.id;
    let seat = seated(&app, group, patients[0], 3).await;
    let trio = waits_for(&app, group, patients[1], 3, 1).await.id;
    let pair = waits_for(&app, group, patients[2], 2, 2).await.id;
    let single = waits_for(&app, group, patients[3], 1, 3).await.id;
    // At night the seats are everybody's.
    let hour = app.now.to_zoned(jiff::tz::TimeZone::UTC).hour();
    at_this_hour(&app, 2, hour).await;
    cancels(&app, 0, &seat).await;
    let offer = |entry_id| OfferSeats {
        caller: app.admin_caller(),
        entry_id,
        key: None,
    };
    waitlist::offer_seats_by_hand(&app.database, offer(pair), app.now)
        .await
        .unwrap();
    assert_eq!(state(&app, pair).await, is("offered", "offered"));
    assert_eq!(free(&app, group).await, 1);
    let twice = waitlist::offer_seats_by_hand(&app.database, offer(pair), app.now).await;
    assert_eq!(
        twice.unwrap_err(),
        AppError::invalid(Field::Chosen, FieldProblem::Taken)
    );
    let many = waitlist::offer_seats_by_hand(&app.database, offer(trio), app.now).await;
    assert_eq!(left(&many), Some(1));
    assert_eq!(state(&app, trio).await, is("waiting", "told"));
    let stranger = OfferSeats {
        caller: app.doctor_caller(1),
        ..offer(single)
    };
    assert_eq!(
        waitlist::offer_seats_by_hand(&app.database, stranger, app.now)
            .await
            .unwrap_err(),
        AppError::NotFound
    );
    app.assert_whole().await;
}
