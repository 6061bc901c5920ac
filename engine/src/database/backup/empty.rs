//! The emptiness of a database into which a backup is restored: it is checked before, and made again where that failed.

use sqlx::{AssertSqlSafe, PgConnection};

use super::{BackupError, MIGRATIONS_TABLE};

/// Checks that nothing would be lost: there are no tables, or Janji's own without anybody in them, as after a first start.
pub(super) async fn must_be_empty(connection: &mut PgConnection) -> Result<(), BackupError> {
    let at_work: i64 = sqlx::query_scalar(
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'janji'",
    )
    .fetch_one(&mut *connection)
    .await?;
    if at_work > 0 {
        return Err(BackupError::InUse);
    }
    let tables: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class
         where relnamespace = (select oid from pg_namespace where nspname = current_schema())
           and relkind in ('r', 'p', 'v', 'm', 'f')
           and not exists (select from pg_depend
                           where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')",
    )
    .fetch_all(&mut *connection)
    .await?;
    if tables.is_empty() {
        return Ok(());
    }
    let is_ours = tables.iter().any(|table| table == MIGRATIONS_TABLE);
    if !is_ours {
        return Err(BackupError::NotEmpty);
    }
    for table in ["staff", "patients", "clinics", "appointments"] {
        if !tables.iter().any(|there| there == table) {
            continue;
        }
        let is_any: bool = sqlx::query_scalar(AssertSqlSafe(format!("select exists (select from {table})")))
            .fetch_one(&mut *connection)
            .await?;
        if is_any {
            return Err(BackupError::NotEmpty);
        }
    }
    empty(connection).await
}

/// Drops what migrations made. What extensions brought stays. Names are sorted, so that they are all read before the first drop,
/// which takes others along.
pub(super) async fn empty(connection: &mut PgConnection) -> Result<(), BackupError> {
    sqlx::raw_sql(
        "do $$
         declare
             here constant oid := (select oid from pg_namespace where nspname = current_schema());
             what record;
         begin
             for what in select relname as name from pg_class
                 where relnamespace = here and relkind in ('r', 'p')
                   and not exists (select from pg_depend
                                   where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')
                 order by 1
             loop
                 execute format('drop table if exists %I cascade', what.name);
             end loop;
             for what in select relname as name from pg_class
                 where relnamespace = here and relkind = 'S'
                   and not exists (select from pg_depend
                                   where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')
                 order by 1
             loop
                 execute format('drop sequence if exists %I cascade', what.name);
             end loop;
             for what in select oid::regprocedure::text as name from pg_proc
                 where pronamespace = here
                   and not exists (select from pg_depend
                                   where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')
                 order by 1
             loop
                 execute format('drop routine if exists %s cascade', what.name);
             end loop;
             for what in select typname as name from pg_type
                 where typnamespace = here and typtype in ('d', 'e', 'r')
                   and not exists (select from pg_depend
                                   where classid = 'pg_type'::regclass and objid = pg_type.oid and deptype = 'e')
                 order by 1
             loop
                 execute format('drop type if exists %I cascade', what.name);
             end loop;
         end $$",
    )
    .execute(connection)
    .await?;
    Ok(())
}
