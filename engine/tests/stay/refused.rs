//! What the database itself refuses, whoever asks for it.

use super::*;

/// The constraint that a statement breaks.
async fn broken(app: &TestApp, statement: &'static str) -> Option<String> {
    let result = sqlx::raw_sql(statement).execute(&mut *app.spare().await).await;
    match result {
        Err(sqlx::Error::Database(error)) => error.constraint().map(str::to_owned),
        _ => None,
    }
}

#[tokio::test]
async fn a_room_more_than_there_are_is_refused_by_a_named_constraint() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 2).await;
    let (me, other) = (app.patient(1).await, app.patient(2).await);
    book(&app, me, wanted(&app, single, (10, 12), 2)).await.unwrap();
    book(&app, other, wanted(&app, single, (20, 21), 1))
        .await
        .unwrap();
    for (statement, constraint) in [
        (
            "insert into stay_nights (stay_id, night, room_type_id, rooms, price_minor)
             select other.id, mine.arrival, mine.room_type_id, 1, 0
             from stays as mine, stays as other where mine.rooms = 2 and other.rooms = 1",
            "room_nights_taken_within_total",
        ),
        (
            "insert into room_nights (room_type_id, night, total, taken)
             select id, '2040-01-01', rooms, rooms + 1 from room_types",
            "room_nights_taken_within_total",
        ),
        (
            "update room_nights set taken = taken + 1 where taken = total",
            "room_nights_taken_within_total",
        ),
        (
            "update room_nights set total = 1 where taken = 2",
            "room_nights_taken_within_total",
        ),
        (
            "update room_nights set taken = -1",
            "room_nights_taken_within_total",
        ),
        (
            "update stay_nights set rooms = 3 where rooms = 2",
            "room_nights_taken_within_total",
        ),
        (
            "insert into stay_nights (stay_id, night, room_type_id, rooms, price_minor)
             select id, '2040-01-01', room_type_id, 1, 0 from stays",
            "stay_nights_night_fkey",
        ),
        ("update stays set departure = arrival", "stays_have_nights"),
    ] {
        assert_eq!(
            broken(&app, statement).await.as_deref(),
            Some(constraint),
            "{statement}"
        );
    }
    app.assert_whole().await;
}
