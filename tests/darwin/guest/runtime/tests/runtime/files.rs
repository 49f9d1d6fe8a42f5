//! Files and directories.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use crate::Directory;

#[test]
fn what_is_written_is_read() {
    let directory = Directory::new();
    let path = directory.join("file");
    fs::write(&path, b"hello").unwrap();
    let metadata = fs::metadata(&path).unwrap();
    assert!(metadata.is_file() && metadata.len() == 5 && metadata.nlink() == 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), "hello");
    fs::remove_file(&path).unwrap();
    assert!(!path.exists());
}

#[test]
fn files_are_opened_as_asked() {
    let directory = Directory::new();
    let path = directory.join("file");
    OpenOptions::new().write(true).create_new(true).open(&path).unwrap().write_all(b"one").unwrap();
    let again = OpenOptions::new().write(true).create_new(true).open(&path).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AlreadyExists);
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"two").unwrap();
    let mut file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(2)).unwrap();
    file.write_all(b"E").unwrap();
    file.set_len(5).unwrap();
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "onEtw");
    file.sync_all().unwrap();
    assert_eq!(File::create(&path).unwrap().metadata().unwrap().len(), 0);
}

#[test]
fn files_are_copied() {
    let directory = Directory::new();
    fs::write(directory.join("from"), "contents").unwrap();
    fs::set_permissions(directory.join("from"), fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(fs::copy(directory.join("from"), directory.join("to")).unwrap(), 8);
    assert_eq!(fs::read(directory.join("to")).unwrap(), b"contents");
    assert_eq!(directory.join("to").metadata().unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn directories_list_what_they_hold() {
    let directory = Directory::new();
    let names: BTreeSet<_> = (0..40).map(|number| format!("entry-{number}-{}", "x".repeat(number))).collect();
    for name in &names {
        fs::create_dir_all(directory.join(name).join("inner")).unwrap();
    }
    fs::write(directory.join("file"), "").unwrap();
    let entries: Vec<_> = fs::read_dir(&directory.0).unwrap().map(Result::unwrap).collect();
    let is_directory = |entry: &&fs::DirEntry| entry.file_type().unwrap().is_dir();
    let listed = entries.iter().filter(is_directory).map(|entry| entry.file_name().into_string().unwrap());
    assert_eq!(listed.collect::<BTreeSet<_>>(), names);
    assert_eq!(entries.len(), names.len() + 1);
}

#[test]
fn directories_are_removed_with_what_they_hold() {
    let directory = Directory::new();
    fs::create_dir_all(directory.join("a/b/c")).unwrap();
    fs::write(directory.join("a/b/file"), "").unwrap();
    fs::remove_dir_all(directory.join("a")).unwrap();
    assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 0);
}

#[test]
fn links_lead_to_their_files() {
    let directory = Directory::new();
    fs::write(directory.join("file"), "linked").unwrap();
    std::os::unix::fs::symlink("file", directory.join("symbolic")).unwrap();
    fs::hard_link(directory.join("file"), directory.join("hard")).unwrap();
    assert_eq!(fs::read_to_string(directory.join("symbolic")).unwrap(), "linked");
    assert_eq!(fs::read_link(directory.join("symbolic")).unwrap().as_os_str(), "file");
    assert!(directory.join("symbolic").symlink_metadata().unwrap().is_symlink());
    assert_eq!(
        directory.join("hard").metadata().unwrap().ino(),
        directory.join("file").metadata().unwrap().ino()
    );
    let file = directory.0.canonicalize().unwrap().join("file");
    assert_eq!(directory.join("symbolic").canonicalize().unwrap(), file);
    fs::rename(directory.join("hard"), directory.join("renamed")).unwrap();
    assert!(directory.join("renamed").exists() && !directory.join("hard").exists());
}

#[test]
fn permissions_are_kept() {
    let directory = Directory::new();
    fs::write(directory.join("file"), "").unwrap();
    fs::set_permissions(directory.join("file"), fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(directory.join("file").metadata().unwrap().mode(), 0o100_400);
    assert!(directory.join("file").metadata().unwrap().permissions().readonly());
}

#[test]
fn descriptors_are_duplicated() {
    let directory = Directory::new();
    fs::write(directory.join("file"), "shared offset").unwrap();
    let mut file = File::open(directory.join("file")).unwrap();
    let mut copy = file.try_clone().unwrap();
    let (mut first, mut rest) = ([0; 7], String::new());
    file.read_exact(&mut first).unwrap();
    copy.read_to_string(&mut rest).unwrap();
    assert_eq!((&first, rest.as_str()), (b"shared ", "offset"));
}
