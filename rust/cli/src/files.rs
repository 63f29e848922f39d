//! Reading files that hold secrets: CSV files, passwords, certificates. Their bytes are cleared after use.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use imapmig_core::api::{ApiError, ErrorCategory};
use imapmig_core::secret::Secret;
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

/// The file's bytes in base64; `-` is standard input.
pub(crate) fn base64(path: &Path) -> Result<Secret, ApiError> {
    Ok(Secret::new(STANDARD.encode(&*bytes(path)?)))
}

/// The first line of the file; `-` is standard input, asked for without echo where that is a terminal.
pub(crate) fn password(path: &Path, what: &str) -> Result<Secret, ApiError> {
    use std::io::IsTerminal;
    if path == Path::new("-") && std::io::stdin().is_terminal() {
        return rpassword::prompt_password(format!("{what}: "))
            .map(Secret::new)
            .map_err(|e| unread(path, &e));
    }
    let bytes = bytes(path)?;
    let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match std::str::from_utf8(line) {
        Ok(text) if !text.is_empty() => Ok(Secret::from(text)),
        _ => Err(ApiError::new(
            "InvalidSecretFileException",
            ErrorCategory::InvalidData,
            format!("\"{}\" does not begin with a line of UTF-8 text", path.display()),
        )),
    }
}

fn bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    let mut bytes = Zeroizing::new(Vec::new());
    let read = if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|mut f| f.read_to_end(&mut bytes))
    };
    read.map_err(|e| unread(path, &e))?;
    Ok(bytes)
}

fn unread(path: &Path, error: &std::io::Error) -> ApiError {
    let text = format!("\"{}\" cannot be read: {error}", path.display());
    ApiError::new("FileReadException", ErrorCategory::ReadError, text)
}
