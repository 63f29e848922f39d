//! Access control lists: a directory for one user, and who else may write to one.

use super::wide;
use std::ffi::OsString;
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::ptr;
use windows_sys::Win32::Foundation::{GENERIC_ALL, GENERIC_WRITE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, GetNamedSecurityInfoW,
    SDDL_REVISION_1, SE_FILE_OBJECT,
};
use windows_sys::Win32::Security::{
    ACCESS_ALLOWED_ACE, ACE_HEADER, ACL, DACL_SECURITY_INFORMATION, GetAce, GetTokenInformation,
    OWNER_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID, SECURITY_ATTRIBUTES, TOKEN_QUERY, TOKEN_USER,
    TokenUser,
};
use windows_sys::Win32::Storage::FileSystem::{
    CreateDirectoryW, DELETE, FILE_APPEND_DATA, FILE_DELETE_CHILD, FILE_WRITE_DATA, WRITE_DAC, WRITE_OWNER,
};
use windows_sys::Win32::System::SystemServices::ACCESS_ALLOWED_ACE_TYPE;
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// With any of these a file can be put into the directory, replaced or removed, or the list be changed so that it can.
const WRITES: u32 = FILE_WRITE_DATA
    | FILE_APPEND_DATA
    | FILE_DELETE_CHILD
    | DELETE
    | WRITE_DAC
    | WRITE_OWNER
    | GENERIC_WRITE
    | GENERIC_ALL;

/// SYSTEM, the administrators, the installer of Windows' own files; the last two stand for the owner, whose identity is checked.
const TRUSTED: [&str; 5] = [
    "S-1-5-18",
    "S-1-5-32-544",
    "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
    "S-1-3-0",
    "S-1-3-4",
];

pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    // Protected (P), and handed down to files and directories below (OI, CI).
    let descriptor = descriptor(&format!("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;{})", current_user()?))?;
    let attributes = SECURITY_ATTRIBUTES {
        nLength: u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).unwrap_or_default(),
        lpSecurityDescriptor: descriptor.0,
        bInheritHandle: 0,
    };
    let path = wide(path);
    // SAFETY: the path ends with a zero, and the descriptor lives until the end of this function.
    match unsafe { CreateDirectoryW(path.as_ptr(), &raw const attributes) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Reads a security descriptor in Windows' definition language.
fn descriptor(text: &str) -> io::Result<Local> {
    let text = wide(text);
    let mut descriptor = Local(ptr::null_mut());
    // SAFETY: the string ends with a zero; the descriptor is freed by `Local`.
    let converted = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            text.as_ptr(),
            SDDL_REVISION_1,
            &raw mut descriptor.0,
            ptr::null_mut(),
        )
    };
    if converted == 0 { Err(io::Error::last_os_error()) } else { Ok(descriptor) }
}

pub(crate) fn foreign_writer(path: &Path) -> io::Result<Option<String>> {
    writer_but(&current_user()?, &Security::of(path)?)
}

/// Returns an account in the access list that may write, except this user, the system and its administrators.
fn writer_but(user: &str, security: &Security) -> io::Result<Option<String>> {
    const EVERYONE: &str = "S-1-1-0";
    if security.list.is_null() {
        // No list at all lets everybody do everything.
        return Ok(Some(EVERYONE.to_owned()));
    }
    // SAFETY: the list belongs to the descriptor in `security`.
    let count = unsafe { (*security.list).AceCount };
    for at in 0..u32::from(count) {
        let mut entry = ptr::null_mut();
        // SAFETY: the list is valid, and `at` is below the number of its entries.
        if unsafe { GetAce(security.list, at, &raw mut entry) } == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: every entry begins with a header.
        let header = unsafe { entry.cast::<ACE_HEADER>().read_unaligned() };
        if u32::from(header.AceType) != ACCESS_ALLOWED_ACE_TYPE {
            continue;
        }
        let allowed = entry.cast::<ACCESS_ALLOWED_ACE>();
        // SAFETY: the header's type says that the entry is an ACCESS_ALLOWED_ACE, whose SID begins at SidStart.
        let (mask, sid) =
            unsafe { ((&raw const (*allowed).Mask).read_unaligned(), (&raw mut (*allowed).SidStart).cast()) };
        if mask & WRITES == 0 {
            continue;
        }
        let account = text(sid)?;
        if account != user && !TRUSTED.contains(&account.as_str()) {
            return Ok(Some(account));
        }
    }
    Ok(None)
}

pub(crate) fn is_own(path: &Path) -> io::Result<bool> {
    let security = Security::of(path)?;
    let owner = text(security.owner)?;
    Ok(owner == current_user()? || TRUSTED.contains(&owner.as_str()))
}

