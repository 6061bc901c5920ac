//! Starting, and stopping in order.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use leptos::config::get_configuration;
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc},
};

use super::{AppState, Config, Farewell, Shared, Stop, serve_until, site, worker};
use crate::{calcom::remote::CalCom, caldav::client::Http as CalDav, webhook::post::Http};
use crate::{
    notification::{
        sender::{about_missing, senders},
        settings::SettingsError,
    },
    payment::{self, provider::Payments, settings::SettingsError as PaymentError},
};
use engine::{
    account::{factor, limit::Requests, link::PublicUrl},
    availability::live::Live,
    caldav,
    database::{
        Address, Database, StartError, Upgrade,
        embedded::{Cluster, ClusterError, Settings},
    },
    demo,
    error::AppError,
    installation::{self, Daily},
    monitoring::integrity::Integrity,
    notification::{self, Dispatch, Outbox, WakeUps, wording::log_unfit},
    organisation::{Nameplate, log_unknown_zones},
    together::Together,
    waitlist, webhook,
};

/// Why the server does not run: one line for whoever started it.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    Database(#[from] StartError),
    #[error("JANJI_MIGRATE_URL is of the owner of the tables that DATABASE_URL names: give both, or neither")]
    MigrateUrlAlone,
    #[error("the [package.metadata.leptos] part of the configuration file is wrong: {0}")]
    Leptos(String),
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    #[error("the server stopped: {0}")]
    Stopped(std::io::Error),
    #[error("the demo data could not be made: {0}")]
    Demo(AppError),
    #[error(transparent)]
    Messages(#[from] SettingsError),
    #[error("webhooks cannot be posted to: {0}")]
    Webhooks(reqwest::Error),
    #[error("calendars elsewhere cannot be spoken to: {0}")]
    Calendars(reqwest::Error),
    #[error(transparent)]
    Payments(#[from] PaymentError),
    #[error(
        "this database is a clinic's: the demo shows sign-in codes to everybody and runs only on a database that it has \
         filled itself; leave --demo out, or name an empty database"
    )]
    NotADemo,
}

/// The number of connections that the PostgreSQL that Janji runs itself accepts: for several servers and a person.
const MAX_CONNECTIONS: u32 = 100;

/// The database of this installation, running; with the cluster, where Janji runs it itself.
///
/// # Errors
/// One line for whoever starts the program.
pub async fn open_database(config: &Config) -> Result<(Option<Cluster>, Address), ServeError> {
    if let Some(url) = &config.database_url {
        let address = Address {
            url: url.clone(),
            // Tables are not changed through a pooler.
            owner_url: (config.migrate_url.clone()).or_else(|| config.operation.direct_url.clone()),
        };
        return Ok((None, address));
    }
    if config.migrate_url.is_some() {
        return Err(ServeError::MigrateUrlAlone);
    }
    let cluster = Cluster::start(&Settings {
        data_dir: config.data_dir.clone(),
        durable: true,
        max_connections: MAX_CONNECTIONS,
    })
    .await?;
    let address = cluster.address();
    Ok((Some(cluster), address))
}

/// Runs the server until it is told to stop.
///
/// # Errors
/// One line for whoever started it.
pub async fn serve(config: Config) -> Result<(), ServeError> {
    // From here on nobody is killed who has started a PostgreSQL.
    let stops = signals();
    let (mut cluster, address) = open_database(&config).await?;
    let result = match &mut cluster {
        Some(cluster) => tokio::select! {
            result = serve_on(config, &address, stops) => result,
            never = cluster.watch() => match never {},
        },
        None => serve_on(config, &address, stops).await,
    };
    // Also after an error: nothing that was started stays behind.
    if let Some(cluster) = cluster {
        tracing::info!("stopping PostgreSQL");
        cluster.stop().await?;
    }
    result
}

