//! A background process with an explicit list of the handles that it inherits.
//!
//! `std::process::Command` hands down every inheritable handle of the caller. One of them is the pipe through which a shell reads the
//! caller's output, and the shell would wait until the background process ends. PROC_THREAD_ATTRIBUTE_HANDLE_LIST is stable in
//! Windows since Vista, but not in std.

use super::process::has_ended;
use super::wide;
use crate::program::Program;
use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::ptr;
use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, HANDLE_FLAG_INHERIT, SetHandleInformation};
use windows_sys::Win32::System::Threading::{
    CREATE_BREAKAWAY_FROM_JOB, CREATE_NEW_PROCESS_GROUP, CREATE_UNICODE_ENVIRONMENT, CreateProcessW,
    DETACHED_PROCESS, DeleteProcThreadAttributeList, EXTENDED_STARTUPINFO_PRESENT,
    InitializeProcThreadAttributeList, LPPROC_THREAD_ATTRIBUTE_LIST, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
    PROCESS_INFORMATION, STARTF_USESTDHANDLES, STARTUPINFOEXW, UpdateProcThreadAttribute,
};

/// The started process.
#[derive(Debug)]
pub(crate) struct Child {
    process: OwnedHandle,
    pub(crate) ends_with_session: bool,
}

impl Child {
    pub(crate) fn is_running(&self) -> bool {
        !has_ended(&self.process)
    }
}

pub(crate) fn start(what: Program<'_>) -> io::Result<Child> {
    let nothing = OpenOptions::new().read(true).open("NUL")?;
    let handles = [inheritable(&nothing)?, inheritable(&what.log)?];
    let list = AttributeList::new(&handles)?;
    let mut info = STARTUPINFOEXW::default();
    info.StartupInfo.cb = u32::try_from(size_of::<STARTUPINFOEXW>()).unwrap_or_default();
    info.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    info.StartupInfo.hStdInput = handles[0];
    info.StartupInfo.hStdOutput = handles[1];
    info.StartupInfo.hStdError = handles[1];
    info.lpAttributeList = list.pointer();

    let program = wide(what.program);
    let directory = wide(what.directory);
    let environment = environment(what.variable);
    let run = |flags: u32| {
        // CreateProcessW may write into the command line.
        let mut line = command_line(what.program.as_os_str(), what.arguments);
        let mut started = PROCESS_INFORMATION::default();
        // SAFETY: all strings end with a zero and live until the call returns, as do the attribute list and the handles that it
        // names; `info` is a STARTUPINFOEXW, as EXTENDED_STARTUPINFO_PRESENT says.
        let result = unsafe {
            CreateProcessW(
                program.as_ptr(),
                line.as_mut_ptr(),
                ptr::null(),
                ptr::null(),
                1,
                flags,
                environment.as_ptr().cast(),
                directory.as_ptr(),
                (&raw const info).cast(),
                &raw mut started,
            )
        };
        if result == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: CreateProcessW has just opened both handles for this process alone.
        let (process, _thread) = unsafe {
            (OwnedHandle::from_raw_handle(started.hProcess), OwnedHandle::from_raw_handle(started.hThread))
        };
        Ok(process)
    };
    let flags = DETACHED_PROCESS
        | CREATE_NEW_PROCESS_GROUP
        | CREATE_UNICODE_ENVIRONMENT
        | EXTENDED_STARTUPINFO_PRESENT;
    match run(flags | CREATE_BREAKAWAY_FROM_JOB) {
        Ok(process) => Ok(Child { process, ends_with_session: false }),
        // The session's job lets nothing leave it.
        Err(error) if error.raw_os_error() == i32::try_from(ERROR_ACCESS_DENIED).ok() => {
            Ok(Child { process: run(flags)?, ends_with_session: true })
        }
        Err(error) => Err(error),
    }
}

fn inheritable(file: &File) -> io::Result<RawHandle> {
    let handle = file.as_raw_handle();
    // SAFETY: the handle is open for as long as `file` is borrowed.
    match unsafe { SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(handle),
    }
}

/// The list of handles that a process inherits.
struct AttributeList<'a> {
    buffer: Vec<usize>,
    _handles: &'a [RawHandle],
}

