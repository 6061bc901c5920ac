//! Providers of payments: hosted pages of others, behind one small trait. No data of cards comes near Janji, and a provider
//! learns the reference of an appointment, and neither for what nor for whom it is.

pub(super) mod client;
pub mod demo;
pub mod midtrans;
pub mod stripe;
mod trouble;

use std::{pin::Pin, sync::Arc};

use axum::http::HeaderMap;
use engine::{
    account::link::PublicUrl,
    i18n::{Locale, Texts},
    payment::{NewRefund, NewSession, OpenSession, OpenedSession, PaymentFact, Provider as Name},
};
use jiff::Timestamp;

pub use self::trouble::Trouble;
use self::{midtrans::Snap, stripe::Checkout};
use super::{
    settings::{Settings, SettingsError},
    stand_in::{self, Account, Clock, StandIn},
};

/// The answer of a provider, as soon as it is there.
pub type Asking<'a, T> = Pin<Box<dyn Future<Output = Result<T, Trouble>> + Send + 'a>>;

/// What became of a page, as the provider answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    /// These, in their order: the last one is the latest.
    Told(Vec<PaymentFact>),
}

/// What became of a refund that was asked for. `refund` is the provider's id of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repaid {
    Done { refund: String },
    UnderWay { refund: String },
}

/// A call of a provider's program.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// What a call says, once it is known to be genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// These, in their order.
    Facts(Vec<PaymentFact>),
    /// Something has become of this page: the provider is asked what.
    Ask { session: String },
    /// Nothing that concerns us, such as an event of another kind.
    Nothing,
}

/// Why a call is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// No secret is configured by which it could be known to be genuine.
    NoSecret,
    /// It makes no sense.
    Malformed,
    /// It is not signed as it should be, or too long ago.
    Forged,
    /// It is of another account, or of the other of sandbox and real life.
    Stranger,
}

/// A provider of payments.
pub trait Provider: std::fmt::Debug + Send + Sync {
    fn name(&self) -> Name;

    /// Opens the hosted page of a payment. The same key opens the same page.
    fn open<'a>(&'a self, page: &'a NewSession, back: &'a Back, now: Timestamp) -> Asking<'a, OpenedSession>;

    /// Asks what became of a page.
    fn ask<'a>(&'a self, page: &'a OpenSession, now: Timestamp) -> Asking<'a, Standing>;

    /// Ends a page, so that nobody pays there any more. Where somebody has, it says so.
    fn expire<'a>(&'a self, page: &'a OpenSession, now: Timestamp) -> Asking<'a, Standing>;

    /// Pays an amount back, once for each key.
    fn refund<'a>(&'a self, refund: &'a NewRefund) -> Asking<'a, Repaid>;

    /// Reads a signed call of the provider's program.
    ///
    /// # Errors
    /// Why it is not taken.
    fn read(&self, call: Incoming<'_>, now: Timestamp) -> Result<Reading, NotTaken>;

    /// Asks what became of the page with this id, after [`Reading::Ask`].
    fn ask_session<'a>(&'a self, session: &'a str) -> Asking<'a, Standing>;

    /// Asks which of our payments a payment of the provider is; none of ours, perhaps. An event may come before we know it.
    fn whose<'a>(&'a self, provider_payment: &'a str) -> Asking<'a, Option<i64>>;
}

/// The addresses to which a provider's page leads back. They show what is so, and decide nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Back {
    pub paid: String,
    pub not_paid: String,
    /// Where the provider's program calls, for a provider that is told with each page.
    pub notify: String,
}

/// The providers of this installation.
#[derive(Clone, Debug, Default)]
pub struct Payments {
    chosen: Option<Name>,
    providers: Vec<Arc<dyn Provider>>,
    public_url: Option<PublicUrl>,
    /// The provider of our own, where this server is it.
    stand_in: Option<StandIn>,
}

