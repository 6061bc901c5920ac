//! Secrets: told once, replaced without a gap, and sealed.

use engine::{
    account::{factor::seal::SecretKey, secret::Holder},
    i18n::Locale,
    time::plus_minutes,
    webhook::{self, Dispatch, MakeWebhook, OLD_SECRET_HOURS, RotateSecret, SigningSecret, tell},
};

use super::{Receiver, URL, clinic, dispatch, post_all, soon, wishes};
use crate::support::TestApp;

async fn made_in(app: &TestApp, browser: &Holder, secret_key: Option<SecretKey>) -> (i64, SigningSecret) {
    let command = MakeWebhook {
        caller: app.admin_caller(),
        wishes: wishes(URL),
        language: Locale::En,
        browser: Some(browser.clone()),
        secret_key,
        key: None,
    };
    let (saved, secret) = webhook::make(&app.database, command, app.now).await.unwrap();
    (saved.id, secret.unwrap())
}

#[tokio::test]
async fn a_secret_is_told_once_and_in_the_browser_in_which_it_was_made() {
    let app = clinic().await;
    let (own, other) = (Holder::new("one"), Holder::new("other"));
    let (id, secret) = made_in(&app, &own, None).await;
    let admin = app.admin_caller();
    let tells = |browser: Holder, minutes: i64| {
        let (database, admin, now) = (
            app.database.clone(),
            admin.clone(),
            plus_minutes(app.now, minutes),
        );
        async move { tell(&database, &admin, id, &browser, None, now).await.unwrap() }
    };
    assert_eq!(tells(other, 1).await, None);
    assert_eq!(tells(own.clone(), 11).await, None);
    let told = app.race((0..5).map(|_| tells(own.clone(), 1)).collect()).await;
    let told: Vec<SigningSecret> = told.into_iter().flatten().collect();
    assert_eq!(told, [secret]);
}

#[tokio::test]
async fn for_a_day_requests_are_signed_by_both_secrets() {
    let app = clinic().await;
    let (id, old) = made_in(&app, &Holder::new("one"), None).await;
    let now = soon(&app);
    let command = RotateSecret {
        caller: app.admin_caller(),
        id,
        browser: None,
        secret_key: None,
        key: None,
    };
    let new = webhook::rotate(&app.database, command, now)
        .await
        .unwrap()
        .unwrap();
    let receiver = Receiver::new();
    let dispatch = dispatch(&app, &receiver);
    for (hours, secrets) in [(1, vec![new.clone(), old]), (OLD_SECRET_HOURS + 1, vec![new])] {
        let then = plus_minutes(now, hours * 60);
        webhook::send_test(&app.database, &app.admin_caller(), id, now)
            .await
            .unwrap();
        post_all(&dispatch, then).await;
        assert_eq!(receiver.requests().pop().unwrap().secrets, secrets);
    }
}

#[tokio::test]
async fn a_copy_of_the_database_does_not_tell_a_sealed_secret() {
    let app = clinic().await;
    let key = SecretKey::parse(&"a".repeat(32));
    let (id, secret) = made_in(&app, &Holder::new("one"), key.clone()).await;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let stored: String = sqlx::query_scalar("select secret from webhooks")
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap();
    assert!(!stored.contains(&hex(secret.bytes())));
    webhook::send_test(&app.database, &app.admin_caller(), id, app.now)
        .await
        .unwrap();
    // A server without the key posts nothing, and says why.
    let receiver = Receiver::new();
    let now = soon(&app);
    post_all(&dispatch(&app, &receiver), now).await;
    assert_eq!(receiver.requests().len(), 0);
    assert_eq!(
        app.count("select count(*) from webhook_deliveries where trouble = 'sealed'")
            .await,
        1
    );
    webhook::send_test(&app.database, &app.admin_caller(), id, app.now)
        .await
        .unwrap();
    let with_key = Dispatch {
        secret_key: key,
        ..dispatch(&app, &receiver)
    };
    post_all(&with_key, now).await;
    assert_eq!(receiver.requests()[0].secrets, [secret]);
}
