//! What somebody changes in a calendar elsewhere.

use std::sync::Arc;

use engine::{
    caldav::{Answer, AnswerQuestion, Question, QuestionView, answer, questions},
    error::{AppError, Field, FieldProblem},
};

use super::{Server, WORK, cancelled, clinic, dispatch, linked, moved, own_starts, settle};
use crate::support::TestApp;

/// An appointment that was written.
async fn written() -> (TestApp, Arc<Server>, String, String) {
    let app = clinic().await;
    linked(&app).await;
    let server = Arc::new(Server::default());
    let patient_id = app.patient(1).await;
    let reference = app.confirmed(patient_id, 0, app.slot(20)).await;
    settle(&app, &dispatch(&app, &server)).await;
    let name = server.names().remove(0);
    (app, server, reference, name)
}

async fn asked(app: &TestApp) -> Vec<QuestionView> {
    questions(&app.database, &app.doctor_caller(0)).await.unwrap()
}

async fn answers(app: &TestApp, id: i64, given: Answer, reason: &str) -> Result<(), AppError> {
    let command = AnswerQuestion {
        caller: app.doctor_caller(0),
        id,
        answer: given,
        reason: reason.to_owned(),
    };
    answer(&app.database, command, app.database.now()).await
}

#[tokio::test]
async fn a_move_there_is_a_move_here_by_the_rules() {
    let (app, server, reference, name) = written().await;
    server.drag(&name, app.slot(40));
    settle(&app, &dispatch(&app, &server)).await;
    let (status, version, start) = app.appointment(&reference).await;
    assert_eq!((&*status, version, start), ("confirmed", 4, app.slot(40)));
    // It was the doctor, by the history.
    assert_eq!(
        app.count("select count(*) from appointment_changes where version = 4 and actor = 'doctor'")
            .await,
        1
    );
    assert!(server.body(&name).contains("X-JANJI-VERSION:4"));
    let told = asked(&app).await;
    assert_eq!((told.len(), told[0].question), (1, Question::Moved));
    answers(&app, told[0].id, Answer::Read, "").await.unwrap();
    assert!(asked(&app).await.is_empty());
    app.assert_sound().await;
}

#[tokio::test]
async fn a_move_to_a_taken_time_is_put_back_and_told() {
    let (app, server, reference, name) = written().await;
    let other = app.patient(2).await;
    app.confirmed(other, 0, app.slot(40)).await;
    server.drag(&name, app.slot(40));
    settle(&app, &dispatch(&app, &server)).await;
    let (_, version, start) = app.appointment(&reference).await;
    assert_eq!((version, start), (3, app.slot(20)));
    assert_eq!(server.starts(), own_starts(&app).await);
    let told = asked(&app).await;
    assert_eq!(told[0].question, Question::Refused);
    assert_eq!(
        (&*told[0].because, told[0].wanted),
        ("slot_taken", Some(app.slot(40)))
    );
}

#[tokio::test]
async fn what_was_moved_here_and_there_stays_where_it_was_moved_here() {
    let (app, server, reference, name) = written().await;
    server.drag(&name, app.slot(40));
    moved(&app, &reference, None, app.slot(30)).await.unwrap();
    settle(&app, &dispatch(&app, &server)).await;
    assert_eq!(app.appointment(&reference).await.2, app.slot(30));
    assert_eq!(server.starts(), [(reference, app.slot(30))]);
    assert_eq!(asked(&app).await[0].because, "STALE_VERSION");
}

#[tokio::test]
async fn a_text_that_was_changed_is_overwritten_silently() {
    let (app, server, reference, name) = written().await;
    let before = server.body(&name);
    server.change(&name, Some(before.replace("SUMMARY:", "SUMMARY:Lunch ")));
    settle(&app, &dispatch(&app, &server)).await;
    assert_eq!(server.body(&name), before);
    // One that is only written in another way is left as it is.
    let writes = server.writes().len();
    server.change(&name, Some(before.replace("CLASS:PRIVATE\r\n", "")));
    settle(&app, &dispatch(&app, &server)).await;
    assert_eq!(server.writes().len(), writes);
    assert_eq!(app.appointment(&reference).await.1, 3);
    assert!(asked(&app).await.is_empty());
}

#[tokio::test]
async fn what_makes_no_appointment_is_put_back_and_told() {
    let (app, server, reference, name) = written().await;
    let body = server.body(&name);
    let day = body
        .lines()
        .map(|line| {
            if line.starts_with("DTSTART") {
                "DTSTART;VALUE=DATE:20300101"
            } else {
                line
            }
        })
        .collect::<Vec<_>>()
        .join("\r\n");
    server.change(&name, Some(day));
    settle(&app, &dispatch(&app, &server)).await;
    assert_eq!(server.starts(), own_starts(&app).await);
    assert_eq!(asked(&app).await[0].because, "INVALID_DATE_RANGE");
    assert_eq!(app.appointment(&reference).await.1, 3);
}