async fn serve_on(
    config: Config,
    address: &Address,
    mut stops: mpsc::UnboundedReceiver<Stop>,
) -> Result<(), ServeError> {
    let (listener, state, wake_ups, hooks, calendars) = tokio::select! {
        prepared = prepare(config, address) => prepared?,
        // Nobody has been answered yet.
        Some(_) = stops.recv() => return Ok(()),
    };
    let database = state.database.clone();
    let worker = tokio::spawn(worker::run(state.clone()));
    let payments = tokio::spawn(payment::worker::run(state.clone()));
    let watch = tokio::spawn(crate::monitoring::watch(state.clone()));
    let outbox = Outbox::start(&state.outbox, wake_ups);
    let hooks = webhook::start(&hooks.dispatch, &hooks.wake_up);
    let calendars = caldav::start(&calendars.dispatch, &calendars.wake_up);
    let backups = state.config.backup_folder().map(|folder| {
        installation::start(Daily {
            database: database.clone(),
            url: address.of_owner().to_owned(),
            folder,
        })
    });
    let served = serve_until(listener, state, stops)
        .await
        .map_err(ServeError::Stopped);
    worker.abort();
    payments.abort();
    watch.abort();
    let (_, posted, written) = tokio::join!(
        outbox.stop(SENDING_TIMEOUT),
        hooks.stop(SENDING_TIMEOUT),
        calendars.stop(SENDING_TIMEOUT)
    );
    if !written {
        tracing::warn!(
            "a calendar elsewhere was still being looked after: what was not noted is found there again"
        );
    }
    if let Some(backups) = backups
        && !backups.stop(Duration::ZERO).await
    {
        tracing::warn!("a backup was being made: it is begun anew later");
    }
    if !posted {
        tracing::warn!("a webhook was still being told something: it is told again");
    }
    // Work that has begun comes to its end: closing the pool waits for it.
    let _ = tokio::time::timeout(Duration::from_secs(10), database.close()).await;
    served
}

/// What posts to webhooks, and what wakes it.
struct Hooks {
    dispatch: webhook::Dispatch,
    wake_up: Arc<Notify>,
}

/// What works on calendars elsewhere, and what wakes it.
struct Calendars {
    dispatch: caldav::Dispatch,
    wake_up: Arc<Notify>,
}

/// The time in which messages that are being sent may come to their end.
const SENDING_TIMEOUT: Duration = Duration::from_secs(10);

/// Makes everything ready for the first request.
async fn prepare(
    mut config: Config,
    database: &Address,
) -> Result<(TcpListener, AppState, WakeUps, Hooks, Calendars), ServeError> {
    // Before anything is touched.
    let senders = senders(&config.messages, config.demo)?;
    let poster = Http::new(config.operation.webhook_private).map_err(ServeError::Webhooks)?;
    let caldav = CalDav::new(config.operation.caldav_private).map_err(ServeError::Calendars)?;
    let upgrade = match config.operation.migrates {
        true => Upgrade::Run,
        false => Upgrade::Check,
    };
    database.make_ready(upgrade).await?;
    let database = match &config.operation.direct_url {
        Some(direct) => Database::connect_pooled(&database.url, direct, &config.database).await?,
        None => Database::connect(&database.url, &config.database).await?,
    };
    let address = listens_on(&config)?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| ServeError::Listen(address, error))?;
    if config.demo {
        let is_a_demo = demo::seed(&database).await.map_err(ServeError::Demo)?;
        if !is_a_demo {
            return Err(ServeError::NotADemo);
        }
    }
    if let Some(missing) = about_missing(&senders) {
        tracing::warn!("{missing}");
    }
    // The pages must be reachable for whoever is to mend it, so this does not end the start.
    if let Err(error) = log_unknown_zones(&database).await {
        tracing::warn!(%error, "the time zones of clinics could not be checked");
    }
    if let Err(error) = log_unfit(&database).await {
        tracing::warn!(%error, "the texts of messages could not be checked");
    }
    if config.demo && config.messages.public_url.is_none() {
        // Who tries the demo out is on this machine; browsers have passkeys for names alone.
        let port = listener.local_addr().unwrap_or(address).port();
        config.messages.public_url = PublicUrl::parse(&format!("http://localhost:{port}"));
    }
    let payments = payments(&config, &database, listener.local_addr().unwrap_or(address))?;
    let outbox = Dispatch {
        database: database.clone(),
        senders,
        settings: Arc::new(config.messages.for_outbox()),
    };
    let wake_ups = notification::listen(&outbox);
    engine::payment::listen(&database);
    waitlist::listen(&database);
    let hooks = Hooks {
        dispatch: webhook::Dispatch {
            database: database.clone(),
            poster: Arc::new(poster),
            secret_key: config.accounts.secret_key.clone(),
        },
        wake_up: webhook::listen(&database),
    };
    let clock = database.clone();
    let cal_com = CalCom::new(config.operation.caldav_private, Box::new(move || clock.now()));
    let cal_com = cal_com.map_err(ServeError::Calendars)?;
    let calendars = Calendars {
        dispatch: caldav::Dispatch {
            database: database.clone(),
            remotes: caldav::Remotes::default()
                .with(caldav::Kind::CalDav, Arc::new(caldav))
                .with(caldav::Kind::CalCom, Arc::new(cal_com)),
            secret_key: config.accounts.secret_key.clone(),
            origin: config
                .messages
                .public_url
                .as_ref()
                .map(|url| url.as_str().to_owned()),
            rules: config.rules.booking,
        },
        wake_up: caldav::listen(&database),
    };
    let ended = factor::enforce(&database, config.accounts.second_factor).await;
    match ended {
        Ok(0) => {}
        Ok(sessions) => tracing::info!(
            sessions,
            "staff without a second factor sign in again and set one up"
        ),
        Err(error) => tracing::warn!(%error, "who has to have a second factor could not be checked"),
    }
    let state = AppState::from(Shared {
        live: Live::start(database.clone()),
        nameplate: Nameplate::start(database.clone()),
        together: Together::default(),
        database: database.clone(),
        integrity: Integrity::default(),
        requests: Requests::new(config.requests_per_token),
        farewell: Farewell::default(),
        outbox,
        payments,
        config: Arc::new(config),
        leptos: Arc::new(site::leptos_options()),
    });
    greet(&state, listener.local_addr().unwrap_or(address));
    // Before anybody can take a time that somebody was not given the chance to answer for.
    worker::first_round(&state).await;
    Ok((listener, state, wake_ups, hooks, calendars))
}

