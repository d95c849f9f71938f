//! Checks the vendored V8, makes the startup snapshot, and keeps V8's symbols inside the addon.

use std::path::Path;
use std::{env, fs};

use sha2::{Digest, Sha256};

#[path = "src/compiler/coroutine/mod.rs"]
#[expect(dead_code, reason = "the addon uses more of it")]
mod coroutine;
#[path = "src/isolate/flags.rs"]
mod flags;
#[path = "src/compiler/realm_names.rs"]
#[allow(dead_code, reason = "the addon uses more of it")]
mod realm_names;
#[path = "src/kernel/references.rs"]
mod references;
#[path = "src/kernel/snapshot.rs"]
mod snapshot;

fn main() {
    napi_build::setup();
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");

    check_vendored_v8(Path::new(&root));
    name_compiler(Path::new(&root));
    make_snapshot(Path::new(&out));
    hide_symbols(Path::new(&out));
}

/// A damaged archive would fail later in a way that nobody understands; here it is one sentence.
fn check_vendored_v8(root: &Path) {
    println!("cargo:rerun-if-env-changed=RUSTY_V8_ARCHIVE");
    println!("cargo:rerun-if-changed=vendor/v8/SHA256SUMS");
    if env::var_os("RUSTY_V8_ARCHIVE").is_some() {
        return;
    }
    let folder = root.join("vendor/v8");
    let sums = fs::read_to_string(folder.join("SHA256SUMS")).unwrap_or_default();
    for line in sums.lines() {
        let Some((expected, name)) = line.split_once("  ") else { continue };
        println!("cargo:rerun-if-changed=vendor/v8/{name}");
        let Ok(bytes) = fs::read(folder.join(name)) else { continue };
        let actual = format!("{:x}", Sha256::digest(&bytes));
        assert!(
            actual == expected,
            "vendor/v8/{name} has the SHA-256 {actual}, SHA256SUMS says {expected}: \
             restore the file with `git checkout -- vendor/v8`, or set RUSTY_V8_ARCHIVE to another archive"
        );
    }
}

/// Tells the crate which compiler it is built with: code that another one has left on disk is of no use.
fn name_compiler(root: &Path) {
    let mut files: Vec<_> = ["src/compiler", "src/compiler/coroutine"]
        .into_iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).expect("the folder is there"))
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.is_file())
        .collect();
    files.push(root.join("Cargo.lock"));
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        println!("cargo:rerun-if-changed={}", file.display());
        digest.update(fs::read(&file).expect("the file is readable"));
    }
    println!("cargo:rustc-env=HERTZSCRIPT_COMPILER={:.16}", format!("{:x}", digest.finalize()));
}

fn make_snapshot(out: &Path) {
    for folder in ["src/kernel", "src/kit", "src/compiler/coroutine", "src/message/codec", "src/isolate/flags.rs"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    v8::V8::set_flags_from_string(flags::V8_FLAGS);
    // V8 notes in a function that it has had machine code, the snapshot keeps the note, and each new isolate would make such
    // code for what the rehearsals have run, at the first call.
    v8::V8::set_flags_from_string("--no-sparkplug");
    v8::V8::initialize_platform(v8::new_unprotected_default_platform(0, false).make_shared());
    v8::V8::initialize();
    let kernel = snapshot::create();
    fs::write(out.join("kernel.snapshot"), kernel.snapshot).expect("OUT_DIR is writable");
    // An expression that `src/isolate/runtime.rs` includes.
    let item = |(index, text): (usize, &[u8])| {
        let name = format!("kernel-{index}.js");
        fs::write(out.join(&name), text).expect("OUT_DIR is writable");
        format!("references::source(include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\"))),\n")
    };
    let list: String = kernel.sources.into_iter().enumerate().map(item).collect();
    fs::write(out.join("kernel-sources.rs"), format!("[\n{list}]\n")).expect("OUT_DIR is writable");
}

/// V8's C interface and what other crates export would be visible in the process, where the host's own V8 lives.
fn hide_symbols(out: &Path) {
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    let script = out.join("exports.map");
    fs::write(&script, "{ global: napi_register_*; node_api_module_*; local: *; };\n").expect("OUT_DIR is writable");
    println!("cargo:rustc-cdylib-link-arg=-Wl,--version-script={}", script.display());
    if env::var("CARGO_CFG_TARGET_ENV").as_deref() != Ok("gnu") {
        return;
    }
    // See `silence` in src/isolate/fatal.rs.
    for function in ["vfprintf", "__vfprintf_chk", "write"] {
        println!("cargo:rustc-link-arg=-Wl,--wrap={function}");
    }
}