impl Payments {
    /// Sets up the providers.
    ///
    /// # Errors
    /// One line for whoever starts the program.
    pub fn new(settings: &Settings, public_url: Option<PublicUrl>) -> Result<Self, SettingsError> {
        let mut providers: Vec<Arc<dyn Provider>> = Vec::new();
        if let Some(stripe) = &settings.stripe {
            providers.push(Arc::new(Checkout::new(Name::Stripe, stripe)?));
        }
        if let Some(midtrans) = &settings.midtrans {
            providers.push(Arc::new(Snap::new(midtrans)?));
        }
        Ok(Self {
            chosen: settings.chosen,
            providers,
            public_url,
            stand_in: None,
        })
    }

    /// The only provider is our own, which this server is itself at this address of its own: in the demo, where no money moves.
    ///
    /// # Errors
    /// Where the client cannot be set up.
    pub fn demo(
        own_url: &str,
        style: String,
        public_url: PublicUrl,
        clock: Clock,
    ) -> Result<Self, SettingsError> {
        let secret = format!("whsec_{:032x}", rand::random::<u128>());
        let base = format!("{own_url}{}", stand_in::PATH);
        let url = base.parse().map_err(|_| SettingsError::Url("JANJI_ADDR"))?;
        let account = Account {
            webhook_secret: secret.clone(),
            style,
            own_url: format!("{public_url}{}", stand_in::PATH),
            events_to: format!("{own_url}/hooks/demo"),
            ..Account::default()
        };
        let stand_in =
            StandIn::new(account, clock).map_err(|error| SettingsError::Client(error.to_string()))?;
        Ok(Self {
            chosen: Some(Name::Demo),
            providers: vec![Arc::new(demo::provider(url, &secret)?)],
            public_url: Some(public_url),
            stand_in: Some(stand_in),
        })
    }

    pub fn stand_in(&self) -> Option<&StandIn> {
        self.stand_in.as_ref()
    }

    /// The sites to which a form may lead that goes to pay, as a policy of a page lists them.
    pub fn sites(&self) -> Vec<&'static str> {
        self.names().flat_map(sites_of).copied().collect()
    }

    /// The provider that takes new payments; without one, nothing is paid before it is booked.
    pub fn chosen(&self) -> Option<Name> {
        self.chosen
    }

    pub fn of(&self, name: Name) -> Option<&Arc<dyn Provider>> {
        self.providers.iter().find(|provider| provider.name() == name)
    }

    pub fn names(&self) -> impl Iterator<Item = Name> + '_ {
        self.providers.iter().map(|provider| provider.name())
    }

    /// Opens the hosted page of a payment.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn open(&self, page: &NewSession, now: Timestamp) -> Result<OpenedSession, Trouble> {
        let provider = self.of(page.provider).ok_or(Trouble::Account)?;
        let back = self.back(page).ok_or(Trouble::Account)?;
        provider.open(page, &back, now).await
    }

    /// Where the page of a provider leads back to.
    fn back(&self, page: &NewSession) -> Option<Back> {
        let (url, name) = (self.public_url.as_ref()?, page.provider);
        let page = format!("{url}{}", super::path_of(page.payment_id));
        Some(Back {
            paid: format!("{page}?back=paid"),
            not_paid: page,
            notify: format!("{url}/hooks/{}", name.as_str()),
        })
    }
}

/// The sites of a provider's hosted pages.
fn sites_of(name: Name) -> &'static [&'static str] {
    match name {
        Name::Stripe => &["https://checkout.stripe.com"],
        Name::Midtrans => &["https://app.midtrans.com", "https://app.sandbox.midtrans.com"],
        Name::Demo | Name::Cash | Name::Terminal => &[],
    }
}

/// What stands at a provider for an appointment: its reference alone.
pub fn description(reference: &str, locale: Locale) -> String {
    Texts::of(locale).with(
        "payment-at-provider",
        &[("reference", reference.to_owned().into())],
    )
}