#[tokio::test]
async fn a_deletion_asks_and_cancels_nothing() {
    let (app, server, reference, name) = written().await;
    let dispatch = dispatch(&app, &server);
    server.change(&name, None);
    settle(&app, &dispatch).await;
    assert_eq!(app.appointment(&reference).await.0, "confirmed");
    assert!(server.names().is_empty());
    let question = asked(&app).await.remove(0);
    assert_eq!(question.question, Question::Deleted);
    // It stays away as long as nobody has answered, whatever happens to it.
    moved(&app, &reference, None, app.slot(30)).await.unwrap();
    settle(&app, &dispatch).await;
    assert!(server.names().is_empty());
    assert_eq!(asked(&app).await.len(), 1);
    let refused = answers(&app, question.id, Answer::Read, "").await;
    assert_eq!(
        refused,
        Err(AppError::invalid(Field::CalendarAnswer, FieldProblem::Malformed))
    );
    answers(&app, question.id, Answer::Keep, "").await.unwrap();
    settle(&app, &dispatch).await;
    assert_eq!(server.starts(), own_starts(&app).await);
    assert!(asked(&app).await.is_empty());
}

#[tokio::test]
async fn the_doctor_may_call_off_what_was_deleted_and_says_why() {
    let (app, server, reference, name) = written().await;
    let dispatch = dispatch(&app, &server);
    server.change(&name, None);
    settle(&app, &dispatch).await;
    let id = asked(&app).await[0].id;
    let refused = answers(&app, id, Answer::Cancel, " ").await;
    assert_eq!(
        refused,
        Err(AppError::invalid(Field::Reason, FieldProblem::Missing))
    );
    let other = AnswerQuestion {
        caller: app.doctor_caller(1),
        id,
        answer: Answer::Cancel,
        reason: "Ill".to_owned(),
    };
    let refused = answer(&app.database, other, app.database.now()).await;
    assert_eq!(refused, Err(AppError::NotFound));
    for _ in 0..2 {
        answers(&app, id, Answer::Cancel, "Ill").await.unwrap();
    }
    assert_eq!(app.appointment(&reference).await.0, "cancelled");
    settle(&app, &dispatch).await;
    assert_eq!(app.count("select count(*) from calendar_events").await, 0);
    assert_eq!(app.count("select count(*) from calendar_jobs").await, 0);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_question_is_over_when_the_entry_is_back_or_the_appointment_is_called_off() {
    let (app, server, reference, name) = written().await;
    let dispatch = dispatch(&app, &server);
    let body = server.body(&name);
    server.change(&name, None);
    settle(&app, &dispatch).await;
    server.change(&name, Some(body));
    settle(&app, &dispatch).await;
    assert!(asked(&app).await.is_empty());
    assert_eq!(server.starts(), own_starts(&app).await);
    server.change(&name, None);
    settle(&app, &dispatch).await;
    assert_eq!(asked(&app).await.len(), 1);
    cancelled(&app, &reference).await;
    settle(&app, &dispatch).await;
    assert!(asked(&app).await.is_empty());
}

#[tokio::test]
async fn an_answer_that_comes_after_somebody_called_it_off_changes_nothing() {
    for given in [Answer::Cancel, Answer::Keep] {
        let (app, server, reference, name) = written().await;
        let dispatch = dispatch(&app, &server);
        server.change(&name, None);
        settle(&app, &dispatch).await;
        let id = asked(&app).await[0].id;
        cancelled(&app, &reference).await;
        let before = app.count("select count(*) from appointment_changes").await;
        // Before the calendar was looked at again.
        answers(&app, id, given, "Ill").await.unwrap();
        assert!(asked(&app).await.is_empty());
        settle(&app, &dispatch).await;
        assert_eq!(app.appointment(&reference).await.0, "cancelled");
        assert_eq!(
            app.count("select count(*) from appointment_changes").await,
            before
        );
        assert!(server.names().is_empty());
        assert_eq!(app.count("select count(*) from calendar_jobs").await, 0);
        app.assert_sound().await;
    }
}

#[tokio::test]
async fn an_entry_that_got_another_name_is_the_same_one() {
    let (app, server, reference, name) = written().await;
    let dispatch = dispatch(&app, &server);
    let body = server.body(&name);
    server.change(&name, None);
    server.change(&format!("{WORK}other.ics"), Some(body));
    settle(&app, &dispatch).await;
    assert!(asked(&app).await.is_empty());
    moved(&app, &reference, None, app.slot(30)).await.unwrap();
    settle(&app, &dispatch).await;
    assert_eq!(server.names(), [format!("{WORK}other.ics")]);
    assert_eq!(server.starts(), [(reference, app.slot(30))]);
}

#[tokio::test]
async fn a_token_that_was_forgotten_loses_nothing() {
    let (app, server, reference, name) = written().await;
    let dispatch = dispatch(&app, &server);
    let other = app.patient(2).await;
    let deleted = app.confirmed(other, 0, app.slot(50)).await;
    settle(&app, &dispatch).await;
    let second = server.names().into_iter().find(|one| *one != name).unwrap();
    server.drag(&name, app.slot(40));
    server.change(&second, None);
    server.forget_tokens();
    settle(&app, &dispatch).await;
    assert_eq!(app.appointment(&reference).await.2, app.slot(40));
    let told = asked(&app).await;
    assert!(
        told.iter()
            .any(|one| one.question == Question::Deleted && one.reference == deleted)
    );
}
