//! `ioreg`: what it draws and archives, and what it makes of files.

use super::ioreg::options::Options;
use super::ioreg::{PROGRAM, show};
use iokit_uc::sim::{EntryId, Machine, Nub};
use iokit_uc::{Value, archive::Archive};
use std::fs;
use std::path::PathBuf;
use unicode_width::UnicodeWidthChar;

every_example!();

/// Without what is the kernel's own affair: how often it holds an object, and how long making the machine has taken.
fn settled(text: &str) -> String {
    let settled = |line: &str| {
        let (line, end) = match line.split_once(", retain ") {
            Some((line, _)) => (line, ">\n"),
            None => (line, "\n"),
        };
        let (line, _) =
            line.rsplit_once(" (").filter(|(_, time)| time.ends_with(" ms)")).unwrap_or((line, ""));
        format!("{line}{end}")
    };
    text.lines().map(settled).collect()
}

fn shown(arguments: &[&str]) -> String {
    let (code, out, complaints) = run(arguments);
    assert_eq!((code, &*complaints), (0, ""), "{out}");
    settled(&out)
}

#[test]
fn explains_itself() {
    assert_eq!(run(&["--help"]), (0, PROGRAM.usage.into(), String::new()));
}

#[test]
fn draws_the_notebook() {
    assert_eq!(shown(&[]), include_str!("../../examples/ioreg/notebook.txt"));
}

#[test]
fn goes_along_a_plane_with_its_names_and_locations() {
    let expected = "\
+-o Root  <class IORegistryEntry, id 0x100000100>
  +-o AppleUSBXHCIPCI@14000000  <class AppleUSBXHCIPCI, id 0x100000115, registered, matched, active, busy 0>
    +-o Apple Internal Keyboard / Trackpad@14500000  <class IOUSBHostDevice, id 0x10000011a, registered, matched, active, busy 0>
    +-o FaceTime HD Camera (Built-in)@14700000  <class IOUSBHostDevice, id 0x100000120, registered, matched, active, busy 0>
";
    assert_eq!(shown(&["-p", "IOUSB"]), expected);
    let device_tree = shown(&["-pIODeviceTree", "-rn", "igpu@2"]);
    assert!(device_tree.starts_with("+-o igpu@2  <class IOPCIDevice, "), "{device_tree}");
    assert!(shown(&["-rn", "IGPU"]).starts_with("+-o IGPU@2  <class IOPCIDevice, "));
}

#[test]
fn an_unknown_plane_is_an_error_that_names_those_there_are() {
    let (code, out, complaints) = run(&["-p", "IOCoffee"]);
    assert_eq!((code, &*out), (1, ""));
    let expected = "there is no plane `IOCoffee`, but IOService, IOPower, IODeviceTree, IOUSB\n";
    assert!(complaints.ends_with(expected), "{complaints}");
}

#[test]
fn shows_the_properties_of_what_is_asked_for() {
    let expected = r#"+-o IONVMeBlockStorageDevice@1  <class IONVMeBlockStorageDevice, id 0x10000010c, registered, matched, active, busy 0>
  +-o IOBlockStorageDriver  <class IOBlockStorageDriver, id 0x10000010d, !registered, !matched, active, busy 0>
    | {
    |   "IOClass" = "IOBlockStorageDriver"
    |   "IOProviderClass" = "IOBlockStorageDevice"
    |   "IOProbeScore" = 0
    |   "IOMatchCategory" = "IODefaultMatchCategory"
    | }
    | 
    +-o APPLE SSD AP0512M Media  <class IOMedia, id 0x10000010e, registered, matched, active, busy 0>
        {
          "BSD Name" = "disk0"
          "Size" = 500277790720
          "Preferred Block Size" = 512
          "Whole" = Yes
          "Writable" = Yes
        }
        
"#;
    let drawing = shown(&["-rc", "IOBlockStorageDevice", "-k", "IOClass"]);
    assert_eq!(drawing, "");
    let tree = shown(&["-rlc", "IOBlockStorageDevice"]);
    // The device's own properties come first.
    let own = |(index, _): &(usize, &str)| (1..5).contains(index);
    let others = tree.split_inclusive('\n').enumerate().filter(|line| !own(line)).map(|(_, line)| line);
    assert_eq!(others.collect::<String>(), format!("{expected}\n"));
    let whole = shown(&["-c", "IOStorage"]);
    let storage = ["\"IOClass\" = \"IOBlockStorageDriver\"\n", "\"BSD Name\" = \"disk0\"\n"];
    assert!(storage.iter().all(|property| whole.contains(property)), "{whole}");
    assert_eq!((whole.matches("{\n").count(), shown(&["-l"]).matches("{\n").count()), (2, 35), "{whole}");
}

