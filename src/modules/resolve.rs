//! Where specifiers lead: `oxc_resolver` with Node's rules, and Node's words where it finds nothing.

use std::path::{Path, PathBuf};

use oxc_resolver::{ResolveError, ResolveOptions, Resolver};

use super::failure::Failure;
use super::format::{Format, Packages};
use super::url::{decoded, from_url, importer_of};

/// What this library is called; `src/kernel/modules/unavailable.js` has the same name.
pub const LIBRARY: &str = "@hertzscript/isolate";

/// Whether a specifier leads to the same module from everywhere: one of Node's own, or this library.
pub fn is_builtin(specifier: &str) -> bool {
    specifier.starts_with("node:")
        || specifier == LIBRARY
        || nodejs_built_in_modules::is_nodejs_builtin_module(specifier)
}

/// How a module is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum How {
    /// By `import`.
    Import,
    /// By `require`.
    Require,
}

/// Where a specifier leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// To a file; with the query and fragment of its URL.
    File(PathBuf, String),
    /// To a module of Node's own, without `node:`.
    Builtin(String),
}

/// The resolvers of one isolate. What they have seen of the disk they remember until `forget`.
pub struct Resolvers {
    import: Resolver,
    require: Resolver,
    packages: Packages,
}

impl Resolvers {
    /// Resolvers that know nothing yet.
    pub fn new() -> Resolvers {
        let import = Resolver::new(options(How::Import));
        let require = import.clone_with_options(options(How::Require));
        Resolvers { import, require, packages: Packages::default() }
    }

    /// Looks at the disk again.
    pub fn forget(&mut self) {
        self.import.clear_cache();
        self.require.clear_cache();
        self.packages.forget();
    }

    /// The kind of module that a file is.
    pub fn format_of(&mut self, path: &Path) -> Format {
        self.packages.format_of(path)
    }

    /// Resolves a specifier as it stands in a file (or in a folder, whose path then ends with a slash).
    ///
    /// # Errors
    /// Node's.
    pub fn resolve(&self, specifier: &str, from: &str, how: How) -> Result<Found, Failure> {
        let importer = importer_of(from);
        let folder = if from.ends_with('/') { importer.as_path() } else { importer.parent().unwrap_or(&importer) };
        if let Some(name) = specifier.strip_prefix("node:") {
            return Ok(Found::Builtin(name.to_owned()));
        }
        if how == How::Import {
            if specifier.starts_with("file:") || is_path(specifier) {
                return resolve_url(specifier, folder, from);
            }
            let scheme = specifier.split_once(':').map(|(scheme, _)| scheme);
            if let Some(scheme) = scheme.filter(|scheme| !scheme.contains(['/', '@', '#'])) {
                return Err(Failure::error(
                    "ERR_UNSUPPORTED_ESM_URL_SCHEME",
                    format!(
                        "Only URLs with a scheme in: file, node are supported by tasks. Received protocol '{scheme}:'"
                    ),
                ));
            }
        }
        let resolver = if how == How::Import { &self.import } else { &self.require };
        match resolver.resolve(folder, specifier) {
            Ok(found) => {
                let suffix = format!("{}{}", found.query().unwrap_or(""), found.fragment().unwrap_or(""));
                let path = found.into_path_buf();
                // The resolver may take a query for one that is part of a file's name in CommonJS.
                Ok(Found::File(path, if how == How::Import { suffix } else { String::new() }))
            }
            Err(ResolveError::Builtin { resolved, .. }) => {
                Ok(Found::Builtin(resolved.strip_prefix("node:").unwrap_or(&resolved).to_owned()))
            }
            Err(error) => Err(failure(&error, specifier, &importer, from, how)),
        }
    }
}

fn options(how: How) -> ResolveOptions {
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    ResolveOptions {
        condition_names: words(if how == How::Import {
            &["node", "import", "module-sync"]
        } else {
            &["node", "require", "module-sync"]
        }),
        extensions: words(&[".js", ".json", ".node"]),
        fully_specified: how == How::Import,
        main_fields: words(&["main"]),
        builtin_modules: true,
        ..ResolveOptions::default()
    }
}

/// Whether a specifier is a path and no package's name.
fn is_path(specifier: &str) -> bool {
    specifier.starts_with('/')
        || specifier.starts_with("./")
        || specifier.starts_with("../")
        || specifier == "."
        || specifier == ".."
}

