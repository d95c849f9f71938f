//! Functions that are called often.
//!
//! Where a method of a class is called, Node-API looks up what its object stands for and checks that it is one of the class, which takes
//! more than all else about a short call. A function has what it works on as its own data.

use std::rc::Rc;

use napi::bindgen_prelude::{
    Env, FromNapiValue, Function, FunctionCallContext, JsObjectValue, Object, Result, ToNapiValue,
};

/// Adds a function that works on `state` to `object`.
pub fn add<T: 'static, R: ToNapiValue + 'static>(
    env: Env,
    object: &mut Object<'_>,
    name: &str,
    state: &Rc<T>,
    body: fn(&T, &Call<'_>) -> Result<R>,
) -> Result<()> {
    let state = Rc::clone(state);
    let function: Function<'_, (), R> =
        env.create_function_from_closure(name, move |context| body(&state, &Call(context)))?;
    object.set_named_property(name, function)
}

/// One call of such a function.
pub struct Call<'a>(FunctionCallContext<'a>);

impl Call<'_> {
    /// The environment.
    pub fn env(&self) -> Env {
        *self.0.env
    }

    /// An argument.
    pub fn get<A: FromNapiValue>(&self, index: usize) -> Result<A> {
        self.0.get(index)
    }
}
