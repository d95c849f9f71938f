//! What the startup snapshot holds by reference: the addon's native functions, and the kernel's sources, whose characters
//! lie in the binary once for all isolates. A reference is a place in a list, so the build script, which makes the snapshot,
//! and the addon, which loads it, make that list from the same names and sources in the same order.

/// Expands `$with!` with the native functions that the kernel gets: the name there, and the addon's function.
macro_rules! natives {
    ($with:ident) => {
        $with! {
            "attach" => attach,
            "attachChannel" => channels::attach,
            "baseOf" => modules::base_of_code,
            "bindPlain" => modules::bind_plain,
            "evaluatePlain" => modules::evaluate_plain,
            "fillRandom" => fill_random,
            "forgetFiles" => modules::forget_files,
            "instantiatePlain" => modules::instantiate_plain,
            "isAsyncPlain" => modules::is_async_plain,
            "loadModule" => modules::load_module,
            "namespacePlain" => modules::namespace_plain,
            "requestsOf" => modules::requests_of,
            "resolveModule" => modules::resolve_module,
            "sitesOf" => modules::sites_of,
            "sourceText" => modules::source_text,
            "surroundings" => modules::surroundings,
            "syntheticPlain" => modules::synthetic_plain,
            "toUrl" => modules::url_of_path,
            "brandOf" => brand_of,
            "channelCapacity" => channels::capacity,
            "channelClose" => channels::close,
            "channelCreate" => channels::create,
            "channelFollow" => channels::follow,
            "channelHold" => channels::hold,
            "channelId" => channels::id,
            "channelLength" => channels::length,
            "channelMemory" => channels::memory,
            "channelRecv" => channels::recv,
            "channelRelease" => channels::release,
            "channelRestore" => channels::restore,
            "channelSelect" => channels::select,
            "channelSend" => channels::send,
            "channelSendStaged" => channels::send_staged,
            "channelTake" => channels::take_copied,
            "channelAlarm" => channels::alarm,
            "channelCalm" => channels::calm,
            "channelTick" => channels::tick,
            "channelWatch" => channels::watch,
            "channelWithdraw" => channels::withdraw,
            "compileCoroutine" => program::compile_coroutine,
            "compileFunction" => program::compile_function,
            "compileKernel" => program::compile_kernel,
            "compileProgram" => program::compile_program,
            "controlShipped" => ships::control,
            "consoleWrite" => console_write,
            "debug" => debug,
            "dropAttachments" => drop_attachments,
            "goOn" => channels::go_on,
            "getContext" => get_context,
            "hasBackgroundWork" => has_background_work,
            "isolateId" => channels::isolate_id,
            "isolateIsGone" => channels::isolate_is_gone,
            "isAlike" => is_alike,
            "isHeld" => is_held,
            "isProxy" => is_proxy,
            "loadInspect" => program::load_inspect,
            "leaveBehind" => ships::leave_behind,
            "lookForMail" => channels::look_for_mail,
            "locate" => program::locate,
            "locateFrame" => program::locate_frame,
            "loopAttachments" => loop_attachments,
            "mayGrow" => outside::may_grow,
            "nameCode" => ships::name_code,
            "nextMail" => channels::next_mail,
            "now" => now,
            "noteAsyncWait" => note_async_wait,
            "offer" => ships::offer,
            "park" => park,
            "post" => post,
            "previewEntries" => preview_entries,
            "promiseDetails" => promise_details,
            "proxyDetails" => proxy_details,
            "queueMicrotask" => queue_microtask,
            "readLatin1" => read_latin1,
            "readUtf16" => read_utf16,
            "runCompiled" => program::run_compiled,
            "beginTurn" => begin_turn,
            "isWanted" => is_wanted,
            "judgement" => judgement,
            "keepJudgement" => keep_judgement,
            "stackDepth" => stack_depth,
            "stringifyData" => json::stringify_data,
            "setAside" => channels::set_aside,
            "stageBytes" => channels::stage_bytes,
            "stageValue" => channels::stage_value,
            "setContext" => set_context,
            "setDeadline" => set_deadline,
            "setMeter" => set_meter,
            "setPreempted" => set_preempted,
            "setReady" => set_ready,
            "ship" => ships::ship,
            "shipCode" => ships::ship_code,
            "shipNames" => ships::names,
            "sleepUntil" => sleep_until,
            "startOfTime" => start_of_time,
            "take" => take,
            "takeChannel" => channels::take,
            "takeControls" => take_controls,
            "unstage" => channels::unstage,
            "whyNotShipped" => ships::why_not,
            "yieldThread" => channels::yield_thread,
            "writeLatin1" => write_latin1,
            "writeUtf16" => write_utf16,
        }
    };
}
pub(crate) use natives;

/// A source that V8 reads where it lies. `text` is Latin-1.
pub const fn source(text: &'static [u8]) -> v8::OneByteConst {
    // SAFETY: V8 itself reads such a string as Latin-1. Only the crate's `as_str` and what builds on it need ASCII, and
    // nobody calls that: the strings go to V8 and into the list of references, nowhere else.
    unsafe { v8::String::create_external_onebyte_const_unchecked(text) }
}

/// The list for V8.
pub fn list(
    natives: impl Iterator<Item = v8::FunctionCallback>,
    sources: impl Iterator<Item = &'static v8::OneByteConst>,
) -> Vec<v8::ExternalReference> {
    let source =
        |source: &v8::OneByteConst| v8::ExternalReference { pointer: std::ptr::from_ref(source).cast_mut().cast() };
    // V8 reads up to this; the crate would copy the list to add it.
    let end = v8::ExternalReference { pointer: std::ptr::null_mut() };
    natives
        .map(|function| v8::ExternalReference { function })
        .chain(sources.map(source))
        .chain(std::iter::once(end))
        .collect()
}
