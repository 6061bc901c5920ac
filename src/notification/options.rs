//! How messages leave: the options of the command line, the environment and the configuration file.

use std::path::PathBuf;

use clap::{Args, Command};
use serde::Deserialize;

use super::secret::either;

/// The options about messages. Each has the same name on the command line, in the environment (`JANJI_…`) and in the
/// configuration file. A secret can be given in a file as well, whose path is the option that ends with `-file`.
#[derive(Args, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Options {
    /// The address of these pages, such as https://clinic.example: the only source of the links in messages; without it,
    /// no message has a link
    #[arg(long, env = "JANJI_PUBLIC_URL", value_name = "URL", global = true)]
    pub public_url: Option<String>,

    /// The mail server that takes e-mails for delivery
    #[arg(long, env = "JANJI_SMTP_HOST", value_name = "HOST", global = true)]
    pub smtp_host: Option<String>,

    /// Its port: 465 for TLS from the start, which is usual, 587 for STARTTLS, which is then required
    #[arg(long, env = "JANJI_SMTP_PORT", value_name = "PORT", global = true)]
    pub smtp_port: Option<u16>,

    /// implicit, starttls or none, where the port does not say it; none is for a server on this machine alone
    #[arg(long, env = "JANJI_SMTP_TLS", value_name = "TLS", global = true)]
    pub smtp_tls: Option<String>,

    /// The account at the mail server
    #[arg(long, env = "JANJI_SMTP_USER", value_name = "USER", global = true)]
    pub smtp_user: Option<String>,

    /// Its password
    #[arg(
        long,
        env = "JANJI_SMTP_PASSWORD",
        value_name = "PASSWORD",
        hide_env_values = true,
        global = true
    )]
    pub smtp_password: Option<String>,

    /// A file with its password
    #[arg(long, env = "JANJI_SMTP_PASSWORD_FILE", value_name = "FILE", global = true)]
    pub smtp_password_file: Option<PathBuf>,

    /// The address that e-mails come from, such as "Clinic <hello@clinic.example>"
    #[arg(long, env = "JANJI_MAIL_FROM", value_name = "ADDRESS", global = true)]
    pub mail_from: Option<String>,

    /// The address that answers to e-mails go to, where it is another one
    #[arg(long, env = "JANJI_MAIL_REPLY_TO", value_name = "ADDRESS", global = true)]
    pub mail_reply_to: Option<String>,

    /// The address to which mails come back that cannot be delivered, such as bounces@clinic.example; each mail has its own
    /// after a plus sign. The mail server gives them to `janji bounce`
    #[arg(long, env = "JANJI_BOUNCE_ADDRESS", value_name = "ADDRESS", global = true)]
    pub bounce_address: Option<String>,

    /// The secret by which these addresses are signed
    #[arg(
        long,
        env = "JANJI_BOUNCE_SECRET",
        value_name = "SECRET",
        hide_env_values = true,
        global = true
    )]
    pub bounce_secret: Option<String>,

    /// A file with that secret
    #[arg(long, env = "JANJI_BOUNCE_SECRET_FILE", value_name = "FILE", global = true)]
    pub bounce_secret_file: Option<PathBuf>,

    /// The gateway to phones: http, twilio, zenziva, zenziva-whatsapp or whatsapp
    #[arg(long, env = "JANJI_SMS", value_name = "GATEWAY", global = true)]
    pub sms: Option<String>,

    /// http: the address that a message is posted to; the others: another address than the usual one of the gateway
    #[arg(long, env = "JANJI_SMS_URL", value_name = "URL", global = true)]
    pub sms_url: Option<String>,

    /// http: what is posted, with {to}, {text} and {id} filled in; JSON where it begins with a brace, else a form
    #[arg(long, env = "JANJI_SMS_BODY", value_name = "TEMPLATE", global = true)]
    pub sms_body: Option<String>,

    /// http: a header, such as "Authorization: Bearer …"
    #[arg(
        long,
        env = "JANJI_SMS_HEADER",
        value_name = "HEADER",
        hide_env_values = true,
        global = true
    )]
    pub sms_header: Option<String>,

    /// http: a file with the header
    #[arg(long, env = "JANJI_SMS_HEADER_FILE", value_name = "FILE", global = true)]
    pub sms_header_file: Option<PathBuf>,

    /// http: where the answer has the id of the message, such as /data/id
    #[arg(long, env = "JANJI_SMS_ID", value_name = "POINTER", global = true)]
    pub sms_id: Option<String>,

    /// http: the secret by which what is posted is signed, HMAC-SHA256 in X-Janji-Signature
    #[arg(
        long,
        env = "JANJI_SMS_SIGNING_SECRET",
        value_name = "SECRET",
        hide_env_values = true,
        global = true
    )]
    pub sms_signing_secret: Option<String>,

    /// http: a file with that secret
    #[arg(
        long,
        env = "JANJI_SMS_SIGNING_SECRET_FILE",
        value_name = "FILE",
        global = true
    )]
    pub sms_signing_secret_file: Option<PathBuf>,

    /// http: the secret in the address for receipts, /hooks/sms/SECRET; without it there is none
    #[arg(
        long,
        env = "JANJI_SMS_RECEIPT_SECRET",
        value_name = "SECRET",
        hide_env_values = true,
        global = true
    )]
    pub sms_receipt_secret: Option<String>,

    /// http: a file with that secret
    #[arg(
        long,
        env = "JANJI_SMS_RECEIPT_SECRET_FILE",
        value_name = "FILE",
        global = true
    )]
    pub sms_receipt_secret_file: Option<PathBuf>,

    /// twilio: the account, which begins with AC
    #[arg(long, env = "JANJI_TWILIO_ACCOUNT", value_name = "SID", global = true)]
    pub twilio_account: Option<String>,

    /// twilio: the auth token of the account
    #[arg(
        long,
        env = "JANJI_TWILIO_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true,
        global = true
    )]
    pub twilio_token: Option<String>,

    /// twilio: a file with the auth token
    #[arg(long, env = "JANJI_TWILIO_TOKEN_FILE", value_name = "FILE", global = true)]
    pub twilio_token_file: Option<PathBuf>,

    /// twilio: the number that messages come from, or a messaging service, which begins with MG
    #[arg(long, env = "JANJI_TWILIO_FROM", value_name = "NUMBER", global = true)]
    pub twilio_from: Option<String>,

    /// zenziva: the user key
    #[arg(long, env = "JANJI_ZENZIVA_USERKEY", value_name = "KEY", global = true)]
    pub zenziva_userkey: Option<String>,

    /// zenziva: the pass key
    #[arg(
        long,
        env = "JANJI_ZENZIVA_PASSKEY",
        value_name = "KEY",
        hide_env_values = true,
        global = true
    )]
    pub zenziva_passkey: Option<String>,

    /// zenziva: a file with the pass key
    #[arg(long, env = "JANJI_ZENZIVA_PASSKEY_FILE", value_name = "FILE", global = true)]
    pub zenziva_passkey_file: Option<PathBuf>,

    /// whatsapp: the id of the number that messages come from
    #[arg(long, env = "JANJI_WHATSAPP_NUMBER", value_name = "ID", global = true)]
    pub whatsapp_number: Option<String>,

    /// whatsapp: the token of the system user
    #[arg(
        long,
        env = "JANJI_WHATSAPP_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true,
        global = true
    )]
    pub whatsapp_token: Option<String>,

    /// whatsapp: a file with the token
    #[arg(long, env = "JANJI_WHATSAPP_TOKEN_FILE", value_name = "FILE", global = true)]
    pub whatsapp_token_file: Option<PathBuf>,

    /// whatsapp: the secret of the app, by which receipts are signed; without it none are taken
    #[arg(
        long,
        env = "JANJI_WHATSAPP_SECRET",
        value_name = "SECRET",
        hide_env_values = true,
        global = true
    )]
    pub whatsapp_secret: Option<String>,

    /// whatsapp: a file with the secret of the app
    #[arg(long, env = "JANJI_WHATSAPP_SECRET_FILE", value_name = "FILE", global = true)]
    pub whatsapp_secret_file: Option<PathBuf>,

    /// whatsapp: the word that WhatsApp shows once when receipts are set up
    #[arg(long, env = "JANJI_WHATSAPP_VERIFY", value_name = "WORD", global = true)]
    pub whatsapp_verify: Option<String>,

    /// whatsapp: the beginning of the names of the templates; the kind of a message is the rest
    #[arg(long, env = "JANJI_WHATSAPP_TEMPLATES", value_name = "PREFIX", global = true)]
    pub whatsapp_templates: Option<String>,

    /// The countries to whose phone numbers messages of any kind go, as two letters, separated by commas; without any, those of
    /// `--code-countries`; * is all of them
    #[arg(long, env = "JANJI_SMS_COUNTRIES", value_name = "COUNTRIES", global = true)]
    pub sms_countries: Option<String>,

    /// Most messages to one number or address within a day; 0 is no limit
    #[arg(long, env = "JANJI_MESSAGES_PER_RECIPIENT", value_name = "N", global = true)]
    pub messages_per_recipient: Option<u32>,

    /// Most messages to phones altogether within a day; 0 is no limit
    #[arg(long, env = "JANJI_SMS_PER_DAY", value_name = "N", global = true)]
    pub sms_per_day: Option<u32>,
}

