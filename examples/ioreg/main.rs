//! Shows the I/O Registry as Apple's `ioreg` does.
//!
//! ```text
//! cargo run --example ioreg                                  a simulated notebook
//! cargo run --example ioreg -- -p IOUSB                      what is plugged in
//! cargo run --example ioreg -- -rn AppleSmartBattery         its battery's properties
//! cargo run --example ioreg -- -lw0 archive.plist            a file that `ioreg -a` or `ioreg -l` has written
//! cargo run --example ioreg -- --host -rtc IOMedia           this Mac's disks, and how one gets there
//! ```
//!
//! A file is loaded into a simulated machine: the registry is read the same way, wherever it is.

#[path = "../cli.rs"]
pub(crate) mod cli;
mod criteria;
mod cut;
#[path = "../demo/mod.rs"]
pub(crate) mod demo;
mod entry;
pub(crate) mod options;
#[path = "../source.rs"]
mod source;
mod walk;

use cli::{Failure, Place, Program};
use cut::Cut;
use iokit_uc::archive::{Archive, Drawing, TextOptions};
use iokit_uc::{Kernel, Plane, RegistryEntry};
use options::Options;
use std::io::Write;
use std::process::ExitCode;
use walk::{Step, Walk};

pub(crate) const PROGRAM: Program = Program {
    usage: "\
usage: ioreg [--machine | --host] [-ailrtx] [-c CLASS] [-d DEPTH] [-k KEY] [-n NAME] [-p PLANE] [-w WIDTH] [FILE]

  --machine  show a simulated notebook (default)
  --host     show this Mac
  FILE       show what `ioreg -a` or `ioreg -l` has written there
  -a         write a property list, in XML
  -c         show the properties of objects of a class, or of a class derived from it
  -d         go so deep, where 1 is a tree's root alone; 0 is as deep as it goes (default)
  -i         show the classes that an object's class is derived from
  -k         show the properties of objects that have this one
  -l         show the properties of all objects
  -n         show the properties of objects with a name, or a name@location
  -p         go along this plane (default: IOService)
  -r         begin a tree at each object that -c, -k and -n tell
  -t         show how one gets to each tree that -r begins
  -w         cut lines that are wider; 0 is not at all (default)
  -x         show numbers and data in hexadecimal
",
    flags: &["-"],
    run,
};

fn main() -> ExitCode {
    PROGRAM.main()
}

fn run(place: Place, words: &[&str], out: &mut dyn Write) -> Result<(), Failure> {
    let options = Options::parse(words)?;
    source::with_kernel(place, options.file, "ioreg", |kernel| show(kernel, &options, out))
}

pub(crate) fn show(kernel: &Kernel, options: &Options<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    let plane = match options.plane {
        None => Plane::SERVICE,
        Some(name) => Plane::find(kernel, name)?,
    };
    let read = |step: &Step| entry::read(step, &plane, options);
    if options.archive {
        let mut archive = Archive::default().in_plane(plane.name());
        visit(kernel, &plane, options, &mut |step| {
            if let Some(step) = step {
                archive.entries.push(read(step)?.0);
            }
            Ok(())
        })?;
        // `ioreg` writes nothing then, and not an empty list.
        return if archive.entries.is_empty() { Ok(()) } else { Ok(archive.write_xml(out)?) };
    }
    let style = TextOptions {
        inheritance: options.inheritance,
        hexadecimal: options.hexadecimal,
        ..TextOptions::default()
    };
    let mut drawing = Drawing::new(Cut::new(out, options.width), style);
    visit(kernel, &plane, options, &mut |step| match step {
        Some(step) => {
            let (entry, is_listed) = read(step)?;
            Ok(drawing.entry(&entry, step.has_next, step.has_children, is_listed)?)
        }
        None => Ok(drawing.end_tree()?),
    })?;
    Ok(drawing.flush()?)
}

/// Takes a step in a tree, or is told that the tree is complete, of which there may be another.
type Visitor<'v> = dyn FnMut(Option<&Step>) -> Result<(), Failure> + 'v;

/// Takes the steps of every tree that is asked for.
fn visit(
    kernel: &Kernel,
    plane: &Plane,
    options: &Options<'_>,
    visitor: &mut Visitor<'_>,
) -> Result<(), Failure> {
    let root = RegistryEntry::root(kernel)?;
    if !options.begin_at_matches {
        return Walk::of(root, plane, options.depth).try_for_each(|step| visitor(Some(&step?)));
    }
    let mut path: Vec<(RegistryEntry, usize)> = Vec::new();
    for step in Walk::of(root, plane, None) {
        let Step { entry, depth, .. } = step?;
        path.truncate(depth);
        // Up to where a tree that began further up has shown what there is.
        let mut shown = path.last().map_or(0, |&(_, shown)| shown);
        if shown <= depth && options.criteria.fit(&entry, plane)? {
            shown = options.depth.map_or(usize::MAX, |limit| depth.saturating_add(limit));
            let above = if options.show_way { depth } else { 0 };
            for (depth, (entry, _)) in path[..above].iter().enumerate() {
                visitor(Some(&Step { entry: entry.clone(), depth, has_next: false, has_children: true }))?;
            }
            for step in Walk::of(entry.clone(), plane, options.depth) {
                let step = step?;
                visitor(Some(&Step { depth: step.depth + above, ..step }))?;
            }
            visitor(None)?;
        }
        path.push((entry, shown));
    }
    Ok(())
}
