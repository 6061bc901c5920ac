//! A new phone number on the page of one's own account.

use crate::support::{OTHER, PHONE, TestApp};
use engine::error::AppError;

#[tokio::test]
async fn a_patient_takes_a_new_phone_number() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (patient, elsewhere) = (site.patient(PHONE).await, site.patient(PHONE).await);
    assert_eq!(patient.get("/account/phone").await.location(), "/account");
    let answer = patient.submit("/account", "new-phone", &[("phone", OTHER)]).await;
    assert_eq!(answer.location(), "/account/phone");
    let page = patient.get("/account/phone").await;
    assert_eq!(page.status, 200);
    // The code of the new number signs nobody else in, and no other one is taken for it.
    let answer = patient
        .submit("/account/phone", "confirm-phone", &[("code", "000000")])
        .await;
    assert_eq!(answer.error(), Some(AppError::WrongCode));
    let code = app.newest_code(OTHER).await;
    let stranger = site.patient("+6281255500779").await;
    assert_eq!(
        stranger.call("confirm-phone", &[("code", &code)]).await.status,
        401
    );
    let answer = patient
        .submit("/account/phone", "confirm-phone", &[("code", &code)])
        .await;
    assert_eq!(answer.location(), "/account?done=phone");
    assert_eq!(patient.get("/account").await.status, 200);
    assert!(elsewhere.get("/account").await.location().contains("sign-in"));
    assert!(app.newest_message(PHONE).await.contains("was changed"));
    assert_eq!(
        app.count("select count(*) from patients where phone = '+6281255500778'")
            .await,
        1
    );
}
