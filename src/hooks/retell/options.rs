//! The options about phone agents.

use std::path::PathBuf;

use clap::{Args, Command};
use serde::Deserialize;

use crate::notification::secret::Secret;

/// The key by which the demo signs the calls that it plays, where there is no other.
const DEMO_KEY: &str = "janji-demo-call";
/// Calls of one number in a quarter of an hour, where nobody says otherwise.
const CALLS_PER_NUMBER: u32 = 20;

/// The options about phone agents, with the same names on the command line, in the environment and in the configuration file.
#[derive(Args, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PhoneOptions {
    /// A key by which a phone agent signs what it sends; while keys are changed, both of them, separated by commas. Without
    /// one, no calls are taken
    #[arg(
        long,
        env = "JANJI_RETELL_KEY",
        value_name = "KEY",
        value_delimiter = ',',
        hide_env_values = true,
        global = true
    )]
    pub retell_key: Vec<String>,

    /// A file that has such keys, one a line; several files are separated by commas
    #[arg(
        long,
        env = "JANJI_RETELL_KEY_FILE",
        value_name = "FILE",
        value_delimiter = ',',
        global = true
    )]
    pub retell_key_file: Vec<PathBuf>,

    /// Calls of one number in 15 minutes that a phone agent does something for; 0 is no limit
    #[arg(long, env = "JANJI_CALLS_PER_NUMBER", value_name = "N", global = true)]
    pub calls_per_number: Option<u32>,

    /// The days for which it is kept what was said in calls; without it, or with 0, nothing of it is kept
    #[arg(long, env = "JANJI_PHONE_TRANSCRIPT_DAYS", value_name = "D", global = true)]
    pub phone_transcript_days: Option<u32>,
}

/// Keys are shown nowhere.
impl std::fmt::Debug for PhoneOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PhoneOptions(…)")
    }
}

impl PhoneOptions {
    /// Takes the options about phone agents out of the table of the configuration file.
    ///
    /// # Errors
    /// Those of values that are none.
    pub fn take_from(table: &mut toml::Table) -> Result<Self, toml::de::Error> {
        let mut own = toml::Table::new();
        let known = Self::augment_args(Command::new("janji"));
        for name in known.get_arguments().filter_map(clap::Arg::get_long) {
            if let Some(value) = table.remove(name) {
                own.insert(name.to_owned(), value);
            }
        }
        own.try_into()
    }

    /// What these say, and where they say nothing, what the others do. Keys that are given in either way hide both ways of the
    /// others.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let (retell_key, retell_key_file) =
            match self.retell_key.is_empty() && self.retell_key_file.is_empty() {
                true => (other.retell_key, other.retell_key_file),
                false => (self.retell_key, self.retell_key_file),
            };
        Self {
            retell_key,
            retell_key_file,
            calls_per_number: self.calls_per_number.or(other.calls_per_number),
            phone_transcript_days: self.phone_transcript_days.or(other.phone_transcript_days),
        }
    }
}

/// How calls of phone agents are taken.
#[derive(Clone, Debug, Default)]
pub struct PhoneSettings {
    /// Each of them counts; without any, there are no hooks.
    pub keys: Vec<Secret>,
    /// In a quarter of an hour; 0 is no limit.
    pub calls_per_number: u32,
    /// 0 keeps nothing of what was said.
    pub transcript_days: u32,
}

impl PhoneSettings {
    /// Reads the files, and puts together what is said.
    ///
    /// # Errors
    /// The path of a file that cannot be read, and why.
    pub fn of(options: PhoneOptions, is_demo: bool) -> Result<Self, (PathBuf, String)> {
        let mut texts = options.retell_key;
        for path in options.retell_key_file {
            if path.as_os_str().is_empty() {
                continue;
            }
            match std::fs::read_to_string(&path) {
                Ok(text) => texts.push(text),
                Err(error) => return Err((path, error.to_string())),
            }
        }
        let mut keys: Vec<Secret> = texts
            .iter()
            .flat_map(|text| text.split([',', '\n']))
            .map(str::trim)
            .filter(|key| !key.is_empty())
            .map(Secret::new)
            .collect();
        if keys.is_empty() && is_demo {
            keys.push(Secret::new(DEMO_KEY));
        }
        Ok(Self {
            keys,
            calls_per_number: options.calls_per_number.unwrap_or(CALLS_PER_NUMBER),
            transcript_days: options.phone_transcript_days.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(options: PhoneOptions, is_demo: bool) -> Vec<String> {
        let settings = PhoneSettings::of(options, is_demo).unwrap();
        settings.keys.iter().map(|key| key.reveal().to_owned()).collect()
    }

    #[test]
    fn keys_are_given_by_words_and_files_and_the_demo_has_one() {
        let file = std::env::temp_dir().join(format!("janji-retell-{}", std::process::id()));
        std::fs::write(&file, "third\n\n fourth \n").unwrap();
        let options = PhoneOptions {
            retell_key: vec![" first".to_owned(), "second".to_owned(), String::new()],
            retell_key_file: vec![file.clone(), PathBuf::new()],
            ..PhoneOptions::default()
        };
        assert_eq!(
            keys(options.clone(), true),
            ["first", "second", "third", "fourth"]
        );
        assert_eq!(keys(PhoneOptions::default().or(options), false).len(), 4);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(keys(PhoneOptions::default(), false), Vec::<String>::new());
        assert_eq!(keys(PhoneOptions::default(), true), [DEMO_KEY]);
        let missing = PhoneOptions {
            retell_key_file: vec![file],
            ..PhoneOptions::default()
        };
        assert!(PhoneSettings::of(missing, false).is_err());
    }
}
