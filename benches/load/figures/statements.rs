//! The scripts of pgbench: the statements that the server sends, as PostgreSQL hears them, with values that differ from
//! client to client. Only the values are written down here, in the files beside; so a script is never
//! about what the server used to say.

use std::time::Duration;

use super::Bench;
use torture::{
    Fallible,
    client::{Ask, Client},
    run::Deed,
    world::Service,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    Book,
    Move,
    Insert,
}

/// The scripts of what the server does.
#[derive(Default)]
pub struct Scripts {
    book: String,
    moving: String,
}

impl Scripts {
    pub fn text(&self, script: Script) -> &str {
        match script {
            Script::Book => &self.book,
            Script::Move => &self.moving,
            Script::Insert => include_str!("insert.sql"),
        }
    }
}

/// The number of times that it is listened: the worker of the server may have said something at the same time.
const TRIES: usize = 9;

/// By then what was said is in the log.
const QUIET: Duration = Duration::from_millis(300);

impl Bench {
    /// Lets the server book and move once, and makes scripts of what it says to PostgreSQL.
    ///
    /// # Errors
    /// Names the first statement of the server that there are no values for.
    pub async fn hear_scripts(&self) -> Fallible<Scripts> {
        let mut error = String::new();
        for attempt in 0..TRIES {
            let [booking, moving] = self.heard(attempt).await?;
            let book = script("book.pgbench", include_str!("book.pgbench"), &booking);
            let moving = script("move.pgbench", include_str!("move.pgbench"), &moving);
            match (book, moving) {
                (Ok(book), Ok(moving)) => return Ok(Scripts { book, moving }),
                (Err(wrong), _) | (_, Err(wrong)) => error = wrong,
            }
        }
        Err(error.into())
    }

    /// The statements that the server sends for a booking and for its move.
    async fn heard(&self, attempt: usize) -> Fallible<[Vec<String>; 2]> {
        let patient = &self.world.patients[self.world.patients.len() - 1 - attempt];
        let doctor = self.world.doctors[self.world.doctors.len() - 1].id;
        let at = |number: i64| self.world.half_hour(10 * number + attempt as i64);
        let deed = Deed::book(
            &format!("heard-{attempt}"),
            patient,
            doctor,
            Service::Visit,
            at(1),
        );
        let mut client = Client::default();
        self.log_statements("all").await?;
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
        let answer = client
            .send(self.server.address, &deed.ask)
            .await
            .map_err(|silence| format!("{silence:?}"))?;
        if answer.status != 200 {
            return Err(format!("no move: {answer:?}").into());
        }
        tokio::time::sleep(QUIET).await;
        let log = self.postgres.log();
        self.log_statements("none").await?;
        Ok([statements_of(&log[start..middle]), statements_of(&log[middle..])])
    }

    /// The script of what the server says for one of these requests, which are alike.
    ///
    /// # Errors
    /// Names the first statement of the server that there are no values for.
    pub(super) async fn hear_script(
        &self,
        (name, template): (&str, &str),
        ask: impl Fn(usize) -> Ask,
    ) -> Fallible<String> {
        let mut error = String::new();
        for attempt in 0..TRIES {
            match script(name, template, &self.hear(&ask(attempt)).await?) {
                Ok(script) => return Ok(script),
                Err(wrong) => error = wrong,
            }
        }
        Err(error.into())
    }

    /// The statements that the server sends for this request.
    async fn hear(&self, ask: &Ask) -> Fallible<Vec<String>> {
        self.log_statements("all").await?;
        let start = self.postgres.log().len();
        let answer = Client::default().send(self.server.address, ask).await;
        let answer = answer.map_err(|silence| format!("{silence:?}"))?;
        tokio::time::sleep(QUIET).await;
        let log = self.postgres.log();
        self.log_statements("none").await?;
        match answer.status {
            200 | 201 => Ok(statements_of(&log[start..])),
            _ => Err(format!("not done: {answer:?}").into()),
        }
    }

