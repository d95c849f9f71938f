//! Memory between the host's JavaScript and Rust, where Node-API's safe wrappers do not reach.

use std::ffi::c_void;
use std::ptr;

use napi::bindgen_prelude::{Array, Env, JsValue, Result, Unknown};
use napi::{Error, Status, ValueType, sys};

/// `napi_no_external_buffers_allowed`: the host (Electron, for one) lets no memory in that it did not allocate.
const NO_EXTERNAL_BUFFERS: sys::napi_status = 22;

/// One thing that the host attaches.
pub enum HostView {
    /// A buffer.
    Memory {
        /// First byte.
        data: *mut c_void,
        /// Bytes.
        length: usize,
        /// The host's key for the buffer.
        id: u32,
        /// Whether it is a SharedArrayBuffer.
        shared: bool,
    },
    /// A channel, by its slot.
    Channel(u32),
}

/// Reads `[view, id, shared, view, id, shared, ...]`. A channel has null for its view and its slot for its id.
///
/// The view is a `Uint8Array` over the whole buffer. Node-API's functions for SharedArrayBuffers are too young to rely on,
/// but a typed array's data pointer has always been given for both kinds.
pub fn read_views(env: &Env, list: &Array) -> Result<Vec<HostView>> {
    let mut views = Vec::with_capacity(list.len() as usize / 3);
    for at in (0..list.len()).step_by(3) {
        let view: Unknown = list.get(at)?.ok_or_else(missing)?;
        let id: u32 = list.get(at + 1)?.ok_or_else(missing)?;
        let shared: bool = list.get(at + 2)?.ok_or_else(missing)?;
        if view.get_type()? == ValueType::Null {
            views.push(HostView::Channel(id));
            continue;
        }
        let mut length = 0;
        let mut data = ptr::null_mut();
        // SAFETY: all out pointers are valid for the call, null ones are allowed, and the status is checked.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                env.raw(),
                view.raw(),
                ptr::null_mut(),
                &raw mut length,
                &raw mut data,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        if status != sys::Status::napi_ok {
            return Err(Error::new(Status::InvalidArg, "an attachment is no typed array"));
        }
        views.push(HostView::Memory { data, length, id, shared });
    }
    Ok(views)
}

fn missing() -> Error {
    Error::new(Status::InvalidArg, "an attachment is incomplete")
}

/// Makes an `ArrayBuffer` of the host over memory that `owner` keeps, without copying where the host allows that.
///
/// `data` must stay valid for `length` bytes until `owner` is dropped, which happens on the host's thread.
pub fn external_buffer<T>(env: &Env, data: *mut c_void, length: usize, owner: T) -> Result<sys::napi_value> {
    unsafe extern "C" fn drop_owner<T>(_env: sys::napi_env, _data: *mut c_void, owner: *mut c_void) {
        // SAFETY: `owner` is the box that `external_buffer` leaked; the host calls this once.
        drop(unsafe { Box::from_raw(owner.cast::<T>()) });
    }
    let mut value = ptr::null_mut();
    if length > 0 {
        let owner = Box::into_raw(Box::new(owner));
        // SAFETY: `data` is valid until `drop_owner` runs, as the caller promises.
        let status = unsafe {
            sys::napi_create_external_arraybuffer(
                env.raw(),
                data,
                length,
                Some(drop_owner::<T>),
                owner.cast(),
                &raw mut value,
            )
        };
        if status == sys::Status::napi_ok {
            return Ok(value);
        }
        // SAFETY: the host did not take the owner. It is dropped at the end of this function, after the copy.
        let _owner = unsafe { Box::from_raw(owner) };
        if status != NO_EXTERNAL_BUFFERS {
            return Err(Error::new(Status::from(status), "the host cannot make an ArrayBuffer"));
        }
        return copied_buffer(env, data, length);
    }
    copied_buffer(env, data, 0)
}

fn copied_buffer(env: &Env, data: *const c_void, length: usize) -> Result<sys::napi_value> {
    let mut value = ptr::null_mut();
    let mut target = ptr::null_mut();
    // SAFETY: the out pointers are valid; the status is checked before they are used.
    let status = unsafe { sys::napi_create_arraybuffer(env.raw(), length, &raw mut target, &raw mut value) };
    if status != sys::Status::napi_ok {
        return Err(Error::new(Status::from(status), "the host has no memory for an ArrayBuffer"));
    }
    if length > 0 {
        // SAFETY: the caller's memory is valid for `length` bytes, and the new buffer has as many.
        unsafe { ptr::copy_nonoverlapping(data.cast::<u8>(), target.cast::<u8>(), length) };
    }
    Ok(value)
}
