//! The lowered form of a function: statements in which every point of suspension stands alone.
//!
//! One tree is printed twice. *Direct* code runs from the start and leaves by `break þL` when it is suspended. *Resuming*
//! code starts at the point whose number is in `þr`; once it is there `þr` is 0 and it goes on as direct code does.
//!
//! ```text
//! Input    let x = f(); while (g(x)) x++;
//! Direct   þ1=f();if(þG[þG[0]]===void 0){þu=þ1;þp=1;break þL}x=þ1;
//!          for(;;){þ1=g(x);if(þG[þG[0]]===void 0){þu=þ1;þp=2;break þL}if(!(þ1))break; x++;}
//! Resuming if(þr===1){þr=0;þ1=þx(þm,þv);} if(!þr){x=þ1;}
//!          þb1:{if(þr){ (the rest of one iteration, by þr) } for(;;){ (the direct loop) }}
//! ```
//!
//! After a call the flag is looked at and not the value: comparing the value with a marker would make V8 keep every
//! number as an object on the heap. So a call is a poll, too, and a loop that makes one in every turn needs no other.
//!
//! A loop that is resumed finishes its iteration in code of its own and then runs as a fresh copy of the direct loop: code
//! for entering a loop in its middle would cost two to four times its speed.

/// Why a function is left in its middle; `kernel/leaving.js` has the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// `await value`
    Await = 1,
    /// `yield value`
    Yield = 2,
    /// A turn of `yield*` of a generator: the result object of the inner iterator is handed on as it is. Where that iterator is
    /// a generator of ours there is none, and it is a `Yield`.
    Result = 3,
    /// `yield* value` of an async generator, which the kernel carries out.
    Delegate = 4,
}

impl Leaving {
    pub fn number(self) -> String {
        (self as u32).to_string()
    }
}

/// What a call calls that may be an operation that blocks: a continuation says so just before (`Way`).
#[derive(Debug, Clone)]
pub struct Callee {
    /// The variable that holds it.
    pub function: String,
    /// Where direct code has the whole in one expression, for which V8 knows what is called.
    pub apart: Option<Apart>,
}

/// How a continuation makes such a call.
#[derive(Debug, Clone)]
pub struct Apart {
    /// Sets the variable.
    pub before: String,
    /// What is done unless it is an operation that blocks (`said.rs`).
    pub check: String,
    pub call: String,
}

impl From<String> for Callee {
    fn from(function: String) -> Callee {
        Callee { function, apart: None }
    }
}

/// When a function lets others run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Somebody wants the task to stop.
    Wanted,
    /// The entry of a function that makes calls in tail position: it counts how often that was reached, and once in a while the kernel
    /// sees how deep the stack has become, and whether somebody wants the task to stop. Each turn of a loop that makes calls takes back
    /// what they have counted, since they have returned: so what is left is about how deep the stack is, and only chains use it up.
    Counted,
    /// The same of a function that `new` may call. Of a call in tail position nothing is left that could give the new object where the
    /// function gives none, so its continuation does all, for the kernel (`saveConstruct` in `kernel/scheduler.js`).
    CountedOrNew,
}

/// How a function looks whether somebody wants the task to stop.
#[derive(Debug)]
pub struct Looks {
    /// What holds the flags.
    pub flags: &'static str,
    /// After a call: `gate` in `kernel/scheduler.js` says why it looks like that.
    pub called: &'static str,
    /// `Condition::Wanted`. That leaves a loop by an exit of the loop's own.
    pub wanted: &'static str,
    /// `Condition::Counted`.
    pub counted: &'static str,
    /// Declares the variables for it, behind others.
    pub declared: &'static str,
}

/// By the constants of the realm.
pub const BY_REALM: Looks =
    Looks {
        flags: "þf", called: "þG[þG[0]]===void 0", wanted: "þf[0]", counted: "þb[--þf[5]]===void 0", declared: ""
    };

/// By variables of its own: where a direct `eval` around it could declare variables of the constants' names, V8 looks in each scope for one,
/// each time.
pub const BY_VARIABLES: Looks = Looks {
    flags: "þflags",
    called: "þgate[þgate[0]]===void 0",
    wanted: "þflags[0]",
    counted: "þb[--þflags[5]]===void 0",
    declared: ",þgate=þG,þflags=þf",
};

