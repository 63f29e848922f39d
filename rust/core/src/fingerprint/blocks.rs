//! Hashing a message in whole blocks, whatever the pieces are in which it arrives.

use crate::message::Digest;

/// A hasher that is given whole blocks of the message, wherever the pieces begin in which it arrives. BLAKE3 hashes the chunks of a
/// block side by side; pieces that begin anywhere leave it single chunks, which take four times as long.
#[derive(Clone, Debug, Default)]
pub(super) struct WholeBlocks {
    hasher: blake3::Hasher,
    /// The beginning of a block whose end has not come.
    held: Vec<u8>,
}

impl WholeBlocks {
    /// As many of BLAKE3's chunks (1 kB) as any processor hashes side by side.
    const BLOCK: usize = 16 * 1024;

    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        if !self.held.is_empty() {
            let (here, rest) = bytes.split_at(bytes.len().min(Self::BLOCK - self.held.len()));
            self.held.extend_from_slice(here);
            if self.held.len() < Self::BLOCK {
                return;
            }
            self.hasher.update(&self.held);
            self.held.clear();
            bytes = rest;
        }
        let (whole, rest) = bytes.split_at(bytes.len() - bytes.len() % Self::BLOCK);
        self.hasher.update(whole);
        self.held.extend_from_slice(rest);
    }

    pub(super) fn finish(mut self) -> Digest {
        self.hasher.update(&self.held);
        Digest::finish(&self.hasher)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_long_message_has_its_digest_however_it_is_cut(
            sizes in proptest::collection::vec(prop_oneof![1_usize..50, 16_000_usize..17_000, 1_usize..80_000], 1..8),
        ) {
            let message: Vec<u8> = (0..sizes.iter().sum::<usize>()).map(|n| (n % 251) as u8).collect();
            let (mut scan, mut rest) = (WholeBlocks::default(), &message[..]);
            for size in sizes {
                let (piece, behind) = rest.split_at(size);
                scan.feed(piece);
                rest = behind;
            }

            prop_assert_eq!(scan.finish(), Digest::of(&message));
        }
    }
}