impl Options {
    /// Takes the options about messages out of the table of a configuration file.
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
        let (smtp_password, smtp_password_file) = either(
            (self.smtp_password, self.smtp_password_file),
            (other.smtp_password, other.smtp_password_file),
        );
        let (bounce_secret, bounce_secret_file) = either(
            (self.bounce_secret, self.bounce_secret_file),
            (other.bounce_secret, other.bounce_secret_file),
        );
        let (sms_header, sms_header_file) = either(
            (self.sms_header, self.sms_header_file),
            (other.sms_header, other.sms_header_file),
        );
        let (sms_signing_secret, sms_signing_secret_file) = either(
            (self.sms_signing_secret, self.sms_signing_secret_file),
            (other.sms_signing_secret, other.sms_signing_secret_file),
        );
        let (sms_receipt_secret, sms_receipt_secret_file) = either(
            (self.sms_receipt_secret, self.sms_receipt_secret_file),
            (other.sms_receipt_secret, other.sms_receipt_secret_file),
        );
        let (twilio_token, twilio_token_file) = either(
            (self.twilio_token, self.twilio_token_file),
            (other.twilio_token, other.twilio_token_file),
        );
        let (zenziva_passkey, zenziva_passkey_file) = either(
            (self.zenziva_passkey, self.zenziva_passkey_file),
            (other.zenziva_passkey, other.zenziva_passkey_file),
        );
        let (whatsapp_token, whatsapp_token_file) = either(
            (self.whatsapp_token, self.whatsapp_token_file),
            (other.whatsapp_token, other.whatsapp_token_file),
        );
        let (whatsapp_secret, whatsapp_secret_file) = either(
            (self.whatsapp_secret, self.whatsapp_secret_file),
            (other.whatsapp_secret, other.whatsapp_secret_file),
        );
        Self {
            public_url: self.public_url.or(other.public_url),
            smtp_host: self.smtp_host.or(other.smtp_host),
            smtp_port: self.smtp_port.or(other.smtp_port),
            smtp_tls: self.smtp_tls.or(other.smtp_tls),
            smtp_user: self.smtp_user.or(other.smtp_user),
            smtp_password,
            smtp_password_file,
            mail_from: self.mail_from.or(other.mail_from),
            mail_reply_to: self.mail_reply_to.or(other.mail_reply_to),
            bounce_address: self.bounce_address.or(other.bounce_address),
            bounce_secret,
            bounce_secret_file,
            sms: self.sms.or(other.sms),
            sms_url: self.sms_url.or(other.sms_url),
            sms_body: self.sms_body.or(other.sms_body),
            sms_header,
            sms_header_file,
            sms_id: self.sms_id.or(other.sms_id),
            sms_signing_secret,
            sms_signing_secret_file,
            sms_receipt_secret,
            sms_receipt_secret_file,
            twilio_account: self.twilio_account.or(other.twilio_account),
            twilio_token,
            twilio_token_file,
            twilio_from: self.twilio_from.or(other.twilio_from),
            zenziva_userkey: self.zenziva_userkey.or(other.zenziva_userkey),
            zenziva_passkey,
            zenziva_passkey_file,
            whatsapp_number: self.whatsapp_number.or(other.whatsapp_number),
            whatsapp_token,
            whatsapp_token_file,
            whatsapp_secret,
            whatsapp_secret_file,
            whatsapp_verify: self.whatsapp_verify.or(other.whatsapp_verify),
            whatsapp_templates: self.whatsapp_templates.or(other.whatsapp_templates),
            sms_countries: self.sms_countries.or(other.sms_countries),
            messages_per_recipient: self.messages_per_recipient.or(other.messages_per_recipient),
            sms_per_day: self.sms_per_day.or(other.sms_per_day),
        }
    }
}

/// Hides the secrets.
impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Options(…)")
    }
}
