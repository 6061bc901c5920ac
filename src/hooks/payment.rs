//! Calls of providers of payments. Each is answered when what it says is written down; a provider calls again until then.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use engine::{
    error::AppError,
    payment::{PaymentFact, Provider as Name, Settled, settle},
};

use crate::{
    payment::{
        numbers::{count, measure},
        provider::{Incoming, NotTaken, Provider, Reading, Standing, Trouble},
    },
    server::AppState,
};

/// No call is longer.
const MAX_BODY: usize = 1024 * 1024;

/// The routes of providers. A browser has no business here, so nobody is asked where they come from.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/hooks/stripe", post(of_stripe))
        .route("/hooks/midtrans", post(of_midtrans))
        .route("/hooks/demo", post(of_demo))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

async fn of_stripe(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> StatusCode {
    take(&state, Name::Stripe, &headers, &body).await
}

async fn of_midtrans(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> StatusCode {
    take(&state, Name::Midtrans, &headers, &body).await
}

async fn of_demo(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> StatusCode {
    take(&state, Name::Demo, &headers, &body).await
}

/// Takes a call in, and answers when that is done.
async fn take(state: &AppState, name: Name, headers: &HeaderMap, body: &[u8]) -> StatusCode {
    let Some(provider) = state.payments.of(name) else {
        return StatusCode::NOT_FOUND;
    };
    let reading = match provider.read(Incoming { headers, body }, state.now()) {
        Ok(reading) => reading,
        Err(not_taken) => {
            let (word, status) = match not_taken {
                NotTaken::NoSecret => return StatusCode::NOT_FOUND,
                NotTaken::Malformed => ("malformed", StatusCode::BAD_REQUEST),
                NotTaken::Forged => ("forged", StatusCode::UNAUTHORIZED),
                NotTaken::Stranger => ("stranger", StatusCode::FORBIDDEN),
            };
            count(&state.database, name, word);
            return status;
        }
    };
    let facts = match reading {
        Reading::Facts(facts) => facts,
        Reading::Nothing => {
            count(&state.database, name, "nothing");
            return StatusCode::NO_CONTENT;
        }
        Reading::Ask { session } => {
            let asked = provider.ask_session(&session).await;
            measure(&state.database, name, "ask", asked.as_ref().err().copied());
            match asked {
                Ok(Standing::Told(facts)) => facts,
                Ok(Standing::Open) => {
                    count(&state.database, name, "nothing");
                    return StatusCode::NO_CONTENT;
                }
                Err(trouble) => return not_now(state, name, trouble),
            }
        }
    };
    for fact in facts {
        let fact = match owned(provider.as_ref(), fact).await {
            Ok(fact) => fact,
            Err(trouble) => return not_now(state, name, trouble),
        };
        let settled = settle(&state.database, fact, state.config.rules.booking, state.now()).await;
        match settled {
            Ok(settled) => count(&state.database, name, word(&settled)),
            Err(AppError::Unavailable) => return StatusCode::SERVICE_UNAVAILABLE,
            Err(error) => {
                tracing::warn!(%error, provider = name.as_str(), "an event of a provider of payments could not be taken in");
                return StatusCode::INTERNAL_SERVER_ERROR;
            }
        }
    }
    StatusCode::NO_CONTENT
}

/// The fact with our own id of the payment, where it names that of the provider alone: it may have come before the news that it
/// was paid.
async fn owned(provider: &dyn Provider, fact: PaymentFact) -> Result<PaymentFact, Trouble> {
    match (&fact.payment_id, &fact.session, &fact.provider_payment) {
        (None, None, Some(provider_payment)) => Ok(PaymentFact {
            payment_id: provider.whose(provider_payment).await?,
            ..fact
        }),
        _ => Ok(fact),
    }
}

/// The provider calls again. What it refuses to say would stay unsaid.
fn not_now(state: &AppState, name: Name, trouble: Trouble) -> StatusCode {
    count(&state.database, name, "later");
    tracing::warn!(
        provider = name.as_str(),
        trouble = trouble.as_str(),
        "a provider of payments called, and did not say what has become of the payment"
    );
    StatusCode::SERVICE_UNAVAILABLE
}

fn word(settled: &Settled) -> &'static str {
    match settled {
        Settled::Booked { .. } => "booked",
        Settled::GoesBack => "goes_back",
        Settled::WrongAmount => "wrong_amount",
        Settled::Noted => "noted",
        Settled::Known => "known",
        Settled::Unknown => "unknown",
    }
}