/// Sets up the providers of payments. In the demo no money moves, whatever is configured: this server is the provider itself.
fn payments(config: &Config, database: &Database, address: SocketAddr) -> Result<Payments, PaymentError> {
    let public_url = config.messages.public_url.clone();
    match (config.demo, public_url) {
        (true, Some(public_url)) => {
            let clock = database.clone();
            let own = match address.ip().is_unspecified() {
                true => SocketAddr::from(([127, 0, 0, 1], address.port())),
                false => address,
            };
            Payments::demo(
                &format!("http://{own}"),
                site::style_path(),
                public_url,
                Arc::new(move || clock.now()),
            )
        }
        (_, public_url) => Payments::new(&config.payments, public_url),
    }
}

/// The address that a server with this configuration listens on.
///
/// # Errors
/// Where the configuration file cannot be read.
pub fn listens_on(config: &Config) -> Result<SocketAddr, ServeError> {
    match config.addr {
        Some(address) => Ok(address),
        None => site_address(config.file.as_deref()),
    }
}

/// Reads where to listen from the part of the configuration file that is for leptos.
fn site_address(file: Option<&Path>) -> Result<SocketAddr, ServeError> {
    let Some(file) = file else {
        return Ok(site::leptos_options().site_addr);
    };
    get_configuration(file.to_str())
        .map(|configuration| configuration.leptos_options.site_addr)
        .map_err(|error| ServeError::Leptos(error.to_string()))
}

/// Hears Ctrl-C in the terminal, and what a service manager sends.
fn signals() -> mpsc::UnboundedReceiver<Stop> {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    async fn next(signal: &mut std::io::Result<Signal>) {
        match signal {
            Ok(signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    }

    let (sender, receiver) = mpsc::unbounded_channel();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    for error in [&interrupt, &terminate]
        .into_iter()
        .filter_map(|signal| signal.as_ref().err())
    {
        tracing::warn!(%error, "cannot be told to stop by a signal");
    }
    tokio::spawn(async move {
        loop {
            let stop = tokio::select! {
                () = next(&mut interrupt) => Stop::AtOnce,
                () = next(&mut terminate) => Stop::InOrder,
            };
            tracing::info!("told to stop");
            if sender.send(stop).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Says where to go, and in the demo how to sign in. This is for the person at the terminal, not
/// for the log.
fn greet(state: &AppState, address: SocketAddr) {
    println!("\n  Janji is at http://{address}\n");
    if state.config.demo {
        println!(
            "  Patient   book a time; the code that goes to your phone is at http://{address}/demo/messages"
        );
        println!(
            "  Doctor    http://{address}/staff/sign-in   sari@demo.example    {}",
            demo::PASSWORD
        );
        println!(
            "  Admin     http://{address}/staff/sign-in   admin@demo.example   {}",
            demo::PASSWORD
        );
        println!(
            "  Reception http://{address}/staff/sign-in   reception@demo.example {}",
            demo::PASSWORD
        );
        println!("\n  Demo data: nothing here is real. Ctrl-C stops Janji and its PostgreSQL.\n");
    } else if let Some(missing) = about_missing(&state.outbox.senders) {
        println!("  Warning: {missing}\n");
    }
}
