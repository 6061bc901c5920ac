//! How payments are taken: the options of the command line, the environment and the configuration file.

use std::path::PathBuf;

use clap::{Args, Command};
use serde::Deserialize;

use crate::notification::secret::either;

/// The options about payments. Each has the same name on the command line, in the environment (`JANJI_…`) and in the
/// configuration file. A secret can be given in a file as well, whose path is the option that ends with `-file`.
#[derive(Args, Clone, Default, Deserialize)]
// Those about messages have the name of the type.
#[group(id = "payment_options")]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// The provider that takes new payments, where more than one is set up: stripe or midtrans
    #[arg(long, env = "JANJI_PAYMENTS", value_name = "PROVIDER", global = true)]
    pub payments: Option<String>,

    /// stripe: the secret key, or one restricted to Checkout sessions, refunds and payment intents
    #[arg(
        long,
        env = "JANJI_STRIPE_KEY",
        value_name = "KEY",
        hide_env_values = true,
        global = true
    )]
    pub stripe_key: Option<String>,

    /// stripe: a file with the key
    #[arg(long, env = "JANJI_STRIPE_KEY_FILE", value_name = "FILE", global = true)]
    pub stripe_key_file: Option<PathBuf>,

    /// stripe: the secret by which events are signed; several, separated by commas, while it is being changed
    #[arg(
        long,
        env = "JANJI_STRIPE_WEBHOOK_SECRET",
        value_name = "SECRET",
        hide_env_values = true,
        global = true
    )]
    pub stripe_webhook_secret: Option<String>,

    /// stripe: a file with the secret, or with one on each line
    #[arg(
        long,
        env = "JANJI_STRIPE_WEBHOOK_SECRET_FILE",
        value_name = "FILE",
        global = true
    )]
    pub stripe_webhook_secret_file: Option<PathBuf>,

    /// stripe: another address of its API, on this machine, for tests
    #[arg(long, env = "JANJI_STRIPE_URL", value_name = "URL", global = true)]
    pub stripe_url: Option<String>,

    /// midtrans: the server key; while it is being changed, the new one and then the old one, separated by a comma
    #[arg(
        long,
        env = "JANJI_MIDTRANS_SERVER_KEY",
        value_name = "KEY",
        hide_env_values = true,
        global = true
    )]
    pub midtrans_server_key: Option<String>,

    /// midtrans: a file with the server key, or with one on each line
    #[arg(
        long,
        env = "JANJI_MIDTRANS_SERVER_KEY_FILE",
        value_name = "FILE",
        global = true
    )]
    pub midtrans_server_key_file: Option<PathBuf>,

    /// midtrans: the id of the merchant; notifications about others are refused
    #[arg(long, env = "JANJI_MIDTRANS_MERCHANT", value_name = "ID", global = true)]
    pub midtrans_merchant: Option<String>,

    /// midtrans: use the sandbox, in which no money moves
    #[arg(long, env = "JANJI_MIDTRANS_SANDBOX", global = true)]
    pub midtrans_sandbox: bool,

    /// midtrans: another address of its API, on this machine, for tests
    #[arg(long, env = "JANJI_MIDTRANS_URL", value_name = "URL", global = true)]
    pub midtrans_url: Option<String>,
}

impl Options {
    /// Takes the options about payments out of the table of a configuration file.
    ///
    /// # Errors
    /// What the file has wrong, in the words of its parser.
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

    /// What these say, and where they say nothing, what the others do. A secret that is said in either way hides both ways
    /// of the others.
    pub fn or(self, other: Self) -> Self {
        let (stripe_key, stripe_key_file) = either(
            (self.stripe_key, self.stripe_key_file),
            (other.stripe_key, other.stripe_key_file),
        );
        let (stripe_webhook_secret, stripe_webhook_secret_file) = either(
            (self.stripe_webhook_secret, self.stripe_webhook_secret_file),
            (other.stripe_webhook_secret, other.stripe_webhook_secret_file),
        );
        let (midtrans_server_key, midtrans_server_key_file) = either(
            (self.midtrans_server_key, self.midtrans_server_key_file),
            (other.midtrans_server_key, other.midtrans_server_key_file),
        );
        Self {
            payments: self.payments.or(other.payments),
            stripe_key,
            stripe_key_file,
            stripe_webhook_secret,
            stripe_webhook_secret_file,
            stripe_url: self.stripe_url.or(other.stripe_url),
            midtrans_server_key,
            midtrans_server_key_file,
            midtrans_merchant: self.midtrans_merchant.or(other.midtrans_merchant),
            midtrans_sandbox: self.midtrans_sandbox || other.midtrans_sandbox,
            midtrans_url: self.midtrans_url.or(other.midtrans_url),
        }
    }
}

/// Hides the secrets.
impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Options(…)")
    }
}
