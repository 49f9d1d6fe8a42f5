//! What rustdoc says of a crate, for each set of features that is told apart.

use public_api::PublicApi;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A crate as its users see it, who ask for these features and no others.
pub struct Crate {
    /// Without features.
    pub plain: PublicApi,
    /// With one feature, by its name.
    pub with: Vec<(String, PublicApi)>,
    /// With every feature.
    pub all: PublicApi,
}

/// A crate of the library's workspace.
pub struct Source<'a> {
    name: &'a str,
    features: Vec<String>,
    /// Of procedural macros, which run where the compiler does: the same for all systems.
    pub is_macros: bool,
    target_directory: PathBuf,
}

impl<'a> Source<'a> {
    pub fn find(name: &'a str) -> Result<Self, String> {
        let output = run(cargo().args(["metadata", "--no-deps", "--format-version=1"]))?;
        let metadata: Value = serde_json::from_slice(&output).map_err(|error| error.to_string())?;
        let mut packages = metadata["packages"].as_array().into_iter().flatten();
        let package = packages.find(|package| package["name"] == name);
        let package = package.ok_or_else(|| format!("there is no package {name}"))?;
        let features = package["features"].as_object().into_iter().flatten().map(|(feature, _)| feature);
        let is_macros = package["targets"]
            .as_array()
            .is_some_and(|targets| targets.iter().any(|target| target["kind"][0] == "proc-macro"));
        let target_directory =
            metadata["target_directory"].as_str().ok_or("cargo names no target directory")?;
        Ok(Self {
            name,
            features: features.filter(|feature| *feature != "default").cloned().collect(),
            is_macros,
            target_directory: target_directory.into(),
        })
    }

    /// The crate on this system, or on that of a target.
    pub fn document(&self, target: Option<&str>) -> Result<Crate, String> {
        let with = self.features.iter().map(|feature| {
            Ok((feature.clone(), self.public(target, &["--no-default-features", "--features", feature])?))
        });
        Ok(Crate {
            plain: self.public(target, &["--no-default-features"])?,
            with: with.collect::<Result<_, String>>()?,
            all: self.public(target, &["--all-features"])?,
        })
    }

    fn public(&self, target: Option<&str>, features: &[&str]) -> Result<PublicApi, String> {
        let mut command = cargo();
        command.args(["rustdoc", "--lib", "--package", self.name]).args(features);
        let mut folder = self.target_directory.clone();
        if let Some(target) = target {
            command.args(["--target", target]);
            folder.push(target);
        }
        run(command.args(["--", "-Zunstable-options", "--output-format=json"]))?;
        let json = folder.join("doc").join(self.name.replace('-', "_")).with_extension("json");
        let public = public_api::Builder::from_rustdoc_json(&json).omit_blanket_impls(true).build();
        public.map_err(|error| format!("{}: {error}", json.display()))
    }
}

/// Cargo in the library's workspace, with a rustdoc that can write JSON.
fn cargo() -> Command {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new("cargo");
    command.current_dir(here.join("../..")).env("RUSTDOC", here.join("rustdoc"));
    command
}

fn run(command: &mut Command) -> Result<Vec<u8>, String> {
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() { Ok(output.stdout) } else { Err(format!("{command:?}: {}", output.status)) }
}
