//! A whole Janji for a test: the clinic of the engine's tests, and a server for it.

use std::{net::SocketAddr, ops::Deref, path::PathBuf, sync::Arc};

use axum::http::HeaderValue;
use tokio::net::TcpListener;

use super::{
    engine_support::{self, TestDatabase},
    site::Site,
};
use engine::{
    account::{Country, Limits, limit::Requests, session::Lifetimes},
    availability::live::Live,
    consultation,
    database::Settings,
    monitoring::integrity::Integrity,
    notification::{Dispatch, Senders},
    organisation::Nameplate,
    together::Together,
};
use janji::hooks::retell::options::PhoneSettings;
use janji::notification::{sender::senders, settings as messages};
use janji::payment::{self, provider::Payments};
use janji::server::{
    AppState, Config, Farewell, Shared,
    config::{Accounts, Operation, Rules},
    explaining,
    router::router,
    site,
};

/// The configuration that a test may change.
#[derive(Clone, Debug)]
pub struct Setup {
    pub settings: Settings,
    pub limits: Limits,
    pub lifetimes: Lifetimes,
    /// `None`: codes are sent to numbers of all countries.
    pub code_countries: Option<Vec<Country>>,
    pub consultation: consultation::Rules,
    /// In a minute.
    pub requests_per_token: u32,
    /// The sites whose pages may call the API.
    pub cors_origins: Vec<HeaderValue>,
    pub accounts: Accounts,
    /// Whether all times are published.
    pub fhir_publish: bool,
    pub demo: bool,
    /// How calls of phone agents are taken: without a key, not at all.
    pub phone: PhoneSettings,
    /// How messages leave. In a test that is not about them no worker is there to send them, and nothing is said of what
    /// happens.
    pub messages: messages::Settings,
    pub senders: Senders,
    pub payments: Payments,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            settings: engine_support::settings(),
            limits: Limits::default(),
            lifetimes: Lifetimes::default(),
            code_countries: None,
            consultation: consultation::Rules::default(),
            requests_per_token: 0,
            cors_origins: Vec::new(),
            accounts: Accounts::default(),
            fhir_publish: false,
            demo: true,
            phone: PhoneSettings::default(),
            messages: messages::Settings::default(),
            senders: senders(&messages::Settings::default(), true).unwrap(),
            payments: Payments::default(),
        }
    }
}

impl Setup {
    /// For many at once.
    pub fn crowded() -> Self {
        Self {
            settings: engine_support::crowded(),
            ..Self::default()
        }
    }
}

/// The clinic of [`engine_support::TestApp`], to which this one leads, and the state of a server.
pub struct TestApp {
    clinic: engine_support::TestApp,
    pub state: AppState,
}

impl Deref for TestApp {
    type Target = engine_support::TestApp;

    fn deref(&self) -> &Self::Target {
        &self.clinic
    }
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    /// For many at once.
    pub async fn crowded() -> Self {
        Self::with(Setup::crowded()).await
    }

    /// In a database of its own.
    pub async fn with(setup: Setup) -> Self {
        Self::on(TestDatabase::new().await, setup).await
    }

    /// In a database that is there.
    pub async fn on(options: TestDatabase, setup: Setup) -> Self {
        let clinic = engine_support::TestApp::on(options, setup.settings.clone()).await;
        let state = AppState::from(Shared {
            database: clinic.database.clone(),
            live: Live::start(clinic.database.clone()),
            nameplate: Nameplate::start(clinic.database.clone()),
            integrity: Integrity::default(),
            requests: Requests::new(setup.requests_per_token),
            together: Together::default(),
            farewell: Farewell::default(),
            outbox: Dispatch {
                database: clinic.database.clone(),
                senders: setup.senders,
                settings: Arc::new(setup.messages.for_outbox()),
            },
            payments: setup.payments,
            config: Arc::new(Config {
                file: None,
                database_url: None,
                migrate_url: None,
                data_dir: PathBuf::new(),
                addr: None,
                demo: setup.demo,
                database: setup.settings,
                rules: Rules {
                    booking: engine_support::RULES,
                    consultation: setup.consultation,
                    country: engine::account::Country::default(),
                    code_countries: setup.code_countries,
                },
                limits: setup.limits,
                lifetimes: setup.lifetimes,
                requests_per_token: setup.requests_per_token,
                cors_origins: setup.cors_origins,
                fhir_publish: setup.fhir_publish,
                // A test comes from several addresses.
                trust_proxy: true,
                secure_cookies: false,
                metrics_token: None,
                operation: Operation::default(),
                accounts: setup.accounts,
                log_json: false,
                messages: setup.messages,
                phone: setup.phone,
                payments: payment::settings::Settings::default(),
            }),
            leptos: Arc::new(site::leptos_options()),
        });
        Self { clinic, state }
    }

    /// Changes the configuration of servers that are started from now on.
    pub fn configure(&mut self, change: impl FnOnce(&mut Config)) {
        let mut shared = Shared::clone(&self.state);
        change(Arc::make_mut(&mut shared.config));
        self.state = shared.into();
    }

    /// Runs the server, and answers with where it is.
    pub async fn serve(&self) -> Site<'_> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router(self.state.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(explaining(listener), service).await.unwrap() });
        Site { app: self, address }
    }
}