/// A part of a lowered function.
#[derive(Debug, Clone)]
pub enum Node {
    /// Statements that cannot be suspended.
    Text(String),
    /// `target = call`, after which the function can be suspended.
    Call {
        point: u32,
        call: String,
        target: Option<String>,
        /// What is called, where that may be an operation that blocks.
        callee: Option<Callee>,
    },
    /// A call that takes the next value of an iterator: a task that is killed just after it has an iterator to close.
    Step {
        call: Box<Node>,
        iterator: String,
    },
    /// A point at which the function lets others run.
    Poll {
        point: u32,
        condition: Condition,
    },
    /// `await` or `yield`: the function is always left here, with a value.
    Leave {
        point: u32,
        /// The number of a `Leaving`, or an expression for it.
        kind: String,
        value: String,
        target: Option<String>,
        /// What a generator does that is told to return here.
        on_return: Option<String>,
        /// What stands in the place of `target = (the value or exception it goes on with)`.
        resume: Option<String>,
    },
    If {
        condition: String,
        yes: Vec<Node>,
        no: Vec<Node>,
    },
    /// A block with variables that closures capture; each has a copy, the mirror, that the whole function sees.
    Block {
        label: Option<String>,
        lexical: Vec<(String, String)>,
        body: Vec<Node>,
    },
    Loop(Box<Loop>),
    Switch(Box<Switch>),
    Catch(Box<Catch>),
}

/// `for (;;) { test; if (!condition) break; body; update }`, or with the test after the update.
#[derive(Debug, Clone)]
pub struct Loop {
    pub leave: String,
    pub next: String,
    /// Captured variables of the loop's head: each iteration has its own.
    pub lexical: Vec<(String, String)>,
    pub test: Vec<Node>,
    pub condition: Option<String>,
    pub test_after: bool,
    pub body: Vec<Node>,
    pub update: Vec<Node>,
    /// Set for `for-in`.
    pub keys: Option<Keys>,
}

/// The variables of a `for-in`.
///
/// Direct code uses V8's own loop, which is far better at it than anything written out. When the function is suspended
/// inside, that loop goes on without its body and collects the keys that are left (`left`); resuming code walks those:
///
/// ```text
/// Input    for (k in o) f(k);
/// Direct   for(þ4 in þ1){if(þ2!==void 0){þ2[þ2.length]=þ4;continue} k=þ4;f(k);if(þG[þG[0]]===void 0){þp=1;þ2=[];þ3=-1;continue}} if(þ2!==void 0)break þL
/// Resuming ... for(;þ3<þ2.length;){þ4=þ2[þ3];if(þh(þ4,þ1)){k=þ4; ...} þ3++}
/// ```
#[derive(Debug, Clone)]
pub struct Keys {
    pub object: String,
    /// The keys that are left, once the loop has been left.
    pub left: String,
    pub index: String,
    pub key: String,
}

impl Loop {
    /// The same loop over a list of keys.
    fn listed(&self) -> std::borrow::Cow<'_, Loop> {
        let Some(Keys { object, left: keys, index, key }) = &self.keys else { return std::borrow::Cow::Borrowed(self) };
        let mut body = vec![Node::Text(format!("{key}={keys}[{index}];if(!þh({key},{object}))break {};", self.next))];
        body.extend(self.body.iter().cloned());
        let mut update = vec![Node::Text(format!("{index}++;"))];
        update.extend(self.update.iter().cloned());
        std::borrow::Cow::Owned(Loop {
            condition: Some(format!("{index}<{keys}.length")),
            body,
            update,
            keys: None,
            ..self.clone()
        })
    }
}

/// A switch whose tests cannot be suspended.
#[derive(Debug, Clone)]
pub struct Switch {
    pub leave: String,
    pub selector: String,
    pub value: String,
    /// The test (none for `default`) and the statements.
    pub cases: Vec<(Option<String>, Vec<Node>)>,
}

/// `label: { try { block; break label } catch (þx) { caught } body }`
#[derive(Debug, Clone)]
pub struct Catch {
    pub label: String,
    pub block: Vec<Node>,
    pub caught: String,
    pub body: Vec<Node>,
}

