//! The scopes of tokens: each call needs one, and a token without it is refused.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Program, Site, TestApp};
use engine::account::{
    scope::{Needs, Scope},
    session::SignedIn,
    token::issue,
};
use janji::api;

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
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
    Program::new(site).with(&issued.token)
}

/// Every call that needs a token, by its method and path: what the description says that it needs.
fn described() -> Vec<(Method, String, Vec<String>)> {
    let description: Value = serde_json::from_str(&api::text()).unwrap();
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
                // A call that works without a token needs no scope.
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
fn the_description_names_the_scope_of_every_call() {
    let stated = api::scopes();
    for (method, path, scopes) in described() {
        let needs = stated.needs(&method, &path);
        assert_ne!(
            needs,
            Needs::Everything,
            "{method} {path} states no scope in its `security`"
        );
        if scopes != ["optional"] {
            let expected: Vec<&str> = needs.name().into_iter().collect();
            assert_eq!(scopes, expected, "{method} {path}");
        }
    }
}

/// The scopes as they were decided: a changed word at a handler is seen here.
#[test]
fn each_call_needs_the_scope_that_was_decided_for_it() {
    use Needs::{Everything, SignIn, Token};
    let scope = Needs::Scope;
    let stated = api::scopes();
    for (call, expected) in [
        ("GET appointments", scope(Scope::Read)),
        ("HEAD appointments", scope(Scope::Read)),
        ("GET admin/locks", scope(Scope::Read)),
        ("GET admin/security", scope(Scope::Read)),
        ("GET admin/staff", scope(Scope::Read)),
        // They open the door to others.
        ("POST admin/staff", SignIn),
        ("POST admin/staff/{id}/invitation", SignIn),
        ("PUT admin/staff/{id}/access", SignIn),
        ("PUT admin/staff/{id}/role", SignIn),
        ("PUT admin/staff/{id}/clinics", SignIn),
        ("GET me/contact", scope(Scope::Read)),
        // It says where the patient is reached.
        ("PUT me/contact", SignIn),
        ("GET admin/messages", scope(Scope::Read)),
        // It writes to patients.
        ("POST admin/messages/{id}/again", scope(Scope::Book)),
        ("POST admin/messages/test", scope(Scope::Organise)),
        ("POST patients/{id}/confirm-number", scope(Scope::Book)),
        ("GET organisation/numbers", scope(Scope::Read)),
        // It says what a code opens.
        ("PUT organisation/numbers", SignIn),
        ("GET appointments/{id}/notifications", scope(Scope::Read)),
        ("GET admin/messages/texts", scope(Scope::Read)),
        ("GET admin/messages/texts/{text}/{language}", scope(Scope::Read)),
        (
            "PUT admin/messages/texts/{text}/{language}",
            scope(Scope::Organise),
        ),
        (
            "DELETE admin/messages/texts/{text}/{language}",
            scope(Scope::Organise),
        ),
        ("GET tokens", scope(Scope::Read)),
        ("GET me", Token),
        ("POST auth/logout", Token),
        ("POST tokens", SignIn),
        ("DELETE tokens/{id}", SignIn),
        ("POST calendar", SignIn),
        ("POST appointments", scope(Scope::Book)),
        ("POST appointments/search", scope(Scope::Read)),
        ("POST appointments/{id}/arrival", scope(Scope::Book)),
        ("POST appointments/{id}/arrival/take-back", scope(Scope::Book)),
        ("POST appointments/{id}/status", scope(Scope::Book)),
        ("POST holds", scope(Scope::Book)),
        ("DELETE holds/{id}", scope(Scope::Book)),
        ("GET phone-lines", scope(Scope::Read)),
        ("PUT phone-lines", scope(Scope::Organise)),
        ("POST phone-lines/remove", scope(Scope::Organise)),
        ("GET phone-calls", scope(Scope::Read)),
        ("GET phone-calls/names", scope(Scope::Read)),
        ("GET phone-calls/{id}", scope(Scope::Read)),
        ("PUT phone-calls/{id}/callback", scope(Scope::Book)),
        ("PUT patients/{id}/name-checked", scope(Scope::Book)),
        ("POST holds/{id}/pay", scope(Scope::Book)),
        ("POST visits/pay", scope(Scope::Book)),
        ("GET appointments/{id}/payments", scope(Scope::Read)),
        ("POST appointments/{id}/payments", scope(Scope::Book)),
        ("GET admin/payments", scope(Scope::Read)),
        ("GET admin/payments/worklist", scope(Scope::Read)),
        ("POST admin/payments/troubles/{id}/seen", scope(Scope::Book)),
        ("POST admin/refunds/{id}/by-hand", scope(Scope::Book)),
        ("GET admin/revenue", scope(Scope::Read)),
        ("GET waitlist", scope(Scope::Read)),
        ("POST waitlist", scope(Scope::Book)),
        ("GET waitlist/{id}", scope(Scope::Read)),
        ("DELETE waitlist/{id}", scope(Scope::Book)),
        ("POST waitlist/{id}/accept", scope(Scope::Book)),
        ("POST waitlist/{id}/decline", scope(Scope::Book)),
        ("POST waitlist/{id}/offer", scope(Scope::Book)),
        ("POST visits/{id}/cancel", scope(Scope::Book)),
        ("POST walk-ins", scope(Scope::Book)),
        ("POST patients", scope(Scope::Book)),
        ("POST patients/search", scope(Scope::Read)),
        ("POST find", scope(Scope::Read)),
        ("POST patients/{id}/give", scope(Scope::Book)),
        ("POST patients/{id}/take-back", scope(Scope::Book)),
        ("GET patients/{id}/reads", scope(Scope::Read)),
        ("GET patients/{id}/card", scope(Scope::Read)),
        ("PUT patients/{id}/card", scope(Scope::Book)),
        ("POST patients/{id}/merge", scope(Scope::Organise)),
        ("POST merges/{id}/undo", scope(Scope::Organise)),
        ("GET family", scope(Scope::Read)),
        ("POST family", scope(Scope::Book)),
        ("POST ratings", scope(Scope::Book)),
        ("GET appointments/{id}/consultation", scope(Scope::Read)),
        ("POST appointments/{id}/messages", scope(Scope::Book)),
        ("POST appointments/{id}/messages/seen", scope(Scope::Read)),
        ("GET appointments/{id}/video", scope(Scope::Read)),
        ("POST appointments/confirm", scope(Scope::Book)),
        ("POST courses/preview", scope(Scope::Read)),
        ("POST courses", scope(Scope::Book)),
        ("POST groups", scope(Scope::Plan)),
        ("PUT groups/{id}", scope(Scope::Plan)),
        ("POST groups/{id}/publish", scope(Scope::Plan)),
        ("POST groups/{id}/cancel", scope(Scope::Plan)),
        ("GET groups/{id}/seats", scope(Scope::Read)),
        ("POST groups/{id}/seats", scope(Scope::Book)),
        ("POST groups/{id}/pay", scope(Scope::Book)),
        ("POST stays/{id}/pay", scope(Scope::Book)),
        ("GET stays/{id}/payments", scope(Scope::Read)),
        ("POST stays/{id}/payments", scope(Scope::Book)),
        ("GET appointments/{id}/clinical-note", scope(Scope::Read)),
        ("PUT appointments/{id}/clinical-note", scope(Scope::Treat)),
        ("GET patients/{id}/clinical-notes", scope(Scope::Read)),
        ("GET prescription-templates", scope(Scope::Read)),
        ("POST prescription-templates", scope(Scope::Treat)),
        ("PUT prescription-templates/{id}", scope(Scope::Treat)),
        ("DELETE prescription-templates/{id}", scope(Scope::Treat)),
        ("POST prescriptions", scope(Scope::Treat)),
        ("POST prescriptions/{id}/withdraw", scope(Scope::Treat)),
        ("PUT doctors/{id}/schedule/week", scope(Scope::Plan)),
        // It cancels, and writes to patients.
        (
            "GET doctors/{id}/schedule/version/{clinic_id}",
            scope(Scope::Read),
        ),
        ("POST doctors/{id}/schedule/cancel-day", scope(Scope::Book)),
        ("POST doctors/{id}/schedule/stop-day", scope(Scope::Plan)),
        ("POST doctors/{id}/schedule/open-day", scope(Scope::Plan)),
        ("DELETE closures/{id}", scope(Scope::Plan)),
        ("GET call-lists/{id}", scope(Scope::Read)),
        ("POST call-lists/{id}/tick", scope(Scope::Book)),
        // Both say how somebody signs in.
        ("POST doctors", SignIn),
        ("PUT doctors/{id}/profile", SignIn),
        ("PUT doctors/{id}/access", SignIn),
        ("PUT patients/{id}/access", SignIn),
        ("PUT doctors/{id}/activity", scope(Scope::Organise)),
        ("PUT doctors/{id}/offers", scope(Scope::Organise)),
        ("PUT services/{id}", scope(Scope::Organise)),
        ("PUT specialities", scope(Scope::Organise)),
        ("POST clinics", scope(Scope::Organise)),
        ("PUT organisation", scope(Scope::Organise)),
        ("PUT organisation/logo", scope(Scope::Organise)),
        ("DELETE organisation/logo", scope(Scope::Organise)),
        ("GET webhooks", scope(Scope::Webhooks)),
        ("POST webhooks", scope(Scope::Webhooks)),
        ("PUT webhooks/{id}", scope(Scope::Webhooks)),
        ("DELETE webhooks/{id}", scope(Scope::Webhooks)),
        ("POST webhooks/{id}/pause", scope(Scope::Webhooks)),
        ("POST webhooks/{id}/resume", scope(Scope::Webhooks)),
        ("POST webhooks/{id}/secret", scope(Scope::Webhooks)),
        ("POST webhooks/{id}/test", scope(Scope::Webhooks)),
        ("GET webhooks/{id}/deliveries", scope(Scope::Webhooks)),
        ("POST webhooks/{id}/replay", scope(Scope::Webhooks)),
        (
            "POST webhooks/{id}/deliveries/{delivery_id}/replay",
            scope(Scope::Webhooks),
        ),
        ("POST import/doctors", SignIn),
        // It cancels, and writes to patients, too.
        ("GET admin/overdue", scope(Scope::Read)),
        ("POST admin/overdue", scope(Scope::Book)),
        // It reads everything and changes nothing.
        ("POST admin/integrity", scope(Scope::Read)),
        // Calls that do not exist.
        ("GET whatever/comes", Everything),
        ("POST appointment", Everything),
        ("POST doctors/{id}/whatever", Everything),
        ("POST doctors/import", Everything),
        ("POST tokensandmore", Everything),
        ("PATCH whatever/comes", Everything),
        ("POST ", Everything),
    ] {
        let (method, route) = call.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        assert_eq!(
            stated.needs(&method, &format!("/api/v1/{route}")),
            expected,
            "{call}"
        );
    }
    let get = Method::GET;
    assert_eq!(stated.needs(&get, "/healthz"), Everything);
    assert_eq!(stated.needs(&get, ""), Everything);
}

#[tokio::test]
async fn every_call_refuses_a_token_without_its_scope() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let stated = api::scopes();
    for (method, path, _) in described()
        .into_iter()
        .filter(|(_, _, scopes)| scopes != &["optional"])
    {
        let here = format!("{method} {path}");
        let needs = stated.needs(&method, &path);
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
