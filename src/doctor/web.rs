//! The server as browsers meet it: by its name, over TLS.

use std::{error::Error, time::Duration};

use engine::account::link::PublicUrl;
use jiff::Timestamp;
use reqwest::{Client, redirect::Policy, tls::TlsInfo};

use super::{Finding, certificate::end_of};

const WHAT: &str = "public URL";

/// Limit for the server to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The days before its end at which a certificate should have been renewed, and at which it is high time.
const SOON_DAYS: i64 = 21;
const TOO_SOON_DAYS: i64 = 3;

/// Asks the server at its public address whether it is there. Without a time, the end of its certificate is told and not judged.
pub(super) async fn look(url: &PublicUrl, now: Option<Timestamp>) -> Finding {
    // Whoever comes first chooses.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .timeout(TIMEOUT)
        .redirect(Policy::none())
        .tls_info(true)
        .build();
    let client = match client {
        Ok(client) => client,
        Err(error) => return Finding::wrong(WHAT, format!("cannot be tried: {}", innermost(&error))),
    };
    match client.get(format!("{}/healthz", url.as_str())).send().await {
        Err(error) => Finding::wrong(WHAT, format!("does not answer from here: {}", innermost(&error))),
        Ok(response) if !response.status().is_success() => Finding::wrong(
            WHAT,
            format!("answers with {}: is it this server?", response.status().as_u16()),
        ),
        Ok(response) => {
            let info = response.extensions().get::<TlsInfo>();
            match info.and_then(TlsInfo::peer_certificate) {
                None => Finding::warning(
                    WHAT,
                    "answers, and without TLS: codes and names can be read on the way",
                ),
                Some(certificate) => judge(end_of(certificate), now),
            }
        }
    }
}

fn judge(end: Option<Timestamp>, now: Option<Timestamp>) -> Finding {
    let Some(end) = end else {
        return Finding::warning(WHAT, "answers; the end of its certificate cannot be read");
    };
    let date = end.strftime("%Y-%m-%d");
    let Some(now) = now else {
        return Finding::fine(WHAT, format!("answers, and its certificate holds until {date}"));
    };
    let days = (end.as_second() - now.as_second()).div_euclid(24 * 3600);
    let text = format!("answers, and its certificate holds until {date} ({days} days)");
    match days {
        ..TOO_SOON_DAYS => Finding::wrong(WHAT, format!("{text}: renew it now")),
        TOO_SOON_DAYS..SOON_DAYS => Finding::warning(WHAT, format!("{text}: see why it is not renewed")),
        _ => Finding::fine(WHAT, text),
    }
}

/// The innermost reason of an error, without the address, which the reader knows.
fn innermost(error: &reqwest::Error) -> String {
    let mut reason: &dyn Error = error;
    while let Some(deeper) = reason.source() {
        reason = deeper;
    }
    reason.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_certificate_is_judged_by_the_days_that_it_has_left() {
        let now: Timestamp = "2026-03-01T00:00:00Z".parse().expect("a moment");
        for (end, expected) in [
            ("2026-05-30T00:00:00Z", Verdict::Fine),
            ("2026-03-22T00:00:00Z", Verdict::Fine),
            ("2026-03-21T23:59:59Z", Verdict::Warning),
            ("2026-03-04T00:00:00Z", Verdict::Warning),
            ("2026-03-03T23:59:59Z", Verdict::Wrong),
            ("2026-02-28T00:00:00Z", Verdict::Wrong),
        ] {
            let end = end.parse().ok();
            assert_eq!(judge(end, Some(now)).verdict, expected, "{end:?}");
        }
        assert_eq!(judge(None, Some(now)).verdict, Verdict::Warning);
    }
}