/// A file's owner and access list.
struct Security {
    owner: PSID,
    list: *mut ACL,
    _descriptor: Local,
}

impl Security {
    fn of(path: &Path) -> io::Result<Self> {
        let path = wide(path);
        let (mut owner, mut list, mut descriptor) =
            (ptr::null_mut(), ptr::null_mut(), Local(ptr::null_mut()));
        // SAFETY: the path ends with a zero; owner and list point into the descriptor, which is kept beside them.
        let result = unsafe {
            GetNamedSecurityInfoW(
                path.as_ptr(),
                SE_FILE_OBJECT,
                OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                &raw mut owner,
                ptr::null_mut(),
                &raw mut list,
                ptr::null_mut(),
                &raw mut descriptor.0,
            )
        };
        match result {
            0 => Ok(Self { owner, list, _descriptor: descriptor }),
            code => Err(io::Error::from_raw_os_error(code.cast_signed())),
        }
    }
}

/// Memory that Windows allocated for the caller.
struct Local(PSECURITY_DESCRIPTOR);

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: the functions that fill this say that LocalFree releases it; null is ignored.
        unsafe { LocalFree(self.0) };
    }
}

/// Returns the SID of the user that this process runs as.
pub(crate) fn current_user() -> io::Result<String> {
    let mut token = ptr::null_mut();
    // SAFETY: the pseudo handle of this process is always valid.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: OpenProcessToken has just opened it for this process alone.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    // A TOKEN_USER with its SID takes 88 bytes at most (SECURITY_MAX_SID_SIZE is 68).
    let mut buffer = [0_usize; 32];
    let mut length = 0;
    // SAFETY: the buffer is as long as the call is told, and aligned for a TOKEN_USER.
    let read = unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            TokenUser,
            buffer.as_mut_ptr().cast(),
            u32::try_from(size_of_val(&buffer)).unwrap_or_default(),
            &raw mut length,
        )
    };
    if read == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call filled in a TOKEN_USER.
    text(unsafe { (*buffer.as_ptr().cast::<TOKEN_USER>()).User.Sid })
}

/// Returns a SID as `S-1-...`.
fn text(sid: PSID) -> io::Result<String> {
    let mut string = ptr::null_mut();
    // SAFETY: callers pass a SID of Windows' own making.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut string) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let string = Local(string.cast());
    let start = string.0.cast::<u16>();
    // SAFETY: the string ends with a zero and lives as long as `string`.
    let units = unsafe {
        let mut length = 0;
        while *start.add(length) != 0 {
            length += 1;
        }
        std::slice::from_raw_parts(start, length)
    };
    Ok(OsString::from_wide(units).to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use windows_sys::Win32::Security::GetSecurityDescriptorDacl;

    const USER: &str = "S-1-5-21-1-2-3-1001";

    fn writer_in(list: &str) -> Option<String> {
        let descriptor = descriptor(list).unwrap();
        let (mut list, mut present, mut defaulted) = (ptr::null_mut(), 0, 0);
        // SAFETY: the descriptor is valid, and kept beside the list that points into it.
        let read = unsafe {
            GetSecurityDescriptorDacl(descriptor.0, &raw mut present, &raw mut list, &raw mut defaulted)
        };
        assert_ne!(read, 0);
        writer_but(USER, &Security { owner: ptr::null_mut(), list, _descriptor: descriptor }).unwrap()
    }

    #[test]
    fn an_account_that_may_write_is_named_and_one_that_may_only_read_is_not() {
        let own = format!("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;{USER})");

        assert_eq!(writer_in(&own), None);
        assert_eq!(writer_in(&format!("{own}(A;OICI;FR;;;WD)")), None);
        assert_eq!(writer_in(&format!("{own}(D;OICI;FA;;;WD)")), None);
        assert_eq!(writer_in(&format!("{own}(A;OICI;FA;;;WD)")).as_deref(), Some("S-1-1-0"));
        // What a directory below a drive's root inherits: authenticated users may add files.
        assert_eq!(
            writer_in(&format!("{own}(A;OICIIO;SDGXGWGR;;;AU)(A;;LC;;;AU)")).as_deref(),
            Some("S-1-5-11")
        );
    }

    #[test]
    fn without_an_access_list_everybody_may_write() {
        let none =
            Security { owner: ptr::null_mut(), list: ptr::null_mut(), _descriptor: Local(ptr::null_mut()) };

        assert_eq!(writer_but(USER, &none).unwrap().as_deref(), Some("S-1-1-0"));
    }
}
