//! A copy that was restored, and the backups of a day.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use engine::{
    database::backup::{Kind, add_lines, check, restore},
    installation::{Daily, LEDGER, Release, Waiting, claim_daily, finish_backup, release, standing},
    privacy,
    time::plus_minutes,
    worker::Workers,
};
use sqlx::ConnectOptions;
use tokio::sync::Notify;

use crate::{
    database::backup::Beside,
    privacy::{erased, person},
    support::TestApp,
};

const PAUSE: &str = "update installation set paused_since = now(), restored_from = now() - interval '1 day'";

/// A message that waited in the backup, one that somebody caused since, and one that is due later.
const MESSAGES: &str = "
    insert into messages (kind, channel, recipient, body, created_at, due_at, not_after) values
        ('account', 'email', 'a@test.example', 'before', now() - interval '2 days', now() - interval '1 day', now() + interval '1 day'),
        ('account', 'email', 'a@test.example', 'since', now() + interval '1 second', now(), now() + interval '1 day'),
        ('account', 'email', 'a@test.example', 'later', now() - interval '2 days', now() + interval '1 day', now() + interval '2 days')";

#[tokio::test]
async fn while_a_copy_is_paused_no_worker_does_a_round() {
    let app = TestApp::new().await;
    app.sql(PAUSE).await;
    let (rounds, wake_up) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let counting = |workers: &mut Workers| {
        let rounds = rounds.clone();
        workers.add("test", wake_up.clone(), move || {
            let rounds = rounds.clone();
            async move {
                rounds.fetch_add(1, Ordering::SeqCst);
                Ok(0)
            }
        });
    };
    let mut workers = Workers::of(&app.database);
    counting(&mut workers);
    // It has asked by then, and waits to be woken.
    while !app.database.is_paused().await.unwrap() {}
    wake_up.notify_one();
    assert!(workers.stop(Duration::from_secs(10)).await);
    assert_eq!(rounds.load(Ordering::SeqCst), 0);

    let command = Release {
        caller: Some(app.admin_caller()),
        waiting: Waiting::Drop,
    };
    release(&app.database, command).await.unwrap();
    let mut workers = Workers::of(&app.database);
    counting(&mut workers);
    while rounds.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    workers.stop(Duration::from_secs(10)).await;
}

#[tokio::test]
async fn what_waited_in_the_backup_is_not_said_again() {
    let app = TestApp::new().await;
    app.sql(PAUSE).await;
    app.sql(MESSAGES).await;
    assert_eq!(standing(&app.database).await.unwrap().waiting, 1);
    let command = Release {
        caller: None,
        waiting: Waiting::Drop,
    };
    assert_eq!(release(&app.database, command.clone()).await.unwrap(), Some(1));
    let due = "select count(*) from messages where state = 'due' and body in ('since', 'later')";
    assert_eq!(app.count(due).await, 2);
    assert_eq!(
        app.count("select count(*) from messages where state = 'suppressed' and body = 'before'")
            .await,
        1
    );
    assert_eq!(
        app.count("select count(*) from security_notes where kind = 'copy_released'")
            .await,
        1
    );
    assert!(!app.database.is_paused().await.unwrap());
    // It is at work, and nothing more is given up.
    assert_eq!(release(&app.database, command).await.unwrap(), None);
    app.assert_whole().await;
}

#[tokio::test]
async fn of_two_who_release_a_copy_one_does() {
    let app = TestApp::crowded().await;
    app.sql(PAUSE).await;
    app.sql(MESSAGES).await;
    let racers = [Waiting::Drop, Waiting::Drop, Waiting::Send, Waiting::Send]
        .map(|waiting| {
            let (database, caller) = (app.database.clone(), Some(app.admin_caller()));
            async move { release(&database, Release { caller, waiting }).await.unwrap() }
        })
        .into_iter()
        .collect();
    let released = app.race(racers).await;
    assert_eq!(released.iter().flatten().count(), 1, "{released:?}");
    assert_eq!(
        app.count("select count(*) from security_notes where kind = 'copy_released'")
            .await,
        1
    );
}

