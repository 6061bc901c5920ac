//! The scopes of tokens: each call needs one, and a token without it is refused.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{Answer, Program, Site, TestApp};
use engine::account::{
    scope::{Needs, Scope},
    session::SignedIn,
    token::issue,
};
use janji::server::{api::scope::needs as needs_of, openapi};

/// A program of an admin, with a token that was made for these.
async fn with_scopes(site: &Site<'_>, scopes: Option<Vec<Scope>>) -> Program {
    let app = site.app;
    let who = SignedIn::Staff(app.admin_staff_id);
    let issued = issue(&app.database, who, None, Timestamp::now()).await.unwrap();
    let names: Option<Vec<&str>> = scopes
        .as_ref()
        .map(|scopes| scopes.iter().map(|scope| scope.name()).collect());
    sqlx::query("update tokens set name = 'A program', scopes = $1 where id = (select max(id) from tokens)")
        .bind(names)
        .execute(&mut app.connection().await)
        .await
        .unwrap();
    Program::new(site).with(&issued.token)
}

/// Every call that needs a token, by its method and path: what the description says that it needs.
fn described() -> Vec<(Method, String, Vec<String>)> {
    let description: Value = serde_json::from_str(&openapi::text()).unwrap();
    let mut calls = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, call) in item.as_object().unwrap() {
            let Some(security) = call["security"].as_array() else {
                continue;
            };
            let tokens: Vec<&Value> = security.iter().filter_map(|one| one.get("token")).collect();
            let [scopes] = tokens.as_slice() else {
                panic!("{method} {path}: {security:?}")
            };
            let scopes = serde_json::from_value((*scopes).clone()).unwrap();
            calls.push((
                method.to_uppercase().parse().unwrap(),
                path.clone(),
                // Who may come without a token is not asked what theirs is good for.
                if security.len() == 1 {
                    scopes
                } else {
                    vec!["optional".to_owned()]
                },
            ));
        }
    }
    assert!(calls.len() >= 12, "only {} calls", calls.len());
    calls
}

#[test]
fn the_description_says_what_each_call_needs_and_none_was_forgotten() {
    for (method, path, scopes) in described() {
        let needs = needs_of(&method, &path);
        assert_ne!(
            needs,
            Needs::Everything,
            "{method} {path} stands nowhere in src/account/scope.rs"
        );
        if scopes != ["optional"] {
            let expected: Vec<&str> = needs.name().into_iter().collect();
            assert_eq!(scopes, expected, "{method} {path}");
        }
    }
}

#[sqlx::test]
async fn no_call_is_open_to_a_token_that_is_not_good_for_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    for (method, path, _) in described()
        .into_iter()
        .filter(|(_, _, scopes)| scopes != &["optional"])
    {
        let here = format!("{method} {path}");
        let needs = needs_of(&method, &path);
        let path: Vec<&str> = path
            .strip_prefix("/api/v1/")
            .unwrap()
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part })
            .collect();
        let path = path.join("/");
        let call = async |program: &Program| {
            let request = program.request(method.as_str(), &path);
            let request = match method == Method::GET {
                true => request,
                false => request.json(&json!({})),
            };
            let answer = Answer::of(request).await;
            let details = answer.json()["details"].clone();
            (answer.status, details["scope"].as_str().map(ToOwned::to_owned))
        };
        match needs {
            Needs::Token => {}
            Needs::SignIn | Needs::Everything => {
                for scopes in [None, Some(Scope::ALL.to_vec())] {
                    let program = with_scopes(&site, scopes).await;
                    assert_eq!(call(&program).await, (403, Some("sign-in".to_owned())), "{here}");
                }
            }
            Needs::Scope(needed) => {
                let others = Scope::ALL.into_iter().filter(|scope| *scope != needed).collect();
                let program = with_scopes(&site, Some(others)).await;
                let expected = (403, Some(needed.name().to_owned()));
                assert_eq!(call(&program).await, expected, "{here}");
                for scopes in [None, Some(vec![needed])] {
                    let program = with_scopes(&site, scopes).await;
                    let (status, scope) = call(&program).await;
                    assert!(status != 401 && scope.is_none(), "{here}: {status} {scope:?}");
                }
            }
        }
    }
}
