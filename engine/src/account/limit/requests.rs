//! The requests of each token, counted in memory.

use std::{num::NonZero, sync::Arc, time::Duration};

use governor::{DefaultKeyedRateLimiter, Quota, clock::Clock, middleware::StateInformationMiddleware};

use super::counted::Counted;

/// The window for the requests of a token.
const TOKEN_WINDOW_SECONDS: u32 = 60;

/// The name of the limit of a token's requests.
const REQUESTS: &str = "requests-by-token";

type Limiter = DefaultKeyedRateLimiter<i64, StateInformationMiddleware>;

/// The counters of the requests of each token, on this server.
#[derive(Clone, Debug)]
pub struct Requests {
    most: u32,
    /// `None`: as many as they like.
    limiter: Option<Arc<Limiter>>,
}

impl Requests {
    /// `most` in a minute: so many at once, and then one more whenever the time for one has passed. 0 is without limit.
    pub fn new(most: u32) -> Self {
        let limiter = NonZero::new(most).map(|most| {
            let limiter = DefaultKeyedRateLimiter::keyed(Quota::per_minute(most));
            Arc::new(limiter.with_middleware())
        });
        Self { most, limiter }
    }

    /// Counts one more of this token.
    pub fn count(&self, token_id: i64) -> Option<Counted> {
        let limiter = self.limiter.as_ref()?;
        let (left, wait, is_over) = match limiter.check_key(&token_id) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                let used = u64::from(self.most.saturating_sub(left));
                let whole = used * u64::from(TOKEN_WINDOW_SECONDS);
                (
                    left,
                    Duration::from_secs(whole.div_ceil(u64::from(self.most))),
                    false,
                )
            }
            Err(refused) => (0, refused.wait_time_from(limiter.clock().now()), true),
        };
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Some(Counted {
            name: REQUESTS,
            most: self.most,
            window_seconds: TOKEN_WINDOW_SECONDS,
            left,
            seconds: u32::try_from(seconds).unwrap_or(TOKEN_WINDOW_SECONDS).max(1),
            is_over,
            is_the_callers_own: true,
        })
    }

    /// Forgets the tokens that have made no request for so long that nothing follows from it.
    pub fn forget_idle(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requests_of_a_token_are_limited() {
        let requests = Requests::new(2);
        let counts: Vec<Counted> = (0..3).filter_map(|_| requests.count(1)).collect();
        let left: Vec<u32> = counts.iter().map(|counted| counted.left).collect();
        assert_eq!(left, [1, 0, 0]);
        assert!(counts[0].is_within() && counts[1].is_within());
        assert_eq!((counts[0].seconds, counts[1].seconds), (30, 60));
        assert!(
            counts[2]
                .retry_after()
                .is_some_and(|seconds| (1..=30).contains(&seconds))
        );
        assert!(requests.count(2).unwrap().is_within(), "another token waits, too");
        requests.forget_idle();
        assert!(!requests.count(1).unwrap().is_within());
        assert_eq!(Requests::new(0).count(1), None);
    }
}
