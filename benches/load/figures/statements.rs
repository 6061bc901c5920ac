//! The scripts of pgbench say what the server says: checked against what PostgreSQL hears.

use std::time::Duration;

use super::{Bench, CLIENTS, DOCTORS};
use crate::{Fallible, client::Client, torture::Deed, world::Service};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    Book,
    Move,
    Insert,
}

impl Script {
    pub fn text(self) -> &'static str {
        match self {
            Self::Book => include_str!("book.sql"),
            Self::Move => include_str!("move.sql"),
            Self::Insert => include_str!("insert.sql"),
        }
    }

    fn statements(self) -> Vec<String> {
        let lines = self
            .text()
            .lines()
            .filter(|line| !line.starts_with("--") && !line.starts_with("\\set"));
        let text: Vec<String> = lines.map(|line| line.replace("\\gset", ";")).collect();
        text.join("\n")
            .split(';')
            .map(normal)
            .filter(|statement| !statement.is_empty())
            .collect()
    }
}

/// A statement with every parameter as a question mark: `$1` of the server; of a script a variable, a time made of one,
/// an array, a null with its type.
fn normal(statement: &str) -> String {
    let mut text = String::new();
    let mut rest = statement
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    loop {
        let found = ["$", ":", "to_timestamp(", "array[", "null::"]
            .iter()
            .filter_map(|mark| rest.find(mark).map(|at| (at, *mark)))
            .min_by_key(|(at, _)| *at);
        let Some((at, mark)) = found else {
            return text + &rest;
        };
        text.push_str(&rest[..at]);
        let after = &rest[at + mark.len()..];
        let word = |text: &str| {
            text.find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(text.len())
        };
        let length = match mark {
            // A cast.
            ":" if after.starts_with(':') => {
                text.push_str("::");
                rest = after[1..].to_owned();
                continue;
            }
            "to_timestamp(" => after.find(')').map_or(after.len(), |end| end + 1),
            "array[" => after.find(']').map_or(after.len(), |end| end + 1),
            _ => word(after),
        };
        text.push('?');
        rest = after[length..].to_owned();
        if mark == "to_timestamp(" {
            rest = rest.strip_prefix("::date").map_or(rest.clone(), str::to_owned);
        }
    }
}

/// How often it is looked again: another part of the server may have said something at the same time.
const TRIES: usize = 3;

/// By then what was said is in the log.
const QUIET: Duration = Duration::from_millis(300);

impl Bench {
    /// What the server says for a booking and for the move of it.
    async fn heard(&self, attempt: usize) -> Fallible<[Vec<String>; 2]> {
        let hearing = async |what: &str| {
            self.sql(format!("alter system set log_statement = '{what}'"))
                .await?;
            self.sql("select pg_reload_conf()".to_owned()).await?;
            tokio::time::sleep(QUIET).await;
            Fallible::Ok(())
        };
        let patient = &self.world.patients[CLIENTS + attempt];
        let doctor = self.world.doctors[DOCTORS - 1].id;
        let at = |number: i64| self.world.half_hour(10 * number + attempt as i64);
        let deed = Deed::book(
            &format!("heard-{attempt}"),
            patient,
            doctor,
            Service::Visit,
            at(1),
        );
        let mut client = Client::default();
        hearing("all").await?;
        let start = self.postgres.log().len();
        let answer = client
            .send(self.server.address, &deed.ask)
            .await
            .map_err(|silence| format!("{silence:?}"))?;
        let id = answer.json()["data"]["id"]
            .as_i64()
            .ok_or_else(|| format!("no booking: {answer:?}"))?;
        tokio::time::sleep(QUIET).await;
        let middle = self.postgres.log().len();
        let deed = Deed::moving(&format!("heard-move-{attempt}"), patient, id, at(2), None);
        client
            .send(self.server.address, &deed.ask)
            .await
            .map_err(|silence| format!("{silence:?}"))?;
        tokio::time::sleep(QUIET).await;
        let log = self.postgres.log();
        hearing("none").await?;
        Ok([statements_of(&log[start..middle]), statements_of(&log[middle..])])
    }

    /// # Errors
    /// Where a script does not say what the server says.
    pub async fn check_statements(&self) -> Fallible<()> {
        let mut difference = None;
        for attempt in 0..TRIES {
            let [booking, moving] = self.heard(attempt).await?;
            difference = [(Script::Book, booking), (Script::Move, moving)]
                .into_iter()
                .find_map(|(script, heard)| differ(script, &heard));
            if difference.is_none() {
                return Ok(());
            }
        }
        Err(difference.unwrap_or_default().into())
    }

    pub async fn print_statements(&self) -> Fallible<()> {
        for (title, statements) in ["booking", "move"].into_iter().zip(self.heard(0).await?) {
            println!("-- {title}\n{};", statements.join(";\n"));
        }
        Ok(())
    }
}

fn differ(script: Script, heard: &[String]) -> Option<String> {
    // Two statements that need nothing of each other may come either way.
    let (mut said, mut heard) = (script.statements(), heard.to_vec());
    said.sort_unstable();
    heard.sort_unstable();
    let place = (0..said.len().max(heard.len())).find(|place| said.get(*place) != heard.get(*place))?;
    Some(format!(
        "the script {script:?} is not what the server says; in the order of the alphabet:\n  script: {:?}\n  server: {:?}",
        said.get(place),
        heard.get(place),
    ))
}

/// The statements in a part of PostgreSQL's log; what goes on in another line begins with a tab.
fn statements_of(log: &str) -> Vec<String> {
    let mut statements: Vec<String> = Vec::new();
    let mut inside = false;
    for line in log.lines() {
        if inside && line.starts_with('\t') {
            if let Some(last) = statements.last_mut() {
                last.push_str(line);
            }
            continue;
        }
        let said = line.split_once("LOG:  statement: ").map(|(_, text)| text);
        let said = said.or_else(|| {
            line.split_once("LOG:  execute ")?
                .1
                .split_once(": ")
                .map(|(_, text)| text)
        });
        inside = said.is_some();
        statements.extend(said.map(str::to_owned));
    }
    let mut statements: Vec<String> = statements.iter().map(|statement| normal(statement)).collect();
    // Open pages are told beside, in a transaction of its own.
    while let Some(at) = statements
        .iter()
        .position(|statement| statement.contains("pg_notify"))
    {
        statements.drain(at.saturating_sub(1)..statements.len().min(at + 2));
    }
    statements
}
