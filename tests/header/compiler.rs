//! The machine's C and C++ compilers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Language {
    C,
    Cpp,
}

pub(crate) const LANGUAGES: [Language; 2] = [Language::C, Language::Cpp];

impl Language {
    fn command(self) -> Command {
        let (variable, default, standard) = match self {
            Self::C => ("CC", "cc", "-std=c11"),
            Self::Cpp => ("CXX", "c++", "-std=c++17"),
        };
        let mut command = Command::new(std::env::var_os(variable).unwrap_or(default.into()));
        command.args([standard, "-Wall", "-Wextra", "-pedantic", "-Werror"]);
        command
    }

    fn extension(self) -> &'static str {
        match self {
            Self::C => "c",
            Self::Cpp => "cc",
        }
    }
}

/// A folder of this test's own, which goes away with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("header-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left lies in the target folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Compiles `program`, which includes `headers` by their names, and says what it prints or what the compiler has
/// against it.
pub(crate) fn run(language: Language, headers: &[(&str, &str)], program: &str) -> Result<String, String> {
    let folder = Folder::new();
    for (name, text) in headers {
        fs::write(folder.0.join(name), text).unwrap();
    }
    let (source, binary) =
        (folder.0.join("program").with_extension(language.extension()), folder.0.join("program"));
    fs::write(&source, program).unwrap();
    let compiled = language
        .command()
        .arg("-I")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("header/include"))
        .arg("-o")
        .args([&binary, &source])
        .output()
        .expect("a C and a C++ compiler, by the names in CC and CXX, or `cc` and `c++`");
    if !compiled.status.success() {
        return Err(String::from_utf8_lossy(&compiled.stderr).into_owned());
    }
    let ran = Command::new(&binary).output().unwrap();
    assert!(ran.status.success(), "{program}");
    Ok(String::from_utf8(ran.stdout).unwrap())
}
