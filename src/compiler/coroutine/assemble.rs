//! The two forms of a function, put together; `function.rs` shows what comes out.

use oxc::ast::ast::*;

use super::derived;
use super::function::{Known, Lowerer, Names, Split, temporary};
use super::ir::{BY_REALM, BY_VARIABLES, CONTINUED, DIRECT, DRIVEN, Looks, direct, last_point, resuming};
use super::steady;

/// The variables and temporaries of which a continuation finds the values in its frame, and the temporaries that it only
/// declares.
fn in_frames<'n>(
    saved: &'n Names,
    temps: &'n [String],
    kept: &[bool],
    continued: &str,
) -> (Vec<&'n String>, Vec<&'n String>) {
    let is_named = |name: &&String| continued.contains(name.as_str());
    let of = |is_kept: bool| temps.iter().zip(kept).filter(move |(_, kept)| **kept == is_kept).map(|(temp, _)| temp);
    (saved.iter().chain(of(true)).filter(is_named).collect(), of(false).filter(is_named).collect())
}

impl Lowerer<'_, '_> {
    /// How the function looks whether somebody wants the task to stop.
    fn looks(&self) -> &'static Looks {
        let functions = &self.unit.scan.functions;
        let mut id = self.id;
        while id != 0 {
            id = functions[id].parent;
            // A strict function's `eval` declares nothing outside of itself.
            if functions[id].is_dynamic && !functions[id].is_strict {
                return &BY_VARIABLES;
            }
        }
        &BY_REALM
    }

    /// The body of the function from what was lowered: its head, the direct form, and what makes the frame with the continuation.
    ///
    /// `origin` is the comment that tells where the source is.
    pub fn assemble(&mut self, directives: &[Directive<'_>], head: &str, known: &Known, origin: &str) -> String {
        // Texts grow in memory that has grown for others.
        let (mut text, mut continued) = self.unit.drafts.take();
        self.write(&mut text, &mut continued, directives, head, known, origin);
        let assembled = String::from(text.as_str());
        text.clear();
        continued.clear();
        self.unit.drafts.set((text, continued));
        assembled
    }

    fn write(
        &mut self,
        text: &mut String,
        continued: &mut String,
        directives: &[Directive<'_>],
        head: &str,
        known: &Known,
        origin: &str,
    ) {
        let facts = &self.unit.scan.functions[self.id];
        let list = std::mem::take(&mut self.out);
        join!(&mut *text, "{", origin);
        self.unit.put_directives(directives, text);
        let saved = self.saved.iter().enumerate().filter(|(index, _)| !known.saved.contains(index));
        let named = self.named.iter().skip(known.named).filter(|name| !self.heads.contains(name));
        let mut separator = "var ";
        for name in saved.map(|(_, name)| name).chain(named) {
            join!(&mut *text, separator, name);
            separator = ",";
        }
        if separator == "," {
            text.push(';');
        }
        text.push_str(head);
        text.push_str(&self.makers);
        text.push_str(&self.prologue);
        let temps: Vec<String> = (1..=self.max_temps).map(temporary).collect();
        let is_arrow = facts.is_arrow || self.id == 0 || self.wrapped;
        let looks = self.looks();
        let split = self.split;
        // Loops call a generator's continuation as a method of its frame.
        let lexical_this =
            is_arrow || facts.uses_super || facts.is_derived || (split == Split::Generator && facts.uses_this);
        let this = if facts.uses_this && !lexical_this { "this" } else { "void 0" };
        // The continuation.
        let first = match split {
            Split::No => 4,
            Split::Async => 5,
            Split::Generator | Split::AsyncGenerator => 6,
        };
        let (open, close) =
            if lexical_this { ("(þF,þv,þm,þr)=>{", "}") } else { ("function(þF,þv,þm,þr){", "}") };
        let begins = matches!(split, Split::Generator | Split::AsyncGenerator);
        let way = if begins { DRIVEN } else { CONTINUED };
        resuming(&list, begins, way.that_looks(looks), continued);
        if facts.is_derived {
            *continued = derived::in_continuation(continued);
        }
        // Frames hold what the continuation names. A name that is a part of others' is held for nothing.
        let (mut stored, unstored) = in_frames(&self.saved, &temps, &self.kept, continued);
        // Those from here on are stored when they are assigned.
        let mut steady_from = stored.len();
        stored.extend(&self.steady);
        if !self.steady.is_empty() && self.unit.has_steady {
            *continued = steady::stored(continued, &self.steady, first + steady_from);
        } else {
            steady_from = stored.len();
        }
        let table = {
            let mut points = self.unit.points.borrow_mut();
            points.push(std::mem::take(&mut self.places));
            points.len() - 1
        };
        let continue_in = |continuation: &mut String| {
            let (begin, end) = super::marks::named(&facts.name, table);
            join!(&mut *continuation, begin, open, "let þp=0,þu", looks.declared);
            match split {
                Split::No => {}
                Split::Async => continuation.push_str(",þl=0,þP=þF"),
                Split::Generator | Split::AsyncGenerator => continuation.push_str(",þl=0"),
            }
            for (index, name) in stored.iter().enumerate() {
                join!(&mut *continuation, ",", name, "=þF[", index + first, "]");
            }
            for name in &unstored {
                join!(&mut *continuation, ",", name);
            }
            let (enter, leave) = match split {
                Split::Async => (";try{þL:{", "}}catch(þx){return þreject(þx,þF)}"),
                // It says itself how it is, and whoever drives it finds that. Where there is no stack left to call it, it was not resumed.
                Split::Generator => (";try{þF[4]=1;þL:{", "}}catch(þx){þF[4]=2;throw þx}"),
                Split::No | Split::AsyncGenerator => (";þL:{", "}"),
            };
            join!(&mut *continuation, enter, *continued, leave);
            let changing = stored[..steady_from].iter().enumerate().filter(|(_, name)| !self.constant.contains(name));
            for (index, name) in changing {
                join!(&mut *continuation, "þF[", index + first, "]=", name, ";");
            }
            continuation.push_str(match split {
                Split::No => "return þk(þF,þp,þu)",
                Split::Async => "return þl?þawait(þF,þu,þF[1]=þp):þk(þF,þp,þu)",
                Split::Generator | Split::AsyncGenerator => "return þl?þleave(þF,þl,þu,þF[1]=þp):þk(þF,þp,þu)",
            });
            continuation.push_str(close);
            continuation.push(end);
        };

        // A frame that held the list itself would have V8 make an array of it, even if it is never suspended (`apply.rs`).
        let mut values = String::new();
        for name in &stored {
            if !begins && self.own_rest.as_ref() == Some(name) {
                join!(&mut values, ",þR(þlist,void 0,", name, ")");
            } else {
                join!(&mut values, ",", name);
            }
        }
        if begins {
            // Nothing runs before the first `next`.
            let make = if split == Split::Generator { "þgenerator" } else { "þasyncGenerator" };
            let mut declared = String::new();
            let kept = temps.iter().zip(&self.kept).filter(|(_, kept)| **kept).map(|(temp, _)| temp);
            for temp in kept.chain(&self.steady) {
                declared.push_str(if declared.is_empty() { "let " } else { "," });
                declared.push_str(temp);
            }
            if !declared.is_empty() {
                declared.push(';');
            }
            // An async generator would await what it returns.
            let word = if split == Split::Generator { "return " } else { "" };
            join!(&mut *text, declared, word, make, "([");
            continue_in(text);
            join!(text, ",0,", this, ",null,0,void 0", values, "]);}");
            return;
        }

        // V8 has nothing to do for `var` until it is assigned.
        join!(&mut *text, "var þp,þu", looks.declared);
        if split == Split::Async {
            text.push_str(",þl,þP");
        }
        for temp in temps.iter().chain(&self.steady) {
            text.push(',');
            text.push_str(temp);
        }
        text.push_str(if split == Split::Async { ";try{þL:{" } else { ";þL:{" });
        let way = DIRECT.that_looks(looks);
        if facts.is_derived {
            let mut code = String::new();
            direct(&list, way, &mut code);
            text.push_str(&derived::in_constructor(&code));
        } else {
            direct(&list, way, text);
        }
        text.push_str(if split == Split::Async { "}}catch(þx){return þreject(þx,þP)}" } else { "}" });
        if split == Split::Async && last_point(&list).is_none() {
            text.push('}');
            return;
        }
        if split == Split::Async {
            text.push_str("return (þl?þawait:þsaved)([");
            continue_in(text);
            join!(text, ",þp,", this, ",null,void 0", values, "],þu);}");
            return;
        }
        // A constructor returns its object where the function itself returns none.
        let constructs = split == Split::No && !is_arrow && !facts.is_method && !facts.is_derived;
        let (save, this, next) = if constructs { ("þn", "this", "new.target") } else { ("þs", this, "null") };
        // The parts of the frame, and not an array of them, which would take three times as much of the bytecode that V8 inlines by.
        join!(&mut *text, "return ", save, "(þu,");
        continue_in(text);
        join!(text, ",þp,", this, ",", next, values, ");}");
    }
}