#[tokio::test]
async fn of_all_servers_one_backs_up_each_day() {
    let app = TestApp::crowded().await;
    let now = app.now;
    let racers = (0..10)
        .map(|_| {
            let database = app.database.clone();
            async move { claim_daily(&database, now).await.unwrap() }
        })
        .collect();
    let claims = app.race(racers).await;
    let id = claims.iter().flatten().copied().next().unwrap();
    assert_eq!(claims.iter().flatten().count(), 1, "{claims:?}");
    // One that failed is tried again after an hour, and one that was made is not.
    finish_backup(&app.database, id, None).await.unwrap();
    assert_eq!(standing(&app.database).await.unwrap().failed, 1);
    assert_eq!(claim_daily(&app.database, now).await.unwrap(), None);
    app.sql("update backups set began_at = began_at - interval '61 minutes'")
        .await;
    assert_eq!(claim_daily(&app.database, now).await.unwrap(), Some(id));
    let tomorrow = claim_daily(&app.database, plus_minutes(now, 24 * 60)).await;
    assert!(tomorrow.unwrap().is_some());
}

#[tokio::test]
async fn the_backup_of_a_day_is_made_and_remembered() {
    let app = TestApp::new().await;
    let options = app.options.clone();
    let folder = std::env::temp_dir().join(format!("janji-daily-{}", options.get_database().unwrap()));
    let daily = Daily {
        database: app.database.clone(),
        url: options.to_url_lossy().to_string(),
        folder: folder.clone(),
    };
    let made = daily.round(app.now).await.unwrap().unwrap();
    let (_, foot) = check(made.path.as_deref().unwrap()).unwrap();
    assert_eq!(foot.total(), made.rows);
    let last = standing(&app.database).await.unwrap().last_backup.unwrap();
    assert_eq!(
        (last.rows, last.bytes),
        (made.rows.cast_signed(), made.bytes.cast_signed())
    );
    assert!(last.name.starts_with("daily-"), "{}", last.name);
    assert!(daily.round(app.now).await.unwrap().is_none());
    fs::remove_dir_all(&folder).unwrap();
}

/// Backups of before have them still.
#[tokio::test]
async fn who_was_erased_since_a_backup_is_in_the_ledger_beside_it() {
    let app = TestApp::new().await;
    let options = app.options.clone();
    let patient_id = person(&app).await;
    let folder = std::env::temp_dir().join(format!("janji-ledger-{}", options.get_database().unwrap()));
    let daily = Daily {
        database: app.database.clone(),
        url: options.to_url_lossy().to_string(),
        folder: folder.clone(),
    };
    let before = daily.round(app.now).await.unwrap().unwrap();
    let ledger = folder.join(LEDGER);
    assert!(!ledger.exists());
    erased(&app, patient_id).await;
    // What an earlier round wrote stays, whatever this database knows of it; but for what broke off.
    let other = "K7QM-4D2P-9HXT-R3WB 1 2026-01-01T00:00:00Z 2026-01-02T00:00:00Z\n";
    fs::write(&ledger, format!("{other}K7QM-4D")).unwrap();
    let known = privacy::ledger(&app.database).await.unwrap();
    for _ in 0..2 {
        // The backup of the day is made already.
        assert!(daily.round(app.now).await.unwrap().is_none());
        let kept = fs::read_to_string(&ledger).unwrap();
        assert_eq!(kept, format!("{other}{}", privacy::to_text(&known)));
    }

    let beside = Beside::of(&options).await;
    restore(&beside.address(), before.path.as_deref().unwrap(), Kind::Same)
        .await
        .unwrap();
    let database = beside.database().await;
    let entries = privacy::of_text(&fs::read_to_string(&ledger).unwrap()).unwrap();
    assert_eq!(privacy::replay(&database, entries, app.now).await, Ok(1));
    database.close().await;
    beside.drop().await;
    fs::remove_dir_all(&folder).unwrap();
}

/// Only its owner can read it, and it makes its folder.
#[test]
fn the_ledger_is_its_owners_alone() {
    let folder = std::env::temp_dir().join(format!("janji-lines-{}", std::process::id()));
    add_lines(&folder, LEDGER, "").unwrap();
    assert!(!folder.exists());
    add_lines(&folder, LEDGER, "one\ntwo\n").unwrap();
    let metadata = fs::metadata(folder.join(LEDGER)).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    fs::remove_dir_all(&folder).unwrap();
}
