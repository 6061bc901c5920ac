//! What is paid on one page: one payment, or those of the appointments of a visit, each with its own share. What comes of the page
//! comes of all of them at once; whoever writes it has locked all that they are for.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Subject,
    row::{Payment, on_page},
    subject::{Standing, lock},
};
use crate::{
    database::{Failure, Tx},
    error::AppError,
    money::Price,
};

/// What is asked for on a page: the shares together.
///
/// # Errors
/// `NOT_FOUND` where there is no such page.
pub(super) fn asked(page: &[Payment]) -> Result<Price, AppError> {
    let first = page.first().ok_or(AppError::NotFound)?;
    Ok(Price {
        minor: page.iter().map(|payment| payment.price.minor).sum(),
        currency: first.price.currency.clone(),
    })
}

/// The payments of a page, with all that they are for locked.
pub(super) struct Page {
    /// That which has the page first, each with how what it is for stands.
    pub all: Vec<(Payment, Standing)>,
    /// Everything that is booked by it, also what costs nothing first.
    pub subjects: BTreeMap<Subject, Standing>,
}

impl Page {
    /// The payments alone.
    pub fn payments(&self) -> Vec<Payment> {
        self.all.iter().map(|(payment, _)| payment.clone()).collect()
    }

    /// Whether the money was taken in.
    pub fn is_paid(&self) -> bool {
        self.all.iter().any(|(payment, _)| payment.state.is_paid())
    }

    /// Whether nothing has come of it yet.
    pub fn is_open(&self) -> bool {
        self.all.iter().all(|(payment, _)| payment.state.is_open())
    }

    /// Whether nobody is to pay there any more.
    pub fn was_given_up(&self) -> bool {
        self.all.iter().any(|(payment, _)| payment.was_given_up)
    }
}

/// Locks what the payments of a page are for, in the order of the ids, and reads them after that.
///
/// # Errors
/// `NOT_FOUND`; an abort where it was booked at another hold meanwhile.
pub(super) async fn lock_page(tx: &mut Tx, page_id: i64, now: Timestamp) -> Result<Page, Failure> {
    let mut subjects = BTreeMap::new();
    for payment in on_page(tx, page_id).await? {
        subjects.insert(payment.subject, Standing::Over);
        let parts = payment.parts.into_iter().map(Subject::Appointment);
        subjects.extend(parts.map(|part| (part, Standing::Over)));
    }
    for (subject, standing) in &mut subjects {
        *standing = lock(tx, *subject, now).await?;
    }
    let mut all = Vec::new();
    for payment in on_page(tx, page_id).await? {
        // It was booked at another hold meanwhile, which is locked like this one in the next attempt of the provider.
        let standing = *subjects.get(&payment.subject).ok_or(AppError::ConcurrencyAbort)?;
        all.push((payment, standing));
    }
    match all.is_empty() {
        true => Err(AppError::NotFound.into()),
        false => Ok(Page { all, subjects }),
    }
}
