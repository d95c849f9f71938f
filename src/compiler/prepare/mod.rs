//! Prepares a file so that spawning its functions need not ask V8's inspector what they capture.
//!
//! Functions that may be shipped are entered into a table, each with an arrow function that reads the variables which it
//! captures; that one stands in the same scope, so it reads what the function would. `lib/prepared.js` looks into the table.
//!
//! ```text
//! Input   for (const item of items) spawn((x) => scale(x, item), 1);
//! Output  for (const item of items) spawn(/*@hz*/$hz(/*hz@*/(x) => scale(x, item)/*@hz*/,"23.1f6c9d4a. item =scale",()=>[item,scale])/*hz@*/, 1);
//! ```
//!
//! The string has the length and a hash of the function's text, an `s` where the function is strict code, and the names that it
//! captures, in the order of the alphabet; `=` stands before constants, `@` before what the file imports, `?` before names that it
//! does not declare.
//!
//! Everything that is written stands between the same two comments and on a line that is there already: taken out again, the text
//! is the one that the user wrote, and so is the text of each function that goes to a task. Lines stay what they are.
//!
//! Nothing depends on it: where a function is not in the table, or its text is not the one that was seen here (a later tool has
//! renamed a variable), the inspector is asked as ever.

mod marks;
mod reach;
mod shift;
mod spawners;

use std::collections::HashSet;

use oxc::allocator::Allocator;
use oxc::parser::Parser;
use oxc::semantic::SemanticBuilder;
use oxc::span::SourceType;

use super::depth::with_stack;
use marks::Marks;
use reach::Reach;
use shift::Insertions;

/// A prepared file.
pub struct Prepared {
    /// The text.
    pub code: String,
    /// Source map (JSON) to what the user wrote, where one was wanted or one was there.
    pub map: Option<String>,
}

/// What is known of a file that is to be prepared.
pub struct File<'f> {
    /// How the map calls it.
    pub name: &'f str,
    /// Its text.
    pub source: &'f str,
    /// Whether it is an ECMAScript module; else it is a CommonJS module. `None` where its syntax is to tell.
    pub is_module: Option<bool>,
    /// Names of the host's globals that are no variables of the program.
    pub host_names: &'f [String],
    /// Its source map (JSON), if it was compiled from something else.
    pub map: Option<&'f str>,
    /// Whether a map is wanted where it has none.
    pub wants_map: bool,
}

/// Prepares a file. `None` where there is nothing to prepare, or where it does not parse: then it is used as it is.
pub fn prepare(file: &File<'_>) -> Option<Prepared> {
    if file.source.contains(marks::OPEN) {
        return None;
    }
    let insertions = with_stack(file.source, || find(file)).ok()??;
    let map = match file.map {
        Some(map) => insertions.shift(map),
        None => file.wants_map.then(|| insertions.map(file.name)),
    };
    Some(Prepared { code: insertions.apply(), map })
}