#[test]
fn all_criteria_have_to_fit() {
    let names = |arguments: &[&str]| {
        let trees = shown(arguments);
        let roots = trees.lines().filter_map(|line| line.strip_prefix("+-o "));
        roots.map(|root| root.split_once("  <").unwrap().0.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&["-rc", "IOPCIDevice"]), ["IGPU@2", "ANS2@1d", "XHC1@14"]);
    assert_eq!(names(&["-rc", "IOPCIDevice", "-n", "ANS2"]), ["ANS2@1d"]);
    assert_eq!(names(&["-rc", "IOService", "-k", "BSD Name"]), ["APPLE SSD AP0512M Media"]);
    assert_eq!(names(&["-rc", "IOStorage", "-n", "ANS2"]), [""; 0]);
    assert_eq!(names(&["-rn", "ANS2@1e"]), [""; 0]);
    assert_eq!(names(&["-rn", "ANS2@"]), [""; 0]);
    // What a tree shows begins none of its own, unless the tree ends above it.
    assert_eq!(names(&["-rc", "AppleUSBHostPort", "-n", "HS05"]), ["HS05@14500000"]);
    assert_eq!(names(&["-rc", "IOUSBNub"]).len(), 2);
    assert_eq!(names(&["-rc", "IOUSBNub", "-d", "1"]).len(), 6);
}

#[test]
fn a_depth_is_that_of_each_tree() {
    let expected = "\
+-o HS05@14500000  <class AppleUSB20XHCIPort, id 0x100000118, registered, matched, active, busy 0>
    {
      \"port\" = 5
    }
    

";
    assert_eq!(shown(&["-rd1", "-n", "HS05"]), expected);
    assert_eq!(shown(&["-r", "-d", "1", "-nHS05"]), expected);
    assert_eq!(shown(&["-d2"]).lines().count(), 2);
    assert_eq!(shown(&["-d0"]), shown(&[]));
}

#[test]
fn shows_how_one_gets_to_a_tree() {
    let expected = "\
+-o Root  <class IORegistryEntry, id 0x100000100>
  +-o MacBookPro15,1  <class IOPlatformExpertDevice, id 0x100000101, registered, matched, active, busy 0>
    +-o AppleACPIPlatformExpert  <class AppleACPIPlatformExpert, id 0x100000104, registered, matched, active, busy 0>
      +-o SMC  <class IOACPIPlatformDevice, id 0x10000010f, registered, matched, active, busy 0>
        +-o AppleSMC  <class AppleSMC, id 0x100000110, registered, matched, active, busy 0>
            {
              \"IOClass\" = \"AppleSMC\"
            }
            

";
    assert_eq!(shown(&["-rtc", "AppleSMC"]), expected);
    assert_eq!(shown(&["-t"]), shown(&[]));
}

#[test]
fn shows_from_what_a_class_is_derived() {
    let expected = "+-o XHC1@14  <class IORegistryEntry:IOService:IOPCIDevice, id ";
    assert!(shown(&["-irn", "XHC1"]).starts_with(expected));
}

#[test]
fn shows_numbers_and_data_in_hexadecimal() {
    let decimal = shown(&["-rn", "AppleUSBXHCIPCI"]);
    assert!(decimal.contains("\"locationID\" = 335544320\n"), "{decimal}");
    let hexadecimal = shown(&["-xrn", "AppleUSBXHCIPCI"]);
    assert!(hexadecimal.contains("\"locationID\" = 0x14000000\n"), "{hexadecimal}");
    assert!(shown(&["-rn", "PCI0"]).contains("\"compatible\" = <\"PNP0A08\",\"PNP0A03\">\n"));
    assert!(shown(&["-xrn", "PCI0"]).contains("\"compatible\" = <504e503041303800504e503041303300>\n"));
}

/// What is shown of a machine.
fn shown_of(machine: &Machine, arguments: &[&str]) -> String {
    let mut out = Vec::new();
    let Ok(options) = Options::parse(arguments) else { panic!("{arguments:?}") };
    assert!(show(&machine.task("test").kernel(), &options, &mut out).is_ok());
    machine.assert_clean();
    String::from_utf8(out).unwrap()
}

#[test]
fn lines_are_cut_by_columns_and_between_letters() {
    let machine = Machine::new();
    machine.publish(
        Nub::new("Disk")
            .name("東京ディスク")
            .property("Größe", 1u32)
            .property("Zwei\nZeilen", "ja")
            .property("e\u{301}", "é"),
    );
    let drawing = |width: usize| shown_of(&machine, &["-rw", &width.to_string(), "-c", "Disk"]);
    assert!(drawing(0).starts_with("+-o 東京ディスク  <class Disk, id "));
    let expected = "\
+-o 東京デ$
    {
      \"Grö$
      \"Zwei
Zeilen\" = $
      \"e\u{301}\" $
    }
    

";
    assert_eq!(drawing(11), expected);
    for width in 1..40 {
        for line in drawing(width).lines() {
            let columns: usize = line.chars().filter_map(UnicodeWidthChar::width).sum();
            assert!(columns <= width, "{width}: {line}");
        }
    }
}

