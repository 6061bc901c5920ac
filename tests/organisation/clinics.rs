//! Clinics.

use super::follow;
use crate::support::TestApp;
use engine::error::{AppError, Field, FieldProblem};

#[tokio::test]
async fn clinics_are_described_without_javascript() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let fields = |title: &'static str, zone: &'static str| {
        [
            ("filled[fields][title]", title),
            ("filled[fields][address]", "Jalan Kenanga 12"),
            ("filled[fields][city]", "Jakarta"),
            ("filled[fields][clinic_phone]", "+62 21 5550 0110"),
            ("filled[fields][time_zone]", zone),
        ]
    };
    let new = "/admin/clinics/new";
    assert!(admin.get(new).await.body.contains("Asia/Jakarta"));
    let answer = admin
        .submit(new, "put-clinic", &fields("Harapan", "Asia/Batavia"))
        .await;
    let back = follow(&admin, &answer).await;
    assert_eq!(back.texts("#errors li").len(), 1);
    assert!(
        back.form("put-clinic")
            .contains(&("filled[fields][time_zone]".to_owned(), "Asia/Batavia".to_owned()))
    );
    let answer = admin
        .submit(new, "put-clinic", &fields("Clinic", "Asia/Jakarta"))
        .await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Title, FieldProblem::Taken))
    );
    let answer = admin
        .submit(new, "put-clinic", &fields("Harapan", "asia/jakarta"))
        .await;
    let saved = follow(&admin, &answer).await;
    assert_eq!(saved.texts("#errors-title"), ["Harapan is saved."]);
    assert!(
        saved.texts("tbody tr").join(" ").contains("Asia/Jakarta, UTC+7"),
        "{:?}",
        saved.texts("tbody tr")
    );
}