impl Node {
    /// The last point inside, if there is any. Points are numbered in the order of the code, so what comes last is asked first.
    pub fn last_point(&self) -> Option<u32> {
        match self {
            Node::Text(_) => None,
            Node::Call { point, .. } | Node::Poll { point, .. } | Node::Leave { point, .. } => Some(*point),
            Node::Step { call, .. } => call.last_point(),
            Node::If { yes, no, .. } => last_point(no).or_else(|| last_point(yes)),
            Node::Block { body, .. } => last_point(body),
            // A test may stand before the body or behind it.
            Node::Loop(it) => last_point(&it.test).max(last_point(&it.update).or_else(|| last_point(&it.body))),
            Node::Switch(it) => it.cases.iter().rev().find_map(|(_, body)| last_point(body)),
            Node::Catch(it) => last_point(&it.body).or_else(|| last_point(&it.block)),
        }
    }
}

/// Bytes of a turn that is written more than once.
const SMALL: usize = 240;

/// Whether there is a call after which the function can be suspended.
fn calls(list: &[Node]) -> bool {
    list.iter().any(|node| match node {
        Node::Text(_) | Node::Poll { .. } => false,
        Node::Call { .. } | Node::Step { .. } | Node::Leave { .. } => true,
        Node::If { yes, no, .. } => calls(yes) || calls(no),
        Node::Block { body, .. } => calls(body),
        Node::Loop(it) => calls(&it.test) || calls(&it.body) || calls(&it.update),
        Node::Switch(it) => it.cases.iter().any(|(_, body)| calls(body)),
        Node::Catch(it) => calls(&it.block) || calls(&it.body),
    })
}

impl Loop {
    /// For a small loop that only computes, how often its turn is written before it looks whether the task is to stop: two looks a turn, this
    /// one and V8's own, would be a good part of it. With the turn and its condition.
    fn repeated(&self, way: Way<'_>) -> Option<(usize, String, &str)> {
        let condition = self.condition.as_deref()?;
        let (poll, update) = self.update.split_last()?;
        let mut computed = self.body.iter().chain(update);
        if !matches!(poll, Node::Poll { .. }) || !computed.all(|node| matches!(node, Node::Text(_))) {
            return None;
        }
        let mut turn = text!(self.next, ":{");
        direct(&self.body, way, &mut turn);
        turn.push('}');
        direct(update, way, &mut turn);
        let holds = |text: &str| {
            // The same function, or the same template, twice would be two.
            ["function", "=>", "class", "`"].iter().any(|word| text.contains(word))
                || super::marks::is_more_than_placed(text)
        };
        if turn.len() + condition.len() > SMALL || holds(&turn) || holds(condition) {
            return None;
        }
        // Of what is called V8 can inline only so much.
        let has_call = |text: &str| {
            text.match_indices('(').any(|(at, _)| {
                let before = text[..at].trim_end_matches(' ');
                before.ends_with(|last: char| last.is_alphanumeric() || matches!(last, '_' | '$' | ')' | ']'))
            })
        };
        Some((if has_call(&turn) || has_call(condition) { 2 } else { 4 }, turn, condition))
    }

    /// What stands before the loop, and where each turn begins, so that calls of earlier turns no longer count (`Condition::Counted`).
    fn recount(&self, flags: &str) -> (String, String) {
        if !(calls(&self.body) || calls(&self.test) || calls(&self.update)) {
            return (String::new(), String::new());
        }
        let number = self.leave.trim_start_matches(|character: char| !character.is_ascii_digit());
        // -1 is the clock's, which somebody will have seen when this is over.
        (text!("var þd", number, "=", flags, "[5]&1023;"), text!(flags, "[5]=þd", number, ";"))
    }
}

/// Whether a list makes a call before anything can leave it.
pub fn always_calls(list: &[Node]) -> bool {
    for node in list {
        match node {
            Node::Call { .. } | Node::Step { .. } | Node::Leave { .. } => return true,
            Node::Text(text) if !text.contains("break ") && !text.contains("return") => {}
            Node::Block { label: None, body, .. } => return always_calls(body),
            _ => return false,
        }
    }
    false
}

/// The last point of a list.
pub fn last_point(list: &[Node]) -> Option<u32> {
    list.iter().rev().find_map(Node::last_point)
}

/// How direct code is printed.
#[derive(Clone, Copy)]
pub struct Way<'w> {
    /// How it leaves the function, once its point is set.
    exit: &'w str,
    /// Whether it is part of a continuation, which the scheduler calls. What blocks is told so when it is called, and need
    /// not look at the stack (`takeDirect` in `kernel/scheduler.js`).
    continues: bool,
    looks: &'w Looks,
}

