//! What reading a PFX file and deciphering its parts share: DER element by element, and the password in its two forms (RFC 7292).

use imapmig_core::failure::PfxFault;
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use x509_cert::der::{Decode, Reader, SliceReader, Tag, Tagged};
use zeroize::Zeroizing;

/// An object identifier that is known while compiling.
pub(super) const fn oid(dotted: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(dotted)
}

/// The password in the two forms that PKCS#12 uses.
pub(super) struct Password<'a> {
    /// For PBES2.
    pub(super) utf8: &'a str,
    /// For PKCS#12's own derivation of keys: UTF-16, the high byte first, with a terminating zero.
    pub(super) utf16: Zeroizing<Vec<u8>>,
}

impl<'a> Password<'a> {
    pub(super) fn new(utf8: &'a str) -> Self {
        let units = utf8.encode_utf16().chain([0]);
        Self { utf8, utf16: Zeroizing::new(units.flat_map(u16::to_be_bytes).collect()) }
    }

    /// No password, which some programs do not take for an empty one.
    pub(super) fn none() -> Self {
        Self { utf8: "", utf16: Zeroizing::default() }
    }
}

/// The elements of a constructed value, one after the other.
pub(super) struct Fields<'a>(SliceReader<'a>);

impl<'a> Fields<'a> {
    pub(super) fn of(value: AnyRef<'a>, tag: Tag) -> Result<Self, PfxFault> {
        if value.tag() != tag {
            return Err(PfxFault::NotPfx);
        }
        Ok(Self(SliceReader::new(value.value()).map_err(|_| PfxFault::NotPfx)?))
    }

    pub(super) fn ended(&self) -> bool {
        self.0.is_finished()
    }

    pub(super) fn next(&mut self) -> Result<AnyRef<'a>, PfxFault> {
        AnyRef::decode(&mut self.0).map_err(|_| PfxFault::NotPfx)
    }

    pub(super) fn sequence(&mut self) -> Result<Self, PfxFault> {
        Self::of(self.next()?, Tag::Sequence)
    }

    /// What stands in an explicit tag, `[0]` wherever PKCS#12 has one.
    pub(super) fn explicit(&mut self) -> Result<Self, PfxFault> {
        Ok(Self(SliceReader::new(self.next()?.value()).map_err(|_| PfxFault::NotPfx)?))
    }

    pub(super) fn oid(&mut self) -> Result<ObjectIdentifier, PfxFault> {
        ObjectIdentifier::decode(&mut self.0).map_err(|_| PfxFault::NotPfx)
    }

    pub(super) fn octets(&mut self) -> Result<&'a [u8], PfxFault> {
        <&OctetStringRef>::decode(&mut self.0).map(OctetStringRef::as_bytes).map_err(|_| PfxFault::NotPfx)
    }

    pub(super) fn number(&mut self) -> Result<u32, PfxFault> {
        u32::decode(&mut self.0).map_err(|_| PfxFault::NotPfx)
    }
}
