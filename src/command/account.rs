//! Accounts from the command line: their passwords, opening and closing them, and taking their second factor away.

use std::io::IsTerminal;

use super::failure::Failure;
use engine::{
    account::{
        Country, Phone,
        access::{Account, SetAccess, find_account, set_access},
        factor, otp,
    },
    database::Database,
    error::{AppError, Field, FieldProblem},
};

/// Closes or opens an account, or lets its phone in.
pub(super) async fn set_account(
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
pub(super) async fn reset_factors_of(database: &Database, email: Option<String>) -> Result<(), AppError> {
    let account = Account::Staff(email.ok_or(AppError::NotFound)?);
    let who = find_account(database, account).await?;
    let staff_id = who.ids().1.ok_or(AppError::NotFound)?;
    factor::reset(database, None, staff_id, database.now()).await
}

/// Says in a sentence what is wrong with a password.
pub(super) fn about_password(failure: Failure) -> Failure {
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
pub(super) fn ask_for_password() -> Result<String, Failure> {
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
