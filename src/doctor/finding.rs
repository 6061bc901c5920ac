//! What was found, and how it is told.

use std::fmt::{self, Display};

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Fine,
    /// It works, and somebody should see to it.
    Warning,
    /// It does not work, or soon will not.
    Wrong,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Warning => "warning",
            Self::Wrong => "WRONG",
        }
    }
}

/// A thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub what: &'static str,
    pub verdict: Verdict,
    /// How it is, and what to do where it should be otherwise.
    pub text: String,
}

impl Finding {
    pub fn fine(what: &'static str, text: impl Into<String>) -> Self {
        Self {
            what,
            verdict: Verdict::Fine,
            text: text.into(),
        }
    }

    pub fn warning(what: &'static str, text: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Warning,
            ..Self::fine(what, text)
        }
    }

    pub fn wrong(what: &'static str, text: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Wrong,
            ..Self::fine(what, text)
        }
    }
}

/// All that was found.
#[derive(Clone, Debug, Default)]
pub struct Examination {
    pub findings: Vec<Finding>,
}

impl Examination {
    /// Whether everything works. A warning is no illness.
    pub fn is_well(&self) -> bool {
        self.count(Verdict::Wrong) == 0
    }

    fn count(&self, verdict: Verdict) -> usize {
        let of = |finding: &&Finding| finding.verdict == verdict;
        self.findings.iter().filter(of).count()
    }
}

impl Display for Examination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { what, verdict, text } in &self.findings {
            writeln!(f, "{:<8} {what:<13} {text}", verdict.word())?;
        }
        let (warnings, wrong) = (self.count(Verdict::Warning), self.count(Verdict::Wrong));
        writeln!(f)?;
        match (wrong, warnings) {
            (0, 0) => writeln!(f, "All is well."),
            (0, _) => writeln!(f, "It works; warnings: {warnings}."),
            _ => writeln!(f, "Wrong: {wrong}; warnings: {warnings}."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_no_illness() {
        let mut examination = Examination {
            findings: vec![
                Finding::fine("clock", "right"),
                Finding::warning("disk", "2 GB are free"),
            ],
        };
        assert!(examination.is_well());
        assert_eq!(
            examination.to_string(),
            "ok       clock         right\nwarning  disk          2 GB are free\n\nIt works; warnings: 1.\n"
        );
        examination
            .findings
            .push(Finding::wrong("database", "cannot be reached"));
        assert!(!examination.is_well());
        assert!(examination.to_string().ends_with("\nWrong: 1; warnings: 1.\n"));
    }
}
