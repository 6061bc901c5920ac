//! Programs that call the API, and what they are answered.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{app::TestApp, browser::Answer, site::Site};
use engine::account::{session::SignedIn, token};

/// A program that may have a token.
#[derive(Clone)]
pub struct Program {
    pub http: reqwest::Client,
    pub site: String,
    pub token: Option<String>,
}

impl Program {
    pub fn new(site: &Site<'_>) -> Self {
        let visitor = site.visitor();
        Self {
            http: visitor.http.clone(),
            site: visitor.site,
            token: None,
        }
    }

    pub fn with(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    pub async fn acting_for(site: &Site<'_>, who: SignedIn) -> Self {
        let issued = token::issue(&site.app.database, who, None, Timestamp::now())
            .await
            .unwrap();
        Self::new(site).with(&issued.token)
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/api/v1/{path}", self.site);
        let request = self.http.request(method.parse().unwrap(), url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request("GET", path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request("POST", path).json(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request("PUT", path).json(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request("DELETE", path)).await
    }

    pub async fn post_under(&self, key: &str, path: &str, body: &Value) -> Answer {
        let request = self.request("POST", path).header("idempotency-key", key);
        Answer::of(request.json(body)).await
    }
}

/// The data in the envelope of a successful answer.
pub fn data(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{answer:?}");
    let mut json = answer.json();
    assert_eq!(json["success"], true);
    assert!(json["message"].as_str().is_some_and(|text| !text.is_empty()));
    json["data"].take()
}

/// The details of an error.
pub fn refused(answer: &Answer, status: u16, code: &str) -> Value {
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (status, code),
        "{answer:?}"
    );
    assert!(
        !answer.body.contains("sqlx") && !answer.body.contains("select "),
        "{answer:?}"
    );
    answer.json()["details"].take()
}

pub struct People {
    pub patient: Program,
    pub patient_id: i64,
    pub other: Program,
    pub other_id: i64,
    pub doctor: Program,
    pub other_doctor: Program,
    pub admin: Program,
    /// At the reception of another clinic.
    pub other_reception: Program,
}

impl People {
    pub async fn of(site: &Site<'_>) -> Self {
        let app = site.app;
        let (patient_id, other_id) = (app.patient(0).await, app.patient(1).await);
        let staff = |id| Program::acting_for(site, SignedIn::Staff(id));
        let elsewhere = app.another_clinic().await;
        let other_reception = app.reception("elsewhere2@test.example", &[elsewhere]).await;
        Self {
            patient: Program::acting_for(site, SignedIn::Patient(patient_id)).await,
            patient_id,
            other: Program::acting_for(site, SignedIn::Patient(other_id)).await,
            other_id,
            doctor: staff(app.doctors[0].staff_id).await,
            other_doctor: staff(app.doctors[1].staff_id).await,
            admin: staff(app.admin_staff_id).await,
            other_reception: staff(other_reception).await,
        }
    }
}

/// The body of a request for a visit at this time.
pub fn wish(app: &TestApp, doctor: usize, starts_at: Timestamp) -> Value {
    json!({
        "doctor_id": app.doctors[doctor].id,
        "scheduled_at": starts_at.to_string(),
        "type": "visit",
        "reason": "A cough",
    })
}
