//! Writes what belongs to a person into a zip, a stretch at a time: neither the lists nor the files are ever whole in memory.

use std::{
    fmt::Write as _,
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use axum::body::Bytes;
use guildhall_db::{Connection, attachments::Attachment, departures};
use serde_json::Value;
use tokio::{io::AsyncReadExt, sync::mpsc};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions, write::StreamWriter};

use crate::{
    app::App,
    attachments,
    feature::{Exported, Features},
    session::Session,
};

/// Bytes that are passed on at once.
const PIECE_BYTES: usize = 64 * 1024;

/// What was written and has not left.
#[derive(Clone, Default)]
struct Leaving(Arc<Mutex<Vec<u8>>>);

impl Leaving {
    fn bytes(&self) -> std::sync::MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Leaving {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A piece of the file, or why it ends before its end.
pub type Piece = Result<Bytes, io::Error>;

struct Zip<'a> {
    writer: ZipWriter<StreamWriter<Leaving>>,
    leaving: Leaving,
    to: &'a mpsc::Sender<Piece>,
}

impl Zip<'_> {
    fn begin(&mut self, name: &str, method: CompressionMethod) -> io::Result<()> {
        let options = SimpleFileOptions::default().compression_method(method);
        self.writer.start_file(name, options).map_err(io::Error::other)
    }

    /// Passes on what gathered, at the reader's pace.
    async fn pass_on(&mut self, all: bool) -> io::Result<()> {
        let piece = {
            let mut bytes = self.leaving.bytes();
            if bytes.is_empty() || (!all && bytes.len() < PIECE_BYTES) {
                return Ok(());
            }
            std::mem::take(&mut *bytes)
        };
        self.to.send(Ok(piece.into())).await.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    async fn put(&mut self, text: &str) -> io::Result<()> {
        self.writer.write_all(text.as_bytes())?;
        self.pass_on(false).await
    }
}

/// Where a file lies in the zip. Its name is safe: the server made it so when the file came.
pub fn place_of(file: &Attachment) -> String {
    format!("files/{}-{}", file.id, file.name)
}

/// A text as it stands in a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}\
    table{border-collapse:collapse;width:100%}th,td{text-align:start;vertical-align:top;padding:.4rem .6rem;\
    border-bottom:1px solid #ccc;overflow-wrap:anywhere;white-space:pre-wrap}";

fn head(title: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{0}</title><style>{STYLE}</style><h1>{0}</h1>\n",
        escaped(title)
    )
}

/// One line of a table; before the first one its names.
fn line(row: &Value, first: bool) -> String {
    let mut text = String::new();
    let Some(fields) = row.as_object() else { return text };
    if first {
        let names: String =
            fields.keys().map(|name| format!("<th>{}</th>", escaped(&name.replace('_', " ")))).collect();
        let _ = writeln!(text, "<table><tr>{names}</tr>");
    }
    let cells: String = fields.values().map(|value| format!("<td>{}</td>", escaped(&in_words(value)))).collect();
    let _ = writeln!(text, "<tr>{cells}</tr>");
    text
}

/// It is read as slowly as somebody likes: whoever was signed out meanwhile gets no more of it.
async fn still(c: &mut Connection, session: Session) -> io::Result<()> {
    session.still(c).await.map_err(|error| io::Error::other(error.words().to_owned()))
}

async fn list(app: &App, zip: &mut Zip<'_>, session: Session, list: &Exported, html: bool) -> io::Result<()> {
    let name = format!("{}.{}", list.name, if html { "html" } else { "json" });
    zip.begin(&name, CompressionMethod::Deflated)?;
    zip.put(&if html { head(list.title) } else { "[".to_owned() }).await?;
    let (mut after, mut first) = (0, true);
    loop {
        let mut c = app.db.read().await.map_err(io::Error::other)?;
        still(&mut c, session).await?;
        let page = (list.page)(&mut c, session.user, after).await;
        drop(c);
        let (rows, next) = page.map_err(|error| io::Error::other(error.words().to_owned()))?;
        for row in &rows {
            let text = if html {
                line(row, first)
            } else {
                format!("{}\n{}", if first { "" } else { "," }, serde_json::to_string(row)?)
            };
            zip.put(&text).await?;
            first = false;
        }
        match next {
            Some(next) if !rows.is_empty() => after = next,
            _ => break,
        }
    }
    zip.put(match (html, first) {
        (true, true) => "<p>There is nothing here.</p>\n",
        (true, false) => "</table>\n",
        (false, _) => "\n]\n",
    })
    .await
}

async fn files(app: &App, zip: &mut Zip<'_>, session: Session) -> io::Result<()> {
    let mut after = 0;
    loop {
        let mut c = app.db.read().await.map_err(io::Error::other)?;
        let found = departures::files(&mut c, session.user, after, 100).await.map_err(io::Error::other)?;
        drop(c);
        let Some(last) = found.last() else { return Ok(()) };
        after = last.id.0;
        for file in &found {
            still(&mut app.db.read().await.map_err(io::Error::other)?, session).await?;
            // Gone since it was listed, as when its message was deleted meanwhile.
            let Ok(mut bytes) = attachments::open(app, &file.sha256).await else { continue };
            // Pictures and documents are packed already.
            zip.begin(&place_of(file), CompressionMethod::Stored)?;
            let mut buffer = vec![0; PIECE_BYTES];
            loop {
                let read = bytes.read(&mut buffer).await?;
                if read == 0 {
                    break;
                }
                zip.writer.write_all(&buffer[..read])?;
                zip.pass_on(false).await?;
            }
        }
    }
}

/// Writes the whole file.
///
/// # Errors
/// What could not be read, or that nobody takes it any more.
pub async fn write(app: &App, features: Features, session: Session, to: &mpsc::Sender<Piece>) -> io::Result<()> {
    let leaving = Leaving::default();
    let mut zip = Zip { writer: ZipWriter::new_stream(leaving.clone()), leaving, to };
    let lists: Vec<&Exported> = features.lives().flat_map(|life| life.export).collect();
    zip.begin("index.html", CompressionMethod::Deflated)?;
    zip.put(&head("What belongs to you")).await?;
    for list in &lists {
        let (name, title) = (list.name, escaped(list.title));
        zip.put(&format!("<p><a href=\"{name}.html\">{title}</a> (<a href=\"{name}.json\">JSON</a>)</p>\n")).await?;
    }
    for one in lists {
        list(app, &mut zip, session, one, true).await?;
        list(app, &mut zip, session, one, false).await?;
    }
    files(app, &mut zip, session).await?;
    let Zip { writer, leaving, to } = zip;
    writer.finish().map_err(io::Error::other)?;
    let last = std::mem::take(&mut *leaving.bytes());
    to.send(Ok(last.into())).await.map_err(|_| io::ErrorKind::BrokenPipe.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_people_wrote_is_no_markup() {
        let row = json!({ "text": "<script>alert(\"1\")</script> & so", "read_at": null });
        let told = line(&row, true);
        assert!(told.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; so"), "{told}");
        assert!(!told.contains("<script>"));
    }
}
