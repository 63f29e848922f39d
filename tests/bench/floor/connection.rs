//! Just enough IMAP for the floor, as Dovecot speaks it: commands without waiting, answers by lines and literals.

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::TcpStream;

use super::Result;

/// A message on its way: flags and date as the source wrote them.
pub(super) struct Message {
    flags: String,
    date: String,
    pub(super) bytes: Vec<u8>,
}

/// A connection that is signed in.
pub(super) struct Connection {
    reader: Reader,
    writer: Writer,
}

/// The half that sends.
pub(super) struct Writer {
    stream: BufWriter<TcpStream>,
}

/// The half that receives.
pub(super) struct Reader {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(super) fn open(port: u16, user: &str, password: &str) -> Result<Connection> {
        let stream = TcpStream::connect(("127.0.0.1", port)).map_err(text)?;
        stream.set_nodelay(true).map_err(text)?;
        let reader = Reader { stream: BufReader::with_capacity(1 << 16, stream.try_clone().map_err(text)?) };
        let stream = BufWriter::with_capacity(1 << 16, stream);
        let mut connection = Connection { reader, writer: Writer { stream } };
        connection.reader.line()?;
        connection.writer.say(&format!("login LOGIN {user} {password}\r\n"))?;
        connection.reader.until_tag("login")?;
        Ok(connection)
    }

    pub(super) fn split(self) -> (Writer, Reader) {
        (self.writer, self.reader)
    }

    /// All folders, as the server writes their names, and how many messages each holds.
    pub(super) fn counts(&mut self) -> Result<Vec<(String, usize)>> {
        self.writer.say("list LIST \"\" \"*\" RETURN (STATUS (MESSAGES))\r\n")?;
        let mut counts = Vec::new();
        loop {
            let line = self.reader.line()?;
            if line.starts_with("list ") {
                return Ok(counts);
            }
            let status = line.strip_prefix("* STATUS ").and_then(|rest| rest.rsplit_once(" (MESSAGES "));
            if let Some((name, count)) = status {
                counts.push((name.to_owned(), count.trim_end_matches(')').parse().map_err(text)?));
            }
        }
    }

    /// Makes the folders with one wait for all of them.
    pub(super) fn create(&mut self, folders: &[&str]) -> Result<()> {
        for folder in folders.iter().filter(|folder| **folder != "INBOX") {
            self.writer.queue(format!("c CREATE {folder}\r\n").as_bytes())?;
        }
        self.writer.say("created NOOP\r\n")?;
        while !self.reader.line()?.starts_with("created ") {}
        Ok(())
    }
}

impl Writer {
    /// Asks for messages of a folder.
    pub(super) fn fetch(&mut self, folder: &str, first: usize, last: usize) -> Result<()> {
        self.say(&format!(
            "e EXAMINE {folder}\r\nf FETCH {first}:{last} (FLAGS INTERNALDATE BODY.PEEK[])\r\n"
        ))
    }

    pub(super) fn begin_append(&mut self, folder: &str) -> Result<()> {
        self.queue(format!("a APPEND {folder}").as_bytes())
    }

    pub(super) fn append(&mut self, message: &Message) -> Result<()> {
        let Message { flags, date, bytes } = message;
        self.queue(format!(" ({flags}) \"{date}\" {{{}+}}\r\n", bytes.len()).as_bytes())?;
        self.queue(bytes)
    }

    pub(super) fn end_append(&mut self) -> Result<()> {
        self.say("\r\n")
    }

    /// Says that nothing follows; the answer is tagged `end`.
    pub(super) fn end(&mut self) -> Result<()> {
        self.say("end NOOP\r\n")
    }

    fn queue(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).map_err(text)
    }

    fn say(&mut self, line: &str) -> Result<()> {
        self.queue(line.as_bytes())?;
        self.stream.flush().map_err(text)
    }
}

impl Reader {
    fn line(&mut self) -> Result<String> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line).map_err(text)? == 0 {
            return Err("the server has hung up".into());
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    /// Reads up to an answer with this tag; fails if a command was refused on the way.
    pub(super) fn until_tag(&mut self, tag: &str) -> Result<()> {
        loop {
            let line = self.line()?;
            let (first, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match first {
                "*" => {}
                _ if !rest.starts_with("OK") => return Err(line),
                _ if first == tag => return Ok(()),
                _ => {}
            }
        }
    }

    /// Hands over the messages that answer one FETCH.
    pub(super) fn fetched(&mut self, mut each: impl FnMut(Message) -> Result<()>) -> Result<()> {
        loop {
            let line = self.line()?;
            if line.starts_with("f ") {
                return if line.starts_with("f OK") { Ok(()) } else { Err(line) };
            }
            let Some((_, items)) = line.strip_prefix("* ").and_then(|rest| rest.split_once(" FETCH ("))
            else {
                continue;
            };
            let between =
                |open: &str, close: char| items.split_once(open)?.1.split_once(close).map(|(v, _)| v);
            let length =
                items.rsplit_once('{').and_then(|(_, n)| n.trim_end_matches('}').parse::<usize>().ok());
            let (Some(flags), Some(date), Some(length)) =
                (between("FLAGS (", ')'), between("INTERNALDATE \"", '"'), length)
            else {
                return Err(format!("not understood: {line}"));
            };
            let flags: Vec<&str> = flags.split(' ').filter(|flag| *flag != "\\Recent").collect();
            let mut message =
                Message { flags: flags.join(" "), date: date.trim().to_owned(), bytes: vec![0; length] };
            self.stream.read_exact(&mut message.bytes).map_err(text)?;
            self.line()?;
            each(message)?;
        }
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
