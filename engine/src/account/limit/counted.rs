//! A limit that something was counted against: how much of it is left, and until when.

/// Something that was counted, and how much of its limit is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    pub(super) name: &'static str,
    pub(super) most: u32,
    pub(super) window_seconds: u32,
    pub(super) left: u32,
    /// The seconds until more requests are allowed.
    pub(super) seconds: u32,
    pub(super) is_over: bool,
    /// Whether only the caller can have used it.
    pub(super) is_the_callers_own: bool,
}

impl Counted {
    /// The limit of guesses, of which some are free.
    pub(in crate::account) fn of_tries(
        name: &'static str,
        free: i32,
        window_minutes: i64,
        left: i32,
        seconds: i64,
        is_over: bool,
        is_the_callers_own: bool,
    ) -> Self {
        Self {
            name,
            most: u32::try_from(free).unwrap_or_default(),
            window_seconds: u32::try_from(window_minutes * 60).unwrap_or(u32::MAX),
            left: u32::try_from(left).unwrap_or_default(),
            seconds: u32::try_from(seconds).unwrap_or(u32::MAX).max(1),
            is_over,
            is_the_callers_own,
        }
    }

    /// A queue that is full for some seconds.
    pub(in crate::account) fn of_queue(name: &'static str, most: usize, seconds: u32) -> Self {
        Self {
            name,
            most: u32::try_from(most).unwrap_or(u32::MAX),
            window_seconds: seconds,
            left: 0,
            seconds: seconds.max(1),
            is_over: true,
            is_the_callers_own: false,
        }
    }

    /// The name of the limit, such as `code-by-phone`.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Whether the limit allows what was counted.
    pub fn is_within(self) -> bool {
        !self.is_over
    }

    /// `RateLimit-Policy`, as draft-ietf-httpapi-ratelimit-headers has it.
    pub fn policy(self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.most, self.window_seconds)
    }

    /// `RateLimit`.
    pub fn state(self) -> String {
        format!("\"{}\";r={};t={}", self.name, self.left, self.seconds)
    }

    /// In how many seconds what was refused may be tried again.
    pub fn retry_after(self) -> Option<u32> {
        self.is_over.then_some(self.seconds)
    }

    /// The limit as the caller may see it: limits shared with others stay hidden until they are exceeded.
    pub(super) fn told(self) -> Option<Self> {
        (self.is_over || self.is_the_callers_own).then_some(self)
    }

    /// Orders limits by how near they are to their end: first one that refuses, then one of the caller's own, then the
    /// one with least left, then the one that takes longest.
    fn nearness(self) -> impl Ord {
        (
            self.is_over,
            self.is_the_callers_own,
            u32::MAX - self.left,
            self.seconds,
        )
    }

    /// The limit that is nearer to its end.
    pub fn nearer(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) if one.nearness() > other.nearness() => Some(one),
            (one, None) => one,
            (_, other) => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Counted = Counted {
        name: "code-by-address",
        most: 5,
        window_seconds: 900,
        left: 3,
        seconds: 600,
        is_over: false,
        is_the_callers_own: true,
    };

    #[test]
    fn a_limit_is_told_as_structured_fields() {
        assert_eq!(LIMIT.policy(), r#""code-by-address";q=5;w=900"#);
        assert_eq!(LIMIT.state(), r#""code-by-address";r=3;t=600"#);
        assert_eq!(LIMIT.retry_after(), None);
        let over = Counted {
            left: 0,
            is_over: true,
            ..LIMIT
        };
        assert_eq!(over.retry_after(), Some(600));
    }

    #[test]
    fn the_limit_that_is_nearest_to_its_end_is_told() {
        let less = Counted { left: 1, ..LIMIT };
        let later = Counted {
            seconds: 700,
            ..LIMIT
        };
        let last = Counted { left: 0, ..LIMIT };
        let over = Counted {
            is_over: true,
            seconds: 1,
            ..last
        };
        let others = Counted {
            left: 0,
            is_the_callers_own: false,
            ..LIMIT
        };
        let order = [others, LIMIT, later, less, last, over];
        for (at, &nearer) in order.iter().enumerate() {
            for &farther in &order[..at] {
                assert_eq!(Counted::nearer(Some(nearer), Some(farther)), Some(nearer));
                assert_eq!(Counted::nearer(Some(farther), Some(nearer)), Some(nearer));
            }
            assert_eq!(Counted::nearer(None, Some(nearer)), Some(nearer));
            assert_eq!(Counted::nearer(Some(nearer), None), Some(nearer));
        }
        assert_eq!(Counted::nearer(None, None), None);
    }
}