    async fn log_statements(&self, which: &str) -> Fallible<()> {
        self.sql(format!("alter system set log_statement = '{which}'"))
            .await?;
        self.sql("select pg_reload_conf()".to_owned()).await?;
        tokio::time::sleep(QUIET).await;
        Ok(())
    }

    pub fn print_scripts(&self) {
        for script in [Script::Book, Script::Move] {
            println!("-- {script:?}\n{}\n", self.scripts.text(script));
        }
    }
}

/// A script for pgbench: the variables of the template, and the statements that were heard with the template's values.
///
/// # Errors
/// Names the statements that do not belong together.
fn script(name: &str, template: &str, heard: &[String]) -> Result<String, String> {
    let mut script = String::new();
    let mut heard = heard.iter().enumerate();
    for line in template.lines().filter(|line| !line.starts_with('#')) {
        if line.is_empty() || line.starts_with("\\set") {
            script.push_str(line);
            script.push('\n');
            continue;
        }
        let (words, rest) = line.split_once(':').ok_or_else(|| format!("{name}: {line}"))?;
        let (values, keeps) = match rest.trim().strip_suffix("\\gset") {
            Some(values) => (values, true),
            None => (rest, false),
        };
        let (number, statement) = heard
            .next()
            .ok_or_else(|| format!("{name}: the server says no such thing as \"{words}\" any more"))?;
        let wrong = |what: &str| {
            format!(
                "{name} is not about what the server says: statement {} {what}:\n  {statement}",
                number + 1
            )
        };
        if !statement.contains(words) {
            return Err(wrong(&format!("should be \"{words}\", and is")));
        }
        // What the server sends together with `begin` and `commit`, pgbench goes without, or its connections have it from the
        // start.
        let statement = statement
            .split("; ")
            .find(|part| part.contains(words))
            .unwrap_or(statement);
        let statement = filled(statement, &list(values)).map_err(|count| {
            wrong(&format!(
                "has {count} parameters, other than in the line \"{line}\""
            ))
        })?;
        script.push_str(&statement);
        script.push_str(if keeps { " \\gset\n" } else { ";\n" });
    }
    match heard.next() {
        None => Ok(script),
        Some((_, statement)) => Err(format!(
            "{name} has no values for what the server says:\n  {statement}"
        )),
    }
}

/// The values between the commas that are not inside of one.
fn list(text: &str) -> Vec<String> {
    let (mut values, mut depth) = (vec![String::new()], 0);
    for letter in text.chars() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                values.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(value) = values.last_mut() {
            value.push(letter);
        }
    }
    values.retain(|value| !value.trim().is_empty());
    values.iter().map(|value| value.trim().to_owned()).collect()
}

/// A statement with values in the place of its parameters.
///
/// # Errors
/// How many parameters it has, where that is another number.
fn filled(statement: &str, values: &[String]) -> Result<String, usize> {
    let (mut text, mut most) = (String::new(), 0);
    let mut rest = statement;
    while let Some((before, after)) = rest.split_once('$') {
        let end = after
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(after.len());
        let number: usize = after[..end].parse().unwrap_or_default();
        most = most.max(number);
        text.push_str(before);
        text.push_str(
            number
                .checked_sub(1)
                .and_then(|place| values.get(place))
                .map_or("$", String::as_str),
        );
        rest = &after[end..];
    }
    text.push_str(rest);
    if most == values.len() { Ok(text) } else { Err(most) }
}

/// The statements in a part of PostgreSQL's log, each in one line; there, what goes on in another line begins with a tab.
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
    let mut statements: Vec<String> = statements
        .iter()
        .map(|statement| statement.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    // Workers look beside whether there is something to send, and whether they may; a connection that is made for it, whether it
    // may write.
    let beside = [
        "from messages where channel",
        "select paused_since is not null",
        "current_setting('transaction_read_only')",
        "as \"is_any!\"",
    ];
    statements.retain(|statement| !beside.iter().any(|words| statement.contains(words)));
    // Open pages are told beside, in a transaction of its own.
    while let Some(at) = statements
        .iter()
        .position(|statement| statement.contains("pg_notify"))
    {
        statements.drain(at.saturating_sub(1)..statements.len().min(at + 2));
    }
    statements
}
