//! Pages: how many are made in a second, against the same bytes from memory by axum alone.

use std::{fs, net::SocketAddr, path::Path, process::Stdio, sync::Arc};

use axum::{Router, response::Html};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::{Child, Command},
};

use super::{Bench, CLIENTS, in_words, median, ratio};
use torture::{
    Fallible,
    client::{Ask, Client},
    server::{Server, program},
};

/// The pages that are measured. The demo's first doctor has two weeks of times; a page shows ten days.
const PAGES: [(&str, &str); 2] = [("the list of times", "/doctors/1"), ("the start page", "/")];

/// Serves a file at every path, until it is killed; says on which address.
pub async fn serve_file(path: &Path) -> Fallible<bool> {
    let page = Html(axum::body::Bytes::from(fs::read(path)?));
    let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, Router::new().fallback(async || page)).await?;
    Ok(true)
}

/// A file that is served by a process of its own.
struct Served {
    address: SocketAddr,
    /// Killed when this is dropped.
    _child: Child,
}

impl Served {
    async fn start(path: &Path) -> Fallible<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("file")
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let said = child.stdout.take().ok_or("nothing can be heard of the child")?;
        let line = BufReader::new(said).lines().next_line().await?;
        Ok(Self {
            address: line.ok_or("a file could not be served")?.parse()?,
            _child: child,
        })
    }
}

impl Bench {
    /// Pages of a clinic with the data of the demo, for who has not signed in.
    pub async fn pages(self: &Arc<Self>) -> Fallible<()> {
        let url = self.postgres.add_database("pages").await?;
        let seeded = Command::new(program()?)
            .arg("seed")
            .env("DATABASE_URL", &url)
            .current_dir(&self.folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .await?;
        if !seeded.success() {
            return Err("the data of the demo could not be made".into());
        }
        let server = Server::new(&self.folder, "pages", &url, &[])?;
        server.start().await?;
        for (name, path) in PAGES {
            let answer = Client::default().send(server.address, &Ask::get(path)).await;
            let answer = answer.map_err(|silence| format!("{silence:?}"))?;
            if answer.status != 200 {
                return Err(format!("{name} is not there: {answer:?}").into());
            }
            let file = self.folder.join("page");
            fs::write(&file, &answer.body)?;
            let alone = Served::start(&file).await?;
            let (mut made, mut kept, mut last) = (Vec::new(), Vec::new(), None);
            for _ in 0..self.rounds {
                let round = self
                    .load_on(&server, CLIENTS, move |_, _, _| Ask::get(path))
                    .await?;
                made.push(round.rate());
                last = Some(round);
                let round = self.load_at(alone.address, CLIENTS, move |_, _, _| Ask::get(path));
                kept.push(round.await?.rate());
            }
            let last = last.ok_or("there was no round")?;
            println!(
                "| {name}, {CLIENTS} clients | **{:.0}/s**, {}; costs the server and PostgreSQL {} |\n\
                 | a static page of its {} bytes by axum, against it | **{:.1}** times as many ({:.0}/s) |",
                median(made.clone()),
                in_words(&last.times),
                last.cost(),
                answer.body.len(),
                ratio(&kept, &made),
                median(kept),
            );
        }
        Ok(())
    }
}
