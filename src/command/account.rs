//! Accounts from the command line: their passwords, opening and closing them, and taking their second factor away.

use std::io::IsTerminal;

use super::{
    database::{Tables, must_be_there, with_database},
    failure::Failure,
    line::{AccountLine, AdminLine},
};
use engine::{
    account::{
        Country, Phone, Role,
        access::{Account, SetAccess, find_account, set_access},
        factor, otp, put_staff,
    },
    database::Database,
    error::{AppError, Field, FieldProblem},
};
use janji::server::Config;

/// Adds an admin or sets a new password for one, and says which of them it was, and where.
pub(super) async fn put_admin(config: Config, line: AdminLine) -> Result<String, Failure> {
    must_be_there(&config)?;
    let password = match line.password {
        Some(password) => password,
        None => ask_for_password()?,
    };
    let place = match config.database_url {
        Some(_) => "the database that DATABASE_URL names".to_owned(),
        None => config.data_dir.display().to_string(),
    };
    let account = line.email.clone();
    let is_new = with_database(config, Tables::UpToDate, |database| async move {
        put_staff(&database, Role::Admin, line.name, line.email, password).await
    })
    .await
    .map_err(about_password)?;
    Ok(match is_new {
        true => format!("Added the admin {account}, in {place}."),
        false => format!("The admin {account} has this name and password now, in {place}."),
    })
}

/// Does what was asked with an account, and says what is so now.
pub(super) async fn change_account(config: Config, line: AccountLine) -> Result<&'static str, Failure> {
    must_be_there(&config)?;
    let country = config.rules.country;
    let said = match (line.reset_factors, line.let_in, line.enable) {
        (true, _, _) => "The account has no second factor any more; its sessions have ended.",
        (_, true, _) => "The phone can sign in by a code again.",
        (_, _, true) => "The account is open: its owner signs in anew.",
        _ => "The account is closed; its sessions, tokens and calendar addresses have ended.",
    };
    with_database(config, Tables::UpToDate, |database| async move {
        if line.reset_factors {
            return reset_factors_of(&database, line.email).await;
        }
        let active = (!line.let_in).then_some(line.enable && !line.disable);
        set_account(&database, line.email, line.phone, active, country).await
    })
    .await
    .map_err(|failure| match failure {
        Failure::App(AppError::NotFound) => Failure::NoAccount,
        Failure::App(AppError::Forbidden) => Failure::LastAdmin,
        failure => failure,
    })?;
    Ok(said)
}

/// Closes or opens an account, or lets its phone in.
async fn set_account(
    database: &Database,
    email: Option<String>,
    phone: Option<String>,
    active: Option<bool>,
    country: Country,
) -> Result<(), AppError> {
    let phone = phone.map(|phone| Phone::parse(&phone, country)).transpose()?;
    let account = match (email, phone.clone()) {
        (Some(email), _) => Account::Staff(email),
        (None, Some(phone)) => Account::Patient(phone),
        (None, None) => return Err(AppError::NotFound),
    };
    match (active, phone) {
        (Some(active), _) => {
            let command = SetAccess {
                caller: None,
                who: find_account(database, account).await?,
                active,
                key: None,
            };
            set_access(database, command, database.now()).await
        }
        (None, Some(phone)) => otp::let_in(database, None, phone).await,
        (None, None) => Err(AppError::NotFound),
    }
}

/// Takes the second factor of somebody of staff away.
async fn reset_factors_of(database: &Database, email: Option<String>) -> Result<(), AppError> {
    let account = Account::Staff(email.ok_or(AppError::NotFound)?);
    let who = find_account(database, account).await?;
    let staff_id = who.ids().1.ok_or(AppError::NotFound)?;
    factor::reset(database, None, staff_id, database.now()).await
}

/// Says in a sentence what is wrong with a password.
fn about_password(failure: Failure) -> Failure {
    match failure {
        Failure::App(AppError::ValidationFailed {
            field: Field::NewPassword,
            problem,
        }) => match problem {
            FieldProblem::Common => Failure::CommonPassword,
            _ => Failure::ShortPassword,
        },
        failure => failure,
    }
}

/// Asks for a new password twice, without showing it.
fn ask_for_password() -> Result<String, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::NoPassword);
    }
    let ask = |question| rpassword::prompt_password(question).map_err(|_| Failure::NoPassword);
    let password = ask("Password, at least 12 characters: ")?;
    match ask("The same again: ")? == password {
        true => Ok(password),
        false => Err(Failure::OtherPassword),
    }
}
