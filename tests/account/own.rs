//! One's own account: the password, and where one is signed in.

use crate::support::{PASSWORD, PHONE, TestApp};
use engine::error::{AppError, Field, FieldProblem};

const NEW: &str = "tulips on a barge";

#[tokio::test]
async fn a_new_password_signs_out_everywhere_else() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let here = site.staff("doctor1@test.example").await;
    let elsewhere = site.staff("doctor1@test.example").await;
    let fields = |old, new| [("own_password", old), ("new_password", new)];
    let answer = here
        .submit("/account", "own-password", &fields("wrong", NEW))
        .await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::OwnPassword, FieldProblem::Malformed))
    );
    assert_eq!(elsewhere.get("/account").await.status, 200);
    let answer = here
        .submit("/account", "own-password", &fields(PASSWORD, NEW))
        .await;
    assert_eq!(answer.location(), "/account?done=password");
    assert_eq!(here.get("/account").await.status, 200, "this browser stays");
    assert!(elsewhere.get("/account").await.location().contains("sign-in"));
    // Patients have none.
    let patient = site.patient(PHONE).await;
    assert!(patient.get("/account").await.form("own-password").is_empty());
    assert_eq!(
        patient.call("own-password", &fields(PASSWORD, NEW)).await.status,
        403
    );
}

#[tokio::test]
async fn people_see_where_they_are_signed_in_and_end_it() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    for is_patient in [true, false] {
        let sign_in = async || match is_patient {
            true => site.patient(PHONE).await,
            false => site.staff("doctor1@test.example").await,
        };
        let (here, second, third) = (sign_in().await, sign_in().await, sign_in().await);
        let page = here.get("/account").await;
        assert!(page.body.contains("192.0.2.1"));
        let shown: Vec<(String, String)> = page.form("end-session");
        assert_eq!(shown.len(), 2, "{shown:?}");
        let answer = here
            .submit("/account", "end-session", &[("id", &shown[0].1)])
            .await;
        assert_eq!(answer.location(), "/account?done=session");
        let stay = async |browser: &crate::support::Browser| browser.get("/account").await.status == 200;
        assert_ne!(stay(&second).await, stay(&third).await);
        let again = here.call("end-session", &[("id", &shown[0].1)]).await;
        assert_eq!(again.status, 404);
        let answer = here.submit("/account", "end-other-sessions", &[]).await;
        assert_eq!(answer.location(), "/account?done=sessions");
        assert!(stay(&here).await && !stay(&second).await && !stay(&third).await);
        // Somebody else's session is not found.
        let other = site.staff("doctor2@test.example").await;
        let theirs = other.get("/account").await;
        assert!(
            theirs
                .form("end-session")
                .iter()
                .all(|field| !shown.contains(field))
        );
        let own = app
            .count("select count(*) from sessions where staff_id is not null or patient_id is not null")
            .await;
        assert!(own >= 2);
        let id: String =
            sqlx::query_scalar("select encode(id, 'hex') from sessions where staff_id = $1 limit 1")
                .bind(app.doctors[1].staff_id)
                .fetch_one(&mut *app.spare().await)
                .await
                .unwrap();
        assert_eq!(here.call("end-session", &[("id", &id)]).await.status, 404);
    }
}