/// A relative or absolute URL: a file's whole name, with nothing to be guessed.
fn resolve_url(specifier: &str, folder: &Path, from: &str) -> Result<Found, Failure> {
    let (written, suffix) = from_url(specifier);
    let path = normalized(&folder.join(written));
    let importer = importer_of(from);
    match std::fs::metadata(&path) {
        Ok(facts) if facts.is_dir() => Err(directory(&path, &importer)),
        Ok(_) => Ok(Found::File(std::fs::canonicalize(&path).unwrap_or(path), suffix)),
        Err(_) => Err(Failure::error(
            "ERR_MODULE_NOT_FOUND",
            format!("Cannot find module '{}' imported from {}", path.display(), importer.display()),
        )),
    }
}

fn directory(path: &Path, importer: &Path) -> Failure {
    Failure::error(
        "ERR_UNSUPPORTED_DIR_IMPORT",
        format!(
            "Directory import '{}' is not supported resolving ES modules imported from {}: name the file in it",
            path.display(),
            importer.display()
        ),
    )
}

/// Without `.` and `..`, as far as that is possible without looking at the disk.
pub(super) fn normalized(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                result.pop();
            }
            other => result.push(other),
        }
    }
    result
}

/// The name of the package that a specifier begins with.
fn package_name(specifier: &str) -> String {
    let parts = if specifier.starts_with('@') { 2 } else { 1 };
    specifier.split('/').take(parts).collect::<Vec<_>>().join("/")
}

fn failure(error: &ResolveError, specifier: &str, importer: &Path, from: &str, how: How) -> Failure {
    let shown = importer.display();
    let place = if from.ends_with('/') { String::new() } else { format!(" imported from {shown}") };
    match error {
        ResolveError::PackagePathNotExported { subpath, package_json_path, .. } => {
            let package = package_json_path.display();
            let message = if subpath == "." {
                format!("No \"exports\" main defined in {package}{place}")
            } else {
                format!("Package subpath '{subpath}' is not defined by \"exports\" in {package}{place}")
            };
            Failure::error("ERR_PACKAGE_PATH_NOT_EXPORTED", message)
        }
        ResolveError::PackageImportNotDefined(name, package) => Failure::type_error(
            "ERR_PACKAGE_IMPORT_NOT_DEFINED",
            format!("Package import specifier \"{name}\" is not defined in package {}{place}", package.display()),
        ),
        ResolveError::InvalidPackageTarget(..) => {
            Failure::error("ERR_INVALID_PACKAGE_TARGET", format!("{error}{place}"))
        }
        ResolveError::InvalidModuleSpecifier(..) | ResolveError::Specifier(_) => Failure::type_error(
            "ERR_INVALID_MODULE_SPECIFIER",
            format!("Invalid module \"{specifier}\": {error}{place}"),
        ),
        ResolveError::InvalidPackageConfig(_)
        | ResolveError::InvalidPackageConfigDefault(_)
        | ResolveError::InvalidPackageConfigDirectory(_)
        | ResolveError::Json(_) => Failure::error("ERR_INVALID_PACKAGE_CONFIG", format!("{error}{place}")),
        _ if how == How::Require => {
            let stack = if from.ends_with('/') { String::new() } else { format!("\nRequire stack:\n- {shown}") };
            Failure::error("MODULE_NOT_FOUND", format!("Cannot find module '{}'{stack}", decoded(specifier)))
        }
        _ if specifier.starts_with('#') => Failure::type_error(
            "ERR_PACKAGE_IMPORT_NOT_DEFINED",
            format!("Package import specifier \"{specifier}\" is not defined{place}"),
        ),
        _ => {
            let name = package_name(specifier);
            let from = importer.to_string_lossy();
            let installed = importer.ancestors().map(|folder| folder.join("node_modules"));
            let installed = installed.into_iter().find(|folder| folder.join(&name).is_dir());
            match installed.filter(|_| name != specifier).map(|folder| folder.join(specifier)) {
                Some(path) if path.is_dir() => directory(&path, importer),
                Some(path) => Failure::error(
                    "ERR_MODULE_NOT_FOUND",
                    format!("Cannot find module '{}' imported from {from}", path.display()),
                ),
                None => {
                    Failure::error("ERR_MODULE_NOT_FOUND", format!("Cannot find package '{name}' imported from {from}"))
                }
            }
        }
    }
}