impl<'a> AttributeList<'a> {
    fn new(handles: &'a [RawHandle]) -> io::Result<Self> {
        let mut bytes = 0;
        // SAFETY: without a list the call only returns the size that one takes, and fails as documented.
        unsafe { InitializeProcThreadAttributeList(ptr::null_mut(), 1, 0, &raw mut bytes) };
        let mut buffer = vec![0_usize; bytes.div_ceil(size_of::<usize>())];
        // SAFETY: the buffer has the size that the first call asked for.
        if unsafe { InitializeProcThreadAttributeList(buffer.as_mut_ptr().cast(), 1, 0, &raw mut bytes) } == 0
        {
            return Err(io::Error::last_os_error());
        }
        let list = Self { buffer, _handles: handles };
        // SAFETY: the list is initialised, and `handles` outlives it, as the call keeps a pointer to them.
        let updated = unsafe {
            UpdateProcThreadAttribute(
                list.pointer(),
                0,
                PROC_THREAD_ATTRIBUTE_HANDLE_LIST as usize,
                handles.as_ptr().cast(),
                size_of_val(handles),
                ptr::null_mut(),
                ptr::null(),
            )
        };
        if updated == 0 { Err(io::Error::last_os_error()) } else { Ok(list) }
    }

    fn pointer(&self) -> LPPROC_THREAD_ATTRIBUTE_LIST {
        self.buffer.as_ptr().cast_mut().cast()
    }
}

impl Drop for AttributeList<'_> {
    fn drop(&mut self) {
        // SAFETY: the list was initialised by `new`.
        unsafe { DeleteProcThreadAttributeList(self.pointer()) };
    }
}

/// Returns the command line that programs split into the program and these arguments again.
fn command_line(program: &OsStr, arguments: &[OsString]) -> Vec<u16> {
    let mut line = Vec::new();
    for (at, argument) in [program].into_iter().chain(arguments.iter().map(OsString::as_os_str)).enumerate() {
        if at > 0 {
            line.push(u16::from(b' '));
        }
        quote(&mut line, argument);
    }
    line.push(0);
    line
}

/// Appends an argument in quotation marks. A backslash is itself, except before a quotation mark.
fn quote(line: &mut Vec<u16>, argument: &OsStr) {
    const QUOTE: u16 = b'"' as u16;
    const BACKSLASH: u16 = b'\\' as u16;
    line.push(QUOTE);
    let mut backslashes = 0;
    for unit in argument.encode_wide() {
        match unit {
            BACKSLASH => backslashes += 1,
            QUOTE => {
                line.extend(std::iter::repeat_n(BACKSLASH, backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        line.push(unit);
    }
    line.extend(std::iter::repeat_n(BACKSLASH, backslashes));
    line.push(QUOTE);
}

/// Returns this process's environment with one more variable, as a block of `NAME=value` strings.
fn environment(more: (&str, &str)) -> Vec<u16> {
    let mut variables: Vec<(OsString, OsString)> =
        std::env::vars_os().filter(|(name, _)| !name.eq_ignore_ascii_case(more.0)).collect();
    variables.push((more.0.into(), more.1.into()));
    // Windows looks variables up by their names in capitals, in this order.
    variables.sort_by_key(|(name, _)| name.to_ascii_uppercase());
    let mut block = Vec::new();
    for (name, value) in variables {
        block.extend(name.encode_wide().chain([u16::from(b'=')]).chain(value.encode_wide()).chain([0]));
    }
    block.push(0);
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::windows::ffi::OsStringExt;

    #[test]
    fn arguments_are_quoted_as_programs_read_them() {
        let arguments = ["worker", "", r"C:\State Directory\", r#"a"b"#, r#"a\"b"#].map(OsString::from);

        let line = command_line(OsStr::new(r"C:\Program Files\imapmig.exe"), &arguments);

        assert_eq!(
            OsString::from_wide(&line[..line.len() - 1]),
            r#""C:\Program Files\imapmig.exe" "worker" "" "C:\State Directory\\" "a\"b" "a\\\"b""#
        );
    }
}
