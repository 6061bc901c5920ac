//! Two roles of PostgreSQL: the owner, who makes and changes the tables, and a lesser one for whoever serves.
//!
//! The lesser role works with the rows and cannot make, change or drop a table, a trigger or a function. What is only ever
//! added to, such as the security log, it cannot change or delete either: neither can somebody who got the program to
//! send a statement of their own.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, migrate::MigrateError};

/// Where the database is, for the program, and for whoever changes its tables.
#[derive(Clone, Debug)]
pub struct Address {
    /// Of the role that serves.
    pub url: String,
    /// Of the role that owns the tables; none where it is the same.
    pub owner_url: Option<String>,
}

impl Address {
    /// Of a database with one role for everything.
    pub fn of_one_role(url: String) -> Self {
        Self { url, owner_url: None }
    }

    /// The address by which tables may be changed.
    pub fn of_owner(&self) -> &str {
        self.owner_url.as_ref().unwrap_or(&self.url)
    }
}

/// The tables to which rows are only added.
const ADDED_TO: [&str; 9] = [
    "security_notes",
    "patient_reads",
    "limits_exceeded",
    "clinical_notes",
    "message_text_changes",
    "patient_changes",
    "room_type_changes",
    "stay_changes",
    "capacity_days",
];

/// The one of them whose rows have the time of the database, and no other.
const TIMED: &str = "security_notes";

/// Gives a lesser role what it needs to serve, now and for the tables of later releases. To be called by the owner, after
/// every migration.
pub(super) async fn grant(connection: &mut PgConnection, role: &str) -> Result<(), MigrateError> {
    let owner: String = sqlx::query_scalar("select current_user::text")
        .fetch_one(&mut *connection)
        .await?;
    if owner == role {
        return Ok(());
    }
    let schema: String = sqlx::query_scalar("select quote_ident(current_schema())")
        .fetch_one(&mut *connection)
        .await?;
    let own: Vec<(String, bool)> = sqlx::query_as(
        "select relname::text, relkind = 'S' from pg_class
         where relnamespace = (select oid from pg_namespace where nspname = current_schema())
           and relowner = (select oid from pg_roles where rolname = current_user) and relkind in ('r', 'p', 'v', 'S')
         order by relname",
    )
    .fetch_all(&mut *connection)
    .await?;
    // Neither its number nor its time is for whoever adds a note.
    let columns: Vec<String> = sqlx::query_scalar(
        "select quote_ident(attname) from pg_attribute
         where attrelid = to_regclass($1) and attnum > 0 and not attisdropped and attidentity = '' and attname <> 'noted_at'
         order by attnum",
    )
    .bind(TIMED)
    .fetch_all(&mut *connection)
    .await?;
    let statements = statements(&schema, &quoted(role), &own, &columns.join(", "));
    let mut tx = connection.begin().await?;
    for statement in statements {
        tx.execute(AssertSqlSafe(statement)).await?;
    }
    tx.commit().await?;
    tell_mighty(connection, role).await
}

/// The statements that give a role its rights: no more than those, also where it had more. Names are quoted.
fn statements(schema: &str, role: &str, own: &[(String, bool)], noted: &str) -> Vec<String> {
    let named = |name: &str| format!("{schema}.{}", quoted(name));
    let is_kept = |name: &str| name.starts_with("_sqlx") || ADDED_TO.contains(&name);
    let tables: Vec<&str> = own
        .iter()
        .filter(|(_, is_sequence)| !is_sequence)
        .map(|(name, _)| name.as_str())
        .collect();
    let list = |names: Vec<String>| names.join(", ");
    let worked_with = list(
        tables
            .iter()
            .filter(|name| !is_kept(name))
            .map(|name| named(name))
            .collect(),
    );
    let kept = list(
        tables
            .iter()
            .filter(|name| is_kept(name))
            .map(|name| named(name))
            .collect(),
    );
    let added_to = list(
        tables
            .iter()
            .filter(|name| ADDED_TO.contains(name) && **name != TIMED)
            .map(|name| named(name))
            .collect(),
    );
    let timed = list(
        tables
            .iter()
            .filter(|name| **name == TIMED)
            .map(|name| named(name))
            .collect(),
    );
    let sequences = list(
        own.iter()
            .filter(|(_, is_sequence)| *is_sequence)
            .map(|(name, _)| named(name))
            .collect(),
    );
    let rights = "select, insert, update, delete";
    let mut statements = vec![
        // What PostgreSQL 15 has from the start, and databases that came from an older one do not.
        format!("revoke create on schema {schema} from public"),
        format!("revoke create on schema {schema} from {role}"),
        format!("grant usage on schema {schema} to {role}"),
        format!("alter default privileges in schema {schema} grant {rights} on tables to {role}"),
        format!("alter default privileges in schema {schema} grant usage on sequences to {role}"),
        format!("grant execute on function {schema}.forget_old_security_notes() to {role}"),
    ];
    for (tables, before) in [
        (worked_with, format!("grant {rights} on")),
        // A table of later days had the default privileges until now.
        (kept.clone(), "revoke all on".to_owned()),
        (kept, "grant select on".to_owned()),
        (added_to, "grant insert on".to_owned()),
        (timed, format!("grant insert ({noted}) on")),
        (sequences, "grant usage on sequence".to_owned()),
    ] {
        if !tables.is_empty() {
            let towards = if before.starts_with("revoke") {
                "from"
            } else {
                "to"
            };
            statements.push(format!("{before} {tables} {towards} {role}"));
        }
    }
    statements
}

/// Says that the role which serves can do what it should not, whatever it was given here.
async fn tell_mighty(connection: &mut PgConnection, role: &str) -> Result<(), MigrateError> {
    let is_mighty: Option<bool> = sqlx::query_scalar(
        "select rolsuper or rolcreaterole or pg_has_role(oid, current_user, 'member') from pg_roles where rolname = $1",
    )
    .bind(role)
    .fetch_optional(&mut *connection)
    .await?;
    if is_mighty == Some(true) {
        tracing::warn!(
            role,
            "the role that serves is a superuser, makes roles, or is a member of the owner of the tables: it can change what \
             it should only add to"
        );
    }
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_gets_rows_to_work_with_and_logs_to_add_to() {
        let own = [
            ("_sqlx_migrations", false),
            ("appointments", false),
            ("numbers", true),
            ("patient_reads", false),
            ("security_notes", false),
        ]
        .map(|(name, is_sequence)| (name.to_owned(), is_sequence));
        let statements = statements("public", &quoted("clinic \"server\""), &own, "kind, actor");
        let role = "\"clinic \"\"server\"\"\"";
        for expected in [
            format!("grant select, insert, update, delete on public.\"appointments\" to {role}"),
            format!(
                "revoke all on public.\"_sqlx_migrations\", public.\"patient_reads\", public.\"security_notes\" from {role}"
            ),
            format!(
                "grant select on public.\"_sqlx_migrations\", public.\"patient_reads\", public.\"security_notes\" to {role}"
            ),
            format!("grant insert on public.\"patient_reads\" to {role}"),
            format!("grant insert (kind, actor) on public.\"security_notes\" to {role}"),
            format!("grant usage on sequence public.\"numbers\" to {role}"),
        ] {
            assert!(statements.contains(&expected), "{expected}\n{statements:#?}");
        }
    }

    #[test]
    fn one_role_does_everything_where_there_is_no_owner() {
        let address = Address::of_one_role("postgres://one".to_owned());
        assert_eq!(address.of_owner(), "postgres://one");
    }
}
