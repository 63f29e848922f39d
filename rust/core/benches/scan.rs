//! How fast bytes stream past the engine's looks at them, beside the digest alone, which is the least that proof costs.
//!
//! `cargo bench -p imapmig-core`. The chunks are as large as the ones that sockets deliver.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use imapmig_core::fingerprint::{ContentScan, HeaderPrint, NormalScan};
use imapmig_core::folder::{Folder, FolderPath, WireName};
use imapmig_core::message::Digest;
use imapmig_core::ports::target::TargetProfile;
use imapmig_core::{mapping, mutf7};
use std::collections::BTreeMap;
use std::hint::black_box;

const CHUNK: usize = 16 * 1024;

/// A message with an ordinary header and lines of base64, as attachments have.
fn message(size: usize) -> Vec<u8> {
    let mut message =
        b"Received: from mx.contoso.com by imap.contoso.com; Sat, 21 Nov 2026 10:00:00 +0000\r\n\
        Message-ID: <20261121100000.1@contoso.com>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n\
        From: Terry Adams <terry.adams@contoso.com>\r\nSubject: Figures\r\n\r\n"
            .to_vec();
    while message.len() < size {
        message.extend_from_slice(
            b"TWlncmF0aW9uIG1lYW5zIHRoYXQgbm90aGluZyBpcyBsb3N0LCBub3RoaW5nIGlzIHR3aWNlLCA=\r\n",
        );
    }
    message
}

fn scans(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scan");
    for size in [4 * 1024, 1024 * 1024] {
        let message = message(size);
        group.throughput(Throughput::Bytes(message.len() as u64));
        group.bench_with_input(BenchmarkId::new("digest alone", size), &message, |bencher, message| {
            bencher.iter(|| Digest::of(black_box(message)));
        });
        group.bench_with_input(BenchmarkId::new("content", size), &message, |bencher, message| {
            bencher.iter(|| {
                let mut scan = ContentScan::new();
                message.chunks(CHUNK).for_each(|chunk| scan.feed(black_box(chunk)));
                scan.finish()
            });
        });
        // A literal begins anywhere in what a socket delivers.
        group.bench_with_input(
            BenchmarkId::new("content, cut anywhere", size),
            &message,
            |bencher, message| {
                bencher.iter(|| {
                    let mut scan = ContentScan::new();
                    let (first, rest) = message.split_at(1_111);
                    scan.feed(black_box(first));
                    rest.chunks(CHUNK).for_each(|chunk| scan.feed(black_box(chunk)));
                    scan.finish()
                });
            },
        );
        group.bench_with_input(BenchmarkId::new("normal", size), &message, |bencher, message| {
            bencher.iter(|| {
                let mut scan = NormalScan::new();
                message.chunks(CHUNK).for_each(|chunk| scan.feed(black_box(chunk)));
                scan.finish()
            });
        });
    }
    group.finish();
}

fn names(criterion: &mut Criterion) {
    let header = message(0);
    criterion.bench_function("header print", |bencher| bencher.iter(|| HeaderPrint::of(black_box(&header))));

    let name = "Gesendete Elemente/日本語/Éléments envoyés";
    let encoded = mutf7::encode(name);
    criterion
        .bench_function("folder name to the wire", |bencher| bencher.iter(|| mutf7::encode(black_box(name))));
    criterion.bench_function("folder name from the wire", |bencher| {
        bencher.iter(|| mutf7::decode(black_box(encoded.as_bytes())))
    });
}

/// Every folder of a large mailbox, which the target has all.
fn folders(criterion: &mut Criterion) {
    let folder = |n: usize| Folder {
        wire: WireName(format!("Folder {n}").into_bytes()),
        path: FolderPath::new([format!("Folder {n}")]),
        special_use: None,
        selectable: true,
        subscribed: true,
    };
    let profile = TargetProfile {
        delimiter: Some('/'),
        case_insensitive: false,
        reserved: Vec::new(),
        forbidden: Vec::new(),
        max_name_bytes: 255,
        max_depth: 50,
        append_limit: None,
        trims_blanks: false,
        wide_characters: true,
        literal8: false,
        parallel: true,
    };
    let mut group = criterion.benchmark_group("map folders");
    for count in [300, 3_000] {
        let folders: Vec<Folder> = (0..count).map(folder).collect();
        group.bench_with_input(BenchmarkId::from_parameter(count), &folders, |bencher, folders| {
            bencher.iter(|| mapping::map(black_box(folders), folders, &profile, &BTreeMap::new()));
        });
    }
    group.finish();
}

criterion_group!(benches, scans, names, folders);
criterion_main!(benches);