impl<'w> Way<'w> {
    /// In a function that looks like this.
    pub fn that_looks(self, looks: &'w Looks) -> Way<'w> {
        Way { looks, ..self }
    }
}

/// In the direct form itself.
pub const DIRECT: Way<'_> = Way { exit: "break þL", continues: false, looks: &BY_REALM };
/// In a continuation.
pub const CONTINUED: Way<'_> = Way { continues: true, ..DIRECT };
/// In a continuation that others than the scheduler call, too: a generator's.
pub const DRIVEN: Way<'_> = DIRECT;

/// Prints code that runs from its start.
pub fn direct(list: &[Node], way: Way<'_>, out: &mut String) {
    for node in list {
        direct_node(node, true, way, out);
        if leaves(node) {
            return;
        }
    }
}

/// Whether nothing that follows is ever reached.
fn leaves(node: &Node) -> bool {
    match node {
        Node::Leave { .. } => true,
        Node::Text(text) => ["return", "throw", "break", "continue"]
            .iter()
            .any(|word| text.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', ';', '(', '[', '"', '\'']))),
        _ => false,
    }
}

fn lexical(list: &[(String, String)], out: &mut String) {
    for (name, mirror) in list {
        join!(out, "let ", name, "=", mirror, ";");
    }
}

/// Prints what is a block, as one where it has a label or variables.
fn block(label: Option<&str>, names: &[(String, String)], out: &mut String, body: impl FnOnce(&mut String)) {
    if label.is_none() && names.is_empty() {
        return body(out);
    }
    if let Some(label) = label {
        join!(out, label, ":");
    }
    out.push('{');
    lexical(names, out);
    body(out);
    out.push('}');
}

fn direct_node(node: &Node, labelled: bool, way: Way<'_>, out: &mut String) {
    match node {
        Node::Text(text) => {
            out.push_str(text);
            out.push('\n');
        }
        Node::Step { call, .. } => direct_node(call, labelled, way, out),
        Node::Call { point, call, target, callee } => {
            let Way { exit, looks: Looks { flags, called, .. }, .. } = way;
            let mut call = call;
            if let Some(Callee { function, apart }) = callee.as_ref().filter(|_| way.continues) {
                if let Some(apart) = apart {
                    join!(out, apart.before, "(", flags, "[4]=", function, "?.þk|0)||", apart.check);
                    call = &apart.call;
                } else {
                    join!(out, flags, "[4]=", function, "?.þk|0;");
                }
            }
            if let Some(target) = target {
                // In this order, since V8's bytecode would load a value again that was assigned last.
                join!(out, target, "=", call, ";if(", called, "){þu=", target, ";þp=", point, ";", exit, "}\n");
            } else {
                join!(out, call, ";if(", called, "){þp=", point, ";", exit, "}\n");
            }
        }
        Node::Poll { point, condition } => {
            let Looks { wanted, counted, .. } = way.looks;
            match condition {
                Condition::Wanted => join!(out, "if(", wanted),
                Condition::Counted => join!(out, "if(", counted),
                Condition::CountedOrNew => join!(out, "if(", counted, "||new.target"),
            }
            join!(out, "){þp=", point, ";", way.exit, "}\n");
        }
        Node::Leave { point, kind, value, .. } => {
            join!(out, "þu=", value, ";þp=", point, ";þl=", kind, ";", way.exit, "\n");
        }
        Node::If { condition, yes, no } => {
            join!(out, "if(", condition, "){");
            direct(yes, way, out);
            out.push('}');
            if !no.is_empty() {
                out.push_str("else{");
                direct(no, way, out);
                out.push('}');
            }
        }
        Node::Block { label, lexical: names, body } => {
            block(label.as_deref(), names, out, |out| direct(body, way, out));
        }
        Node::Loop(it) => match &it.keys {
            Some(keys) => direct_keys(it, keys, labelled, way, out),
            None => direct_loop(it, labelled, way, out),
        },
        Node::Switch(it) => {
            if labelled {
                join!(out, it.leave, ":");
            }
            join!(out, "{switch(", it.value, "){");
            for (test, body) in &it.cases {
                match test {
                    Some(test) => join!(out, "case ", test, ":"),
                    None => out.push_str("default:"),
                }
                direct(body, way, out);
            }
            out.push_str("}}");
        }
        Node::Catch(it) => {
            if labelled {
                join!(out, it.label, ":");
            }
            out.push_str("{try{");
            direct(&it.block, way, out);
            join!(out, "break ", it.label, "}catch(þx){", it.caught, "}");
            direct(&it.body, way, out);
            out.push('}');
        }
    }
}

fn direct_loop(it: &Loop, labelled: bool, way: Way<'_>, out: &mut String) {
    let (before, turn) = it.recount(way.looks.flags);
    out.push_str(&before);
    if labelled {
        join!(out, it.leave, ":");
    }
    let simple = it.test.is_empty() && !it.test_after && it.lexical.is_empty();
    if simple {
        join!(out, "for(;", it.condition.as_deref().unwrap_or(""), ";){", turn);
    } else {
        join!(out, "for(;;){", turn);
        lexical(&it.lexical, out);
    }
    let test = |out: &mut String| {
        direct(&it.test, way, out);
        if let Some(condition) = &it.condition {
            join!(out, "if(!(", condition, "))break;");
        }
    };
    if !simple && !it.test_after {
        test(out);
    }
    if simple && let Some((times, turn, condition)) = it.repeated(way) {
        for _ in 1..times {
            join!(out, turn, "if(!(", condition, "))break;");
        }
    }
    join!(out, it.next, ":{");
    direct(&it.body, way, out);
    out.push('}');
    direct(&it.update, way, out);
    if it.test_after {
        test(out);
    }
    out.push('}');
}

/// `for-in`, as V8 does it best; see `Keys`.
fn direct_keys(it: &Loop, names: &Keys, labelled: bool, way: Way<'_>, out: &mut String) {
    let Keys { object, left: keys, index, key } = names;
    let (before, turn) = it.recount(way.looks.flags);
    out.push_str(&before);
    if labelled {
        join!(out, it.leave, ":");
    }
    let label = format!("{}k", it.next);
    put!(
        out,
        "{{{label}:for({key} in {object}){{if({keys}!==void 0){{{keys}[{keys}.length]={key};continue}}{turn}{}:{{",
        it.next
    );
    let drain = format!("{keys}=[];{index}=-1;continue {label}");
    let drained = Way { exit: &drain, ..way };
    direct(&it.body, drained, out);
    out.push('}');
    direct(&it.update, drained, out);
    join!(out, "}if(", keys, "!==void 0){", way.exit, "}}");
}

/// Prints code that starts at the point in `þr`. `enters` says whether `þr` may be 0 where the list begins; otherwise what
/// stands before the first point is left out, since it has run already.
///
/// All that it prints does nothing while `þr` is a point further down, so no list needs a guard around it.
pub fn resuming(list: &[Node], enters: bool, way: Way<'_>, out: &mut String) {
    let mut may_run = enters;
    let mut guarded = false;
    for node in list {
        let Some(high) = node.last_point() else {
            if may_run {
                if !guarded {
                    out.push_str("if(!þr){");
                    guarded = true;
                }
                direct_node(node, true, way, out);
                if leaves(node) {
                    break;
                }
            }
            continue;
        };
        if matches!(node, Node::Call { .. } | Node::Step { .. } | Node::Poll { .. } | Node::Leave { .. }) {
            // What stands before it runs where it does.
            if may_run {
                if !guarded {
                    out.push_str("if(!þr){");
                }
                direct_node(node, true, way, out);
                out.push_str("}else ");
            }
            join!(out, "if(þr===", high, ")");
            resume(node, out);
            out.push('\n');
            guarded = false;
            may_run = true;
            continue;
        }
        if guarded {
            out.push('}');
            guarded = false;
        }
        resuming_node(node, high, may_run, way, out);
        may_run = true;
    }
    if guarded {
        out.push('}');
    }
}

/// The statement with which a function goes on at what is itself a point.
fn resume(node: &Node, out: &mut String) {
    match node {
        Node::Step { call, iterator } => {
            if let Node::Call { target: Some(target), .. } = &**call {
                join!(out, "þr=0,", target, "=þstepped(þm,þv,", iterator, ");");
            }
        }
        Node::Call { target: Some(target), .. } => join!(out, "þr=0,", target, "=þx(þm,þv);"),
        Node::Leave { target, on_return, resume, .. } => {
            out.push_str("{þr=0;");
            if let Some(on_return) = on_return {
                join!(out, "if(þm===3){", on_return, "}");
            }
            match (resume, target) {
                (Some(resume), _) => out.push_str(resume),
                (None, Some(target)) => join!(out, target, "=þx(þm,þv)"),
                (None, None) => out.push_str("þx(þm,þv)"),
            }
            out.push('}');
        }
        _ => out.push_str("þr=0,þx(þm,þv);"),
    }
}

fn resuming_node(node: &Node, high: u32, may_run: bool, way: Way<'_>, out: &mut String) {
    match node {
        Node::Text(_) | Node::Step { .. } | Node::Call { .. } | Node::Leave { .. } | Node::Poll { .. } => {}
        Node::If { condition, yes, no } => {
            let resumed = last_point(yes);
            match (may_run, resumed) {
                (true, Some(high)) => join!(out, "if(!þr?", condition, ":þr<=", high, "){"),
                // The other branch does nothing where it is not resumed.
                (true, None) => join!(out, "if(!þr&&(", condition, ")){"),
                (false, Some(high)) => join!(out, "if(þr<=", high, "){"),
                (false, None) => return resuming(no, false, way, out),
            }
            resuming(yes, may_run, way, out);
            out.push('}');
            if last_point(no).is_some() || (may_run && !no.is_empty()) {
                out.push_str("else{");
                resuming(no, may_run, way, out);
                out.push('}');
            }
        }
        Node::Block { label, lexical: names, body } => {
            if !names.is_empty() {
                join!(out, "if(þr<=", high, ")");
            }
            block(label.as_deref(), names, out, |out| resuming(body, may_run, way, out));
        }
        Node::Loop(it) => {
            join!(out, "if(þr<=", high, ")", it.leave, ":{");
            if let Some(Keys { object, left: keys, index, .. }) = &it.keys
                && may_run
            {
                join!(out, "if(!þr){", keys, "=þo(", object, ");", index, "=0;}");
            }
            if may_run {
                out.push_str("if(þr)");
            }
            out.push('{');
            lexical(&it.lexical, out);
            resume_iteration(it, way, out);
            out.push('}');
            direct_loop(&it.listed(), false, way, out);
            out.push('}');
        }
        Node::Switch(it) => {
            join!(out, "if(þr<=", high, ")", it.leave, ":{");
            let mut which = String::new();
            let mut last = String::from("-1");
            for (index, (_, body)) in it.cases.iter().enumerate() {
                if let Some(high) = last_point(body) {
                    join!(&mut which, "þr<=", high, "?", index, ":");
                }
            }
            which.push_str("-1");
            if may_run {
                join!(out, "if(!þr)switch(", it.value, "){");
                for (index, (test, _)) in it.cases.iter().enumerate() {
                    match test {
                        Some(test) => join!(out, "case ", test, ":", it.selector, "=", index, ";break;"),
                        None => last = index.to_string(),
                    }
                }
                join!(out, "default:", it.selector, "=", last, "}else ");
            }
            join!(out, it.selector, "=", which, ";switch(", it.selector, "){");
            for (index, (_, body)) in it.cases.iter().enumerate() {
                join!(out, "case ", index, ":");
                resuming(body, true, way, out);
            }
            out.push_str("}}");
        }
        Node::Catch(it) => {
            join!(out, "if(þr<=", high, ")", it.label, ":{");
            if let Some(inside) = last_point(&it.block) {
                join!(out, "if(þr<=", inside, "){try{");
                resuming(&it.block, may_run, way, out);
                join!(out, "break ", it.label, "}catch(þx){þr=0;", it.caught, "}}");
            } else if may_run {
                out.push_str("if(!þr){try{");
                direct(&it.block, way, out);
                join!(out, "break ", it.label, "}catch(þx){", it.caught, "}}");
            }
            resuming(&it.body, true, way, out);
            out.push('}');
        }
    }
}

/// The rest of the iteration in which the loop was suspended.
fn resume_iteration(it: &Loop, way: Way<'_>, out: &mut String) {
    let it = &it.listed();
    let in_test = last_point(&it.test).is_some();
    let test = |enters: bool, out: &mut String| {
        resuming(&it.test, enters, way, out);
        if let Some(condition) = &it.condition {
            join!(out, "if(!þr&&!(", condition, "))break ", it.leave, ";");
        }
    };
    if in_test && !it.test_after {
        test(false, out);
    }
    let body = last_point(&it.body);
    let update = last_point(&it.update);
    let enters = in_test && !it.test_after;
    if body.is_some() || enters {
        let high = body.unwrap_or(0);
        join!(out, "if(þr<=", high, ")", it.next, ":{");
        resuming(&it.body, enters, way, out);
        out.push('}');
    }
    resuming(&it.update, body.is_some() || enters, way, out);
    if it.test_after {
        test(body.is_some() || update.is_some(), out);
    }
}