fn find<'f>(file: &File<'f>) -> Option<Insertions<'f>> {
    let allocator = Allocator::default();
    let source_type = match file.is_module {
        Some(true) => SourceType::mjs(),
        Some(false) => SourceType::cjs(),
        None => SourceType::unambiguous(),
    };
    let parsed = Parser::new(&allocator, file.source, source_type).parse();
    if parsed.panicked || parsed.diagnostics.errors().next().is_some() {
        return None;
    }
    let semantic = SemanticBuilder::new().with_build_nodes(true).build(&parsed.program).semantic;
    let host_names: HashSet<&str> = file.host_names.iter().map(String::as_str).collect();
    let marks = Marks::new(file.source, &semantic, &host_names)?;
    Reach::new(file.source, &semantic, marks).run()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(source: &str, is_module: bool) -> Option<String> {
        let host_names = ["process".to_owned()];
        let file = File {
            name: "a.js",
            source,
            is_module: Some(is_module),
            host_names: &host_names,
            map: None,
            wants_map: false,
        };
        prepare(&file).map(|prepared| prepared.code)
    }

    /// The text without what every file begins with, and without numbers that depend on functions' texts.
    fn shown(source: &str) -> String {
        let code = prepared(source, false).expect("something to prepare");
        let mut shown = code.replace(marks::OPEN, "").replace(marks::CLOSE, "");
        let start = shown.find(";var $hzm").expect("a prelude");
        let end = shown[start..].find("}$hz($hz);").expect("its end") + start + "}$hz($hz);".len();
        shown.replace_range(start..end, "");
        let mut result = String::new();
        for (index, part) in shown.split(",\"").enumerate() {
            if index == 0 {
                result.push_str(part);
                continue;
            }
            let space = part.find(' ').expect("names follow");
            result.push_str(",\"");
            result.push_str(&part[space + 1..]);
        }
        result
    }

    #[test]
    fn spawned_functions_are_prepared_with_what_they_capture() {
        assert_eq!(
            shown("function f(k) { spawn((x) => k + x + Math.PI + process.pid, 1); }"),
            "function f(k) { spawn($hz((x) => k + x + Math.PI + process.pid,\"k\",()=>[k]), 1); }"
        );
        assert_eq!(
            shown("{ const k = 1; function g() { return k; } spawn.with({})(() => g()); }"),
            "{;$hz(g,\"=k\",()=>[k]); const k = 1; function g() { return k; } \
             spawn.with({})($hz(() => g(),\"g\",()=>[g])); }"
        );
        assert_eq!(
            shown("function f(k, pool) { const g = () => k; pool.spawn(g) }"),
            "function f(k, pool) { const g = () => k;;$hz(g,\"k\",()=>[k]); pool.spawn(g) }"
        );
    }

    #[test]
    fn spawn_has_many_names() {
        for (name, call) in [
            ("import { spawn as s } from 'x';", "s"),
            ("const { spawn: s } = require('x');", "s"),
            ("const s = spawn.with({}), t = s;", "t"),
            ("import * as s from 'x';", "(0, s.spawn)"),
            ("const go = (fn, ...args) => spawn(fn, ...args); function start(f) { return go(f); }", "start"),
        ] {
            let source = format!("{name} {{ let k = 1; {call}(() => k); }}");
            let code = prepared(&source, true).unwrap_or_else(|| panic!("{source}"));
            assert!(code.contains(" k\",()=>[k])"), "{code}");
        }
        assert_eq!(prepared("{ let k = 1; other(() => k); }", true), None);
    }

    #[test]
    fn names_that_nobody_declares_are_asked_for_carefully() {
        assert_eq!(
            shown("spawn(() => later + Math.PI + require('fs'))"),
            "spawn($hz(() => later + Math.PI + require('fs'),\"?later\",()=>[typeof later===\"undefined\"?$hz:later]))"
        );
    }

    #[test]
    fn a_require_that_depends_on_the_file_is_captured() {
        assert_eq!(
            shown("spawn(() => require('./x'))"),
            "spawn($hz(() => require('./x'),\"?require\",()=>[typeof require===\"undefined\"?$hz:require]))"
        );
    }

    #[test]
    fn what_is_captured_is_prepared_too() {
        let code = shown(
            "function make(k) { return () => k; }
             function f(a) { const c = make(a), t = { m() { return a; }, n: [() => a] }; spawn(() => c() + t.m()); }",
        );
        assert!(code.contains("return $hz(() => k,\"k\",()=>[k]);"), "{code}");
        assert!(code.contains("n: [$hz(() => a,\"a\",()=>[a])]"), "{code}");
        assert!(code.contains("t = $hz({ m()"), "{code}");
        assert!(code.contains("},$hzv=>{$hz($hzv[\"m\"],\"a\",()=>[a]);})"), "{code}");
    }

    #[test]
    fn functions_of_the_file_itself_are_prepared_without_a_spawn() {
        assert_eq!(
            shown(
                "'use strict'\nconst k = 1\nexports.f = () => k\nconst inner = () => { const g = () => k; return g; }"
            ),
            "'use strict'\nconst k = 1\n$hz(exports.f = () => k,\"=k\",()=>[k]);\n\
             const inner = () => { const g = () => k; return g; };$hz(inner,\"=k\",()=>[k]);"
        );
        assert_eq!(prepared("const f = (x) => Math.sqrt(x); f(2);", false), None);
    }

    #[test]
    fn taken_out_again_the_text_is_the_same() {
        let source =
            "#!/usr/bin/env node\n'use strict'\nlet k = 1\nfunction f() { return spawn(() => spawn(() => k)) }\n(f)()";
        let code = prepared(source, false).expect("something to prepare");
        assert_eq!(marks::without(&code), source);
        assert!(code.starts_with("#!/usr/bin/env node\n'use strict'/*@hz*/;var "), "{code}");
    }

    #[test]
    fn code_whose_names_are_looked_up_at_run_time_is_left_alone() {
        assert_eq!(prepared("with (o) { spawn(() => k); }", false), None);
        assert_eq!(prepared("function f() { eval('var k'); spawn(() => k); }", false), None);
        assert_eq!(prepared("const Symbol = 1; const f = () => Symbol;", false), None);
        assert_eq!(prepared("spawn(() => k", false), None);
    }
}
