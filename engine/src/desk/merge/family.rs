//! Whose phone is whose, once two records are one.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    Keep, Kept, Of,
    rows::{Record, hold_phone, note_moved, share_phone, texts},
};
use crate::{
    account::number::forget_confirmations,
    database::{Failure, Tx},
    error::{AppError, Field, FieldProblem},
};

/// Settles whose phone is whose: the record that goes shares that of the one that stays and holds none; whoever shared the
/// phone of the one that goes shares that of the other; and the phone that is kept is the one that stays.
pub(super) async fn move_family(
    tx: &mut Tx,
    merge_id: i64,
    from: &Record,
    into: &Record,
    keep: Keep,
    now: Timestamp,
) -> Result<(), Failure> {
    let (from, into) = (&from.kept, &into.kept);
    let relatives = sqlx::query_scalar!(
        "select id from patients where holder_id = $1 and id <> $2 order by id",
        from.id,
        into.id,
    )
    .fetch_all(&mut **tx)
    .await?;
    // Whoever shares the phone of the one that goes takes it over.
    let takes_over = into.holder_id == Some(from.id);
    let holder_id = match into.holder_id {
        Some(other) if !takes_over => other,
        _ => into.id,
    };
    if from.id == holder_id {
        return Err(AppError::Internal.into());
    }
    share_phone(tx, from.id, holder_id).await?;
    if takes_over {
        sqlx::query!("update patients set holder_id = null where id = $1", into.id)
            .execute(&mut **tx)
            .await?;
    }
    for relative in &relatives {
        share_phone(tx, *relative, holder_id).await?;
    }
    if keep.phone == Of::Goes && from.phone != into.phone {
        keep_phone(tx, from, into, &relatives).await?;
        // What the clinic made sure of was the number that is given up.
        forget_confirmations(tx, &[into.id, from.id]).await?;
    }
    note_moved(tx, merge_id, "relative", &texts(relatives)).await?;
    sqlx::query!(
        "update patients set active = false, merged_into = $2, access_since = greatest(access_since, $3)
         where id = $1",
        from.id,
        into.id,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives the record that stays the phone of the one that goes. Who shares a phone keeps the one that they share, or joins
/// the holder of the other.
async fn keep_phone(tx: &mut Tx, from: &Kept, into: &Kept, relatives: &[i64]) -> Result<(), Failure> {
    let taken = AppError::invalid(Field::Phone, FieldProblem::Taken);
    match (into.holder_id, from.holder_id) {
        // The holder's number changes, and with it that of all who share it.
        (None, None) => match hold_phone(tx, into.id, &from.phone, taken).await? {
            true => Ok(()),
            false => Err(taken.into()),
        },
        // Somebody who shares a phone gets one of their own.
        (Some(_), None) => {
            if !hold_phone(tx, into.id, &from.phone, taken).await? {
                return Err(taken.into());
            }
            for relative in relatives {
                share_phone(tx, *relative, into.id).await?;
            }
            share_phone(tx, from.id, into.id).await
        }
        // A holder with a family stays one.
        (None, Some(_)) if has_family(tx, into.id, from.id).await? => Err(taken.into()),
        (_, Some(holder_id)) => {
            // The one that goes shares the phone with the other until now.
            share_phone(tx, from.id, holder_id).await?;
            share_phone(tx, into.id, holder_id).await
        }
    }
}

/// Whether others than this one share the phone of a holder.
async fn has_family(tx: &mut Tx, holder_id: i64, but: i64) -> Result<bool, Failure> {
    let has = sqlx::query_scalar!(
        r#"select exists (select from patients where holder_id = $1 and id <> $2) as "has!""#,
        holder_id,
        but,
    );
    Ok(has.fetch_one(&mut **tx).await?)
}