/// A file that goes with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, contents: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("iokit-uc-{}-{name}", std::process::id()));
        fs::write(&path, contents).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left over there bothers nobody.
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn what_it_has_written_it_shows_again() {
    let (_, list, _) = run(&["-al"]);
    let (_, text, _) = run(&["-l"]);
    for (name, written) in [("list.plist", &list), ("list.txt", &text)] {
        let file = Scratch::new(name, written.as_bytes());
        assert_eq!(shown(&["-l", file.path()]), settled(&text), "{name}");
        assert_eq!(shown(&["-rc", "IOPCIDevice", file.path()]), shown(&["-rc", "IOPCIDevice"]), "{name}");
    }
}

#[test]
fn an_archive_has_the_properties_of_what_is_asked_for() {
    let (_, list, _) = run(&["-ac", "IOMedia"]);
    let archive = Archive::from_plist(list.as_bytes()).unwrap();
    let listed = archive.entries.iter().filter(|entry| !entry.properties.is_empty());
    assert_eq!(listed.map(|entry| &*entry.class).collect::<Vec<_>>(), ["IOMedia"]);
    let (_, list, _) = run(&["-arc", "IOPCIDevice"]);
    let archive = Archive::from_plist(list.as_bytes()).unwrap();
    let roots = archive.entries.iter().filter(|entry| entry.depth == 0);
    assert_eq!(
        roots.map(|entry| entry.name_and_location()).collect::<Vec<_>>(),
        ["IGPU@2", "ANS2@1d", "XHC1@14"]
    );
    assert_eq!(run(&["-arc", "NoSuchClass"]), (0, String::new(), String::new()));
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_that_says_where_and_why() {
    let (code, out, complaints) = run(&["/no/such/file"]);
    assert_eq!((code, &*out), (1, ""));
    assert!(complaints.starts_with("error: /no/such/file: "), "{complaints}");
    let damaged =
        b"+-o Root  <class IORegistryEntry, id 0x100000100, retain 11>\n    {\n      \"a\" = (1,\n    }\n";
    let file = Scratch::new("damaged.txt", damaged);
    let (code, out, complaints) = run(&[file.path()]);
    assert_eq!((code, &*out), (1, ""));
    assert!(complaints.contains("line 3"), "{complaints}");
}

#[test]
fn an_entry_with_two_parents_is_shown_under_each_of_them() {
    let machine = Machine::new();
    let [left, right] = ["Left", "Right"].map(|class| machine.publish(Nub::new(class)));
    machine.publish(Nub::new("Child").provider(left).provider(right));
    let drawing = shown_of(&machine, &[]);
    assert_eq!(drawing.matches("+-o Child").count(), 2, "{drawing}");
    assert!(drawing.contains("    | +-o Child") && drawing.contains("      +-o Child"), "{drawing}");
}

#[test]
fn depth_costs_no_stack() {
    let machine = Machine::new();
    let attach = |provider: Option<EntryId>, _| {
        let nub = Nub::new("Link").property("value", Value::array([1u32]));
        Some(machine.publish(match provider {
            Some(provider) => nub.provider(provider),
            None => nub,
        }))
    };
    (0..if cfg!(miri) { 20 } else { 2000 }).fold(None, attach);
    let drawing = shown_of(&machine, &["-w", "40"]);
    assert_eq!(drawing.lines().last().map(str::len), Some(40));
}

#[test]
fn complains_of_a_command_line_that_makes_no_sense() {
    let bad = [
        (&["-z"][..], "unknown flag `-z`"),
        (&["-lz"], "unknown flag `-z`"),
        (&["--machines"], "unknown flag `--`"),
        (&["-n"], "`-n` wants a value"),
        (&["-d", "deep"], "`-d` wants a number, and `deep` is none"),
        (&["-w-1"], "`-w` wants a number, and `-1` is none"),
        (&["-r"], "`-r` wants `-c`, `-k` or `-n`"),
        (&["a", "b"], "`a` and `b`: one file can be shown"),
        (&["--host", "a"], "a file and `--host` exclude each other"),
    ];
    for (arguments, complaint) in bad {
        let expected = format!("error: {complaint}\n\n{}", PROGRAM.usage);
        assert_eq!(run(arguments), (2, String::new(), expected));
    }
}
