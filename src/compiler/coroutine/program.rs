//! Whole programs: scripts, whose variables belong to the realm, and modules.

use oxc::ast::ast::*;
use oxc::ast_visit::Visit;

use super::function::{Known, Lowerer, Yields};
use super::ir::{DIRECT, direct};
use super::module::Shape;
use super::unit::Unit;

/// A script: its variables stay where they are, its statements become a function that returns the completion value.
///
/// ```text
/// Input    let x = f(); x + 1;
/// Output   let x;(()=>{ var þcv; ... x=þ1; þcv=x + 1; return þcv; ... })
/// ```
pub fn compile_script(unit: &Unit<'_>, program: &Program<'_>) -> String {
    let mut lowerer = Lowerer::new(unit, 0);
    if unit.scan.functions[0].is_dynamic {
        return lowerer.splice(program.span, |splicer| splicer.visit_program(program));
    }
    lowerer.hoists = true;
    let mut head = String::new();
    head.push_str(&unit.directives(&program.directives));
    let completion = "þcv";
    lowerer.completion = Some(completion);
    lowerer.save(completion.to_owned());
    let functions = lowerer.declare_body(&program.body);
    // A directive is a statement, too, whose value is its string.
    let first = program.directives.last().map_or("void 0", |last| last.expression.span.source_text(unit.source));
    lowerer.push(format!("{completion}={first};"));
    lowerer.statements(&program.body);
    lowerer.push(format!("return {completion};"));
    let mut vars = Vec::new();
    let mut lets = Vec::new();
    for name in std::mem::take(&mut lowerer.named) {
        let symbol = unit.scoping.get_root_binding(name.as_str().into());
        let lexical = symbol.is_some_and(|symbol| {
            let flags = unit.scoping.symbol_flags(symbol);
            flags.is_block_scoped() || flags.is_class()
        });
        let function = symbol.is_some_and(|symbol| unit.scoping.symbol_flags(symbol).is_function());
        if lexical && !function {
            lets.push(name);
        } else {
            vars.push(name);
        }
    }
    for (word, names) in [("var", vars), ("let", lets)] {
        if !names.is_empty() {
            put!(head, "{word} {};", names.join(","));
        }
    }
    let body = unit.keep_apart(lowerer.assemble(&[], "", &Known::default(), ""));
    text!(head, functions, "(()=>", body, ")")
}

/// A name as it stands between quotes.
fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Whether a variable of a module keeps its first value.
fn is_constant(unit: &Unit<'_>, name: &str) -> bool {
    let Some(symbol) = unit.scoping.get_root_binding(name.into()) else { return false };
    let is_written = unit.scan.writes.get(symbol).is_some_and(|list| !list.is_empty());
    // `var` is there before it has its value.
    let is_var = unit.scoping.symbol_flags(symbol).is_function_scoped_declaration();
    !is_written && !unit.scan.declared_again.contains(symbol) && !is_var
}

/// What the files of CommonJS have, and the realm has for functions of such: to a module they are nothing.
const COMMONJS: [&str; 5] = ["require", "module", "exports", "__filename", "__dirname"];

/// A module whose imports and exports were taken out; see `module.rs`.
pub fn compile_module(unit: &Unit<'_>, program: &Program<'_>, shape: &Shape) -> String {
    let mut lowerer = Lowerer::new(unit, 0);
    let is_dynamic = unit.scan.functions[0].is_dynamic;
    let mut told = String::new();
    for name in COMMONJS.into_iter().filter(|name| unit.scan.mentions[0].free.contains_key(*name)) {
        join!(&mut told, "var ", name, ";");
    }
    told.push_str("þout({__proto__:null");
    for (name, local) in &shape.exports {
        let symbol = unit.scoping.get_root_binding(local.as_str().into());
        let flags = symbol.map(|symbol| unit.scoping.symbol_flags(symbol));
        let has_dead_zone = flags.is_some_and(|flags| flags.is_block_scoped() || flags.is_class()) && !is_dynamic;
        let has_dead_zone = has_dead_zone && !flags.is_some_and(oxc::semantic::SymbolFlags::is_function);
        let value = if has_dead_zone {
            let shown = if local == shape.default { "default" } else { local };
            text!("þV(", local, ",\"", shown, "\")")
        } else {
            local.clone()
        };
        join!(&mut told, ",get \"", escaped(name), "\"(){return ", value, "}");
    }
    let constant = shape.exports.iter().filter(|(_, local)| !is_dynamic && is_constant(unit, local));
    let constant: Vec<String> = constant.map(|(name, _)| format!("\"{}\"", escaped(name))).collect();
    put!(told, "}},[{}]);", constant.join(","));
    if is_dynamic {
        lowerer.yields = Some(Yields { is_async: true, is_generator: false });
        let text = lowerer.splice(program.span, |splicer| splicer.visit_list(&program.body));
        let body = if shape.is_async { "þdynamicAsync(þg)" } else { "{þg.next()}" };
        return format!(
            "(function(þI,þmeta,þout){{\"use strict\";const þg=(function*(){{{told}yield;{text}\n}}).call(void 0);þg.next();return ()=>{body}}})"
        );
    }
    lowerer.hoists = true;
    lowerer.next_point();
    let mut functions = String::new();
    let marks = lowerer.nested(|this| functions = this.declare_body(&program.body));
    let mut head = String::new();
    direct(&marks, DIRECT, &mut head);
    for (_, local) in &shape.exports {
        functions.extend(lowerer.given_export(local));
    }
    let kinds = super::disposal::kinds(&program.body);
    lowerer.disposing(kinds, |this| this.statements(&program.body));
    lowerer.push(if shape.is_async { "return þresolve(void 0,þP);" } else { "return;" }.to_owned());
    let names = std::mem::take(&mut lowerer.named).into_iter().collect::<Vec<_>>().join(",");
    let names = if names.is_empty() { String::new() } else { format!("var {names};") };
    let body = unit.keep_apart(lowerer.assemble(&[], "", &Known::default(), ""));
    let opened = "(function(þI,þmeta,þout){\"use strict\";";
    text!(opened, names, told, head, functions, "return (()=>", body, ")})")
}
