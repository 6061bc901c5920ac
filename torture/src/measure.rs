//! Times, and what they come to.

use std::{collections::HashMap, fs, time::Duration};

use nix::unistd::{SysconfVar, sysconf};

/// How long things took.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    pub fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that this part of them stayed within.
    pub fn quantile(&self, part: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a list"
        )]
        let place = (part * sorted.len() as f64).ceil() as usize;
        sorted
            .get(place.clamp(1, sorted.len().max(1)) - 1)
            .copied()
            .unwrap_or_default()
    }

    pub fn longest(&self) -> Duration {
        self.0.iter().max().copied().unwrap_or_default()
    }
}

pub fn milliseconds(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1000.0;
    if ms < 10.0 {
        format!("{ms:.2}")
    } else {
        format!("{ms:.0}")
    }
}

/// How long some processes have been at work until a moment.
pub struct Processor(HashMap<i32, u64>);

impl Processor {
    pub fn of(pids: &[i32]) -> Self {
        Self(pids.iter().map(|&pid| (pid, ticks(pid))).collect())
    }

    /// How long they have been at work since then.
    pub fn until_now(&self) -> Duration {
        let since: u64 = self
            .0
            .iter()
            .map(|(&pid, &before)| ticks(pid).saturating_sub(before))
            .sum();
        let in_a_second = sysconf(SysconfVar::CLK_TCK).ok().flatten();
        let in_a_second = in_a_second
            .and_then(|ticks| u64::try_from(ticks).ok())
            .unwrap_or(100);
        Duration::from_micros(since * 1_000_000 / in_a_second)
    }
}

/// The clock ticks that a process has used; 0 for one that is gone.
fn ticks(pid: i32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name before may have spaces in it.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    // The times in user and in kernel mode are the 14th and 15th of all fields, of which two came before.
    fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum()
}
