//! Whether a process runs.

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use windows_sys::Win32::Foundation::{ERROR_INVALID_PARAMETER, WAIT_OBJECT_0};
use windows_sys::Win32::System::Threading::{OpenProcess, PROCESS_SYNCHRONIZE, WaitForSingleObject};

pub(crate) fn is_running(pid: u32) -> bool {
    // SAFETY: the call takes no pointer.
    let process = unsafe { OpenProcess(PROCESS_SYNCHRONIZE, 0, pid) };
    if process.is_null() {
        // Another user's process may refuse to be opened, but is there.
        let invalid = i32::try_from(ERROR_INVALID_PARAMETER).ok();
        return std::io::Error::last_os_error().raw_os_error() != invalid;
    }
    // SAFETY: OpenProcess returned this handle, and nothing else owns it.
    let process = unsafe { OwnedHandle::from_raw_handle(process) };
    !has_ended(&process)
}

/// Returns whether the process has ended; its number lives on while another program has it open.
pub(super) fn has_ended(process: &OwnedHandle) -> bool {
    // SAFETY: the handle is open for as long as `process` is borrowed.
    unsafe { WaitForSingleObject(process.as_raw_handle(), 0) == WAIT_OBJECT_0 }
}
