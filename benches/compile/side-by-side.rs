//! The native half of `benches/compile.js`: the compiler and oxc's own pipeline, in one program with one build profile.
//!
//! Arguments are files; each line on standard input names a contender, which compiles all of them once on this thread, and
//! the answer is a line with the nanoseconds that this took and the bytes that came out.

#[path = "../../src/compiler/mod.rs"]
#[allow(dead_code, missing_docs, unreachable_pub, unused_imports, reason = "the addon uses more of it")]
mod compiler;
#[path = "../../src/modules/mod.rs"]
#[allow(dead_code, missing_docs, unreachable_pub, unused_imports, reason = "the compiler uses some of it")]
mod modules;

// The build script's linker arguments name functions that the addon defines.
use hertzscript_isolate as _;

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use compiler::{CodeKind, ProgramType};
use oxc::allocator::Allocator;
use oxc::codegen::{Codegen, CodegenOptions};
use oxc::parser::Parser;
use oxc::semantic::SemanticBuilder;
use oxc::span::SourceType;
use oxc::transformer::{TransformOptions, Transformer};

/// A file to compile.
struct Input {
    name: String,
    source: String,
}

/// Parse, early errors and scopes, transform, print: the steps of oxc's own pipeline, with its default options.
fn with_oxc(input: &Input, with_map: bool) -> usize {
    let path = Path::new(&input.name);
    let language = SourceType::from_path(path).unwrap_or_default();
    let allocator = Allocator::default();
    let mut program = Parser::new(&allocator, &input.source, language).parse().program;
    let checked = SemanticBuilder::new()
        .with_check_syntax_error(true)
        .with_excess_capacity(2.0)
        .with_enum_eval(true)
        .build(&program);
    let scoping = checked.semantic.into_scoping();
    Transformer::new(&allocator, path, &TransformOptions::default()).build_with_scoping(scoping, &mut program);
    let source_map_path = with_map.then(|| PathBuf::from(&input.name));
    let printed =
        Codegen::new().with_options(CodegenOptions { source_map_path, ..CodegenOptions::default() }).build(&program);
    printed.code.len() + printed.map.map_or(0, |map| map.to_json_string().len())
}

/// What a task's program goes through before V8 gets it.
fn as_tasks_do(input: &Input) -> usize {
    let kind = CodeKind::Program(ProgramType::Detect);
    let lowered = compiler::lower::lower(1, kind, &input.name, &input.source, false);
    let lowered = lowered.unwrap_or_else(|error| panic!("{}", error.describe(&input.name, &input.source)));
    lowered.compiled.code.len()
}

/// What `transpile` gives: the code with its map, and what is known of its functions.
fn as_shown(input: &Input) -> usize {
    let shown = compiler::transpile(&input.name, &input.source, CodeKind::Program(ProgramType::Detect));
    let shown = shown.unwrap_or_else(|error| panic!("{error}"));
    shown.code.len() + shown.map.len() + shown.analysis.len()
}

/// Does what standard input says.
fn run() {
    let read = |name: String| Input { source: std::fs::read_to_string(&name).expect("the file is readable"), name };
    let inputs: Vec<Input> = std::env::args().skip(1).map(read).collect();
    for line in std::io::stdin().lock().lines() {
        let contender: fn(&Input) -> usize = match line.expect("a line").as_str() {
            "oxc" => |input| with_oxc(input, false),
            "oxc with map" => |input| with_oxc(input, true),
            "ours" => as_tasks_do,
            "ours shown" => as_shown,
            other => panic!("there is no contender {other}"),
        };
        let start = Instant::now();
        let bytes: usize = inputs.iter().map(contender).sum();
        println!("{} {bytes}", start.elapsed().as_nanos());
        std::io::stdout().flush().expect("somebody reads");
    }
}

fn main() {
    // As the threads that compile in the addon.
    let thread = std::thread::Builder::new().stack_size(compiler::STACK).spawn(run);
    thread.expect("the system has threads").join().expect("no file fails");
}
