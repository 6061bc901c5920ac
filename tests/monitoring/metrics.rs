//! Metrics, and the alerts that watch them.

use crate::support::{Answer, TestApp, VISIT};

async fn read_metrics(app: &TestApp, headers: &[(&str, &str)]) -> Answer {
    let url = app.serve().await.visitor().url("/metrics");
    let mut request = reqwest::Client::new().get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request).await
}

#[tokio::test]
async fn metrics_need_the_token_or_a_caller_on_this_machine() {
    let mut app = TestApp::new().await;
    let configure = |app: &mut TestApp, trust_proxy: bool, token: Option<&str>| {
        app.configure(|config| {
            config.trust_proxy = trust_proxy;
            config.metrics_token = token.map(str::to_owned);
        });
    };
    configure(&mut app, false, None);
    let answer = read_metrics(&app, &[]).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    let most = format!(
        "janji_pool_connections_most {}",
        app.state.config.database.pool_size
    );
    for line in ["janji_database_up 1", "janji_database_waiting 0", &most] {
        assert!(
            answer.body.lines().any(|found| found == line),
            "{line} in {}",
            answer.body
        );
    }
    assert!(
        answer
            .body
            .contains("janji_database_locks_held{table=\"calendar_hours\"} 0")
    );
    // A request that a proxy on this machine passes on may come from anywhere.
    for header in ["x-forwarded-for", "forwarded", "via"] {
        assert_eq!(
            read_metrics(&app, &[(header, "203.0.113.9")]).await.status,
            404,
            "{header}"
        );
    }
    configure(&mut app, true, None);
    assert_eq!(read_metrics(&app, &[]).await.status, 404);

    configure(&mut app, true, Some("a long secret"));
    for (authorization, status) in [
        ("Bearer a long secret", 200),
        ("bearer a long secret", 200),
        ("Bearer a long secre", 404),
        ("Bearer ", 404),
        ("Basic a long secret", 404),
        ("a long secret", 404),
    ] {
        let answer = read_metrics(&app, &[("authorization", authorization)]).await;
        assert_eq!(answer.status, status, "{authorization}");
    }
    configure(&mut app, false, Some("a long secret"));
    assert_eq!(read_metrics(&app, &[]).await.status, 404);
}

#[tokio::test]
async fn metrics_are_served_while_the_database_does_not_answer() {
    let mut app = TestApp::new().await;
    app.configure(|config| config.trust_proxy = false);
    let mut taken = Vec::new();
    for _ in 0..app.state.config.database.pool_size {
        taken.push(app.database.pool().acquire().await.unwrap());
    }
    let in_use = format!("janji_pool_connections{{state=\"in_use\"}} {}", taken.len());
    let answer = read_metrics(&app, &[]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.lines().any(|line| line == "janji_database_up 0"));
    assert!(answer.body.lines().any(|line| line == in_use));
}

/// Prometheus finds every metric under the name that its alert uses.
#[tokio::test]
async fn every_metric_that_an_alert_watches_exists() {
    let mut app = TestApp::new().await;
    app.hold(1, app.wanted(0, VISIT, app.slot(20)), app.now)
        .await
        .unwrap();
    app.state.integrity.check(&app.database).await.unwrap();
    app.configure(|config| {
        config.trust_proxy = false;
        config.operation.backup_dir = Some("/nowhere".into());
    });
    let metrics = read_metrics(&app, &[]).await.body;
    let rules = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/deploy/prometheus/alerts.yml"
    ))
    .unwrap();
    let mut seen = 0;
    for word in rules.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        if word.starts_with("janji_") {
            seen += 1;
            assert!(metrics.contains(word), "{word}");
        }
    }
    assert!(seen >= 6);
    // The bound of the alert is one of a bucket.
    assert!(rules.contains("le=\"1\"") && metrics.contains("le=\"1\""));
}

/// Grafana finds every metric under the name that its dashboard uses.
#[tokio::test]
async fn every_metric_of_the_dashboard_exists() {
    let mut app = TestApp::new().await;
    app.hold(1, app.wanted(0, VISIT, app.slot(20)), app.now)
        .await
        .unwrap();
    app.state.integrity.check(&app.database).await.unwrap();
    app.configure(|config| config.trust_proxy = false);
    let metrics = read_metrics(&app, &[]).await.body;
    let dashboard: serde_json::Value =
        serde_json::from_str(include_str!("../../deploy/grafana/janji.json")).unwrap();
    let mut ids = Vec::new();
    let mut seen = 0;
    for panel in dashboard["panels"].as_array().unwrap() {
        ids.push(panel["id"].as_i64().unwrap());
        for target in panel["targets"].as_array().into_iter().flatten() {
            let expression = target["expr"].as_str().unwrap();
            for word in expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
                if word.starts_with("janji_") {
                    seen += 1;
                    assert!(metrics.contains(word), "{word}");
                }
            }
            assert!(expression.contains("janji_"), "{expression}");
        }
    }
    assert!(seen > 20, "{seen}");
    let panels = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), panels);
}
