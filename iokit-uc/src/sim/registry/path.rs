//! Paths, both ways (REG-7 … REG-13).

use crate::sim::keys::ObjectKey;
use crate::sim::place::PlaneKey;
use crate::sim::state::State;
use crate::value::Value;

/// The most bytes of a path that fit `IORegistryEntryGetPath` (REG-8).
pub(in crate::sim) const PATH: usize = 509;

/// The most bytes of a path that fit `IORegistryEntryCopyPath` (REG-8).
pub(in crate::sim) const LONG_PATH: usize = 16 * 1024 - 3;

/// The longest name of a plane or an alias in a path, in bytes (REG-10).
const SHORT_NAME: usize = 31;

/// The most of a name and of a location that comes into a path (REG-6).
const COMPONENT: usize = 128;

/// How many aliases may lead to one another. The kernel has no limit but its stack's.
const ALIASES: u32 = 16;

/// The entry whose properties are a plane's aliases (REG-9).
const ALIASES_PATH: &[u8] = b"/aliases";

impl State {
    /// An entry's path of at most `max` bytes; none if it is longer, or if the entry is not below the plane's root.
    pub(in crate::sim) fn path_of(&self, object: ObjectKey, plane: PlaneKey, max: usize) -> Option<Vec<u8>> {
        let aliases = self.aliases(plane);
        let alias_of = |object| {
            let names = aliases.iter().filter(|(entry, _)| *entry == object).map(|(_, name)| *name);
            // The first of several that are equally short.
            names.min_by_key(|name| name.len())
        };
        let fits = |path: &[u8]| path.len() <= max;
        let mut path = self.planes.name(plane).as_bytes().to_vec();
        path.push(b':');
        let start = path.len();
        if let Some(alias) = alias_of(object) {
            path.extend(alias.as_bytes());
            return Some(path).filter(|path| fits(path));
        }
        let root = self.children(self.root, plane).next()?;
        let (mut below, mut entry) = (Vec::new(), object);
        while entry != root {
            below.push(entry);
            entry = self.parent(entry, plane)?;
        }
        if below.is_empty() {
            path.push(b'/');
        }
        for entry in below.into_iter().rev() {
            if let Some(alias) = alias_of(entry) {
                path.truncate(start);
                path.extend(alias.as_bytes());
            } else {
                let before = path.len();
                path.push(b'/');
                path.extend(component(self.name_in(entry, Some(plane))));
                if let Some(location) = self.location_in(entry, Some(plane)) {
                    path.push(b'@');
                    path.extend(component(location));
                }
                if path.len() == before + 1 {
                    // Without a name and a location it is passed over.
                    path.pop();
                }
            }
            if !fits(&path) {
                return None;
            }
        }
        Some(path)
    }

    /// The entries that a plane's aliases lead to, each with the alias's name.
    fn aliases(&self, plane: PlaneKey) -> Vec<(ObjectKey, &str)> {
        let Some(aliases) = self.find_in(ALIASES_PATH, plane, 0) else { return Vec::new() };
        let properties = self.entry(aliases).into_iter().flat_map(|entry| entry.properties.iter());
        properties
            .filter_map(|(name, value)| Some((self.find_in(alias_path(value)?, plane, ALIASES)?, name)))
            .collect()
    }

    /// The entry that a path leads to (REG-10). The path ends at its first NUL.
    pub(in crate::sim) fn entry_at_path(&self, path: impl AsRef<[u8]>) -> Option<ObjectKey> {
        let path = path.as_ref();
        let colon = path.iter().position(|&byte| byte == b':').filter(|&colon| colon <= SHORT_NAME)?;
        let plane = self.plane(std::str::from_utf8(&path[..colon]).ok()?)?;
        self.find_in(&path[colon + 1..], plane, ALIASES)
    }

    /// The entry that a path within a plane leads to, over so many aliases at most.
    fn find_in(&self, path: &[u8], plane: PlaneKey, aliases: u32) -> Option<ObjectKey> {
        let (mut at, mut rest) = match path.strip_prefix(b"/") {
            Some(rest) => {
                let root = self.children(self.root, plane).next()?;
                match self.child_of_component(root, rest, plane) {
                    Some(found) => found,
                    None => return end(rest).is_none().then_some(root),
                }
            }
            None => self.find_alias(path, plane, aliases.checked_sub(1)?)?,
        };
        while end(rest) == Some(b'/') {
            (at, rest) = self.child_of_component(at, &rest[1..], plane)?;
        }
        // Whatever is left makes it fail (REG-13).
        end(rest).is_none().then_some(at)
    }

    /// What the alias at the start of a path stands for, and what follows it.
    fn find_alias<'a>(&self, path: &'a [u8], plane: PlaneKey, aliases: u32) -> Option<(ObjectKey, &'a [u8])> {
        let len = path.iter().position(|byte| matches!(byte, 0 | b'/' | b':')).unwrap_or(path.len());
        if len > SHORT_NAME {
            return None;
        }
        let (name, rest) = path.split_at(len);
        let entry = self.find_in(ALIASES_PATH, plane, 0)?;
        let value = self.property(entry, std::str::from_utf8(name).ok()?)?;
        Some((self.find_in(alias_path(value)?, plane, aliases)?, rest))
    }

    /// The first child that the next component of a path fits, and what follows it (REG-11).
    fn child_of_component<'a>(
        &self,
        parent: ObjectKey,
        path: &'a [u8],
        plane: PlaneKey,
    ) -> Option<(ObjectKey, &'a [u8])> {
        self.children(parent, plane).find_map(|child| {
            let rest = if path.first() == Some(&b'@') {
                path
            } else {
                let rest = path.strip_prefix(up_to_nul(self.name_in(child, Some(plane)).as_bytes()))?;
                if matches!(end(rest), None | Some(b'/' | b':')) {
                    return Some((child, rest));
                }
                rest
            };
            let location = self.location_in(child, Some(plane))?;
            Some((child, after_location(rest.strip_prefix(b"@")?, up_to_nul(location.as_bytes()))?))
        })
    }
}

/// What follows a location in a path, if it is this one: numbers are compared, field by field (REG-12).
fn after_location<'a>(path: &'a [u8], location: &[u8]) -> Option<&'a [u8]> {
    let (mut path, mut path_goes_on) = (path, !path.is_empty());
    let (mut location, mut location_goes_on) = (location, !location.is_empty());
    if !path_goes_on {
        // The `@` is left over, which nothing may be.
        return None;
    }
    loop {
        let (in_path, in_location);
        let mut separator = None;
        (in_path, path) = if path_goes_on { field(path) } else { (0, path) };
        (in_location, location) = if location_goes_on { field(location) } else { (0, location) };
        if path_goes_on {
            separator = end(path).filter(|byte| matches!(byte, b',' | b':'));
        }
        let other = if location_goes_on { end(location) } else { None };
        if in_path != in_location {
            return None;
        }
        if separator.is_none() && other.is_none() {
            return Some(path);
        }
        if separator.is_some() && other.is_some() && separator != other {
            return None;
        }
        path_goes_on = separator.is_some();
        location_goes_on = other.is_some();
        path = if path_goes_on { &path[1..] } else { path };
        location = if location_goes_on { &location[1..] } else { location };
    }
}

/// A hexadecimal number, and what follows it.
fn field(text: &[u8]) -> (u64, &[u8]) {
    let digits = text.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(digits);
    let value = digits.iter().fold(0u64, |value, &digit| {
        let digit = char::from(digit).to_digit(16).unwrap_or(0);
        if value.leading_zeros() < 4 { u64::MAX } else { value << 4 | u64::from(digit) }
    });
    (value, rest)
}

/// The next character of a path, which ends at a NUL.
fn end(path: &[u8]) -> Option<u8> {
    path.first().copied().filter(|&byte| byte != 0)
}

fn up_to_nul(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == 0).next().unwrap_or_default()
}

fn component(text: &str) -> &[u8] {
    let text = up_to_nul(text.as_bytes());
    &text[..text.len().min(COMPONENT)]
}

/// The path that an alias stands for.
fn alias_path(value: &Value) -> Option<&[u8]> {
    value.as_data().or_else(|| value.as_str().map(str::as_bytes)).map(up_to_nul)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reg_12_locations_are_compared_as_hexadecimal_fields() {
        let same = |path: &str, location: &str| {
            after_location(path.as_bytes(), location.as_bytes())
                .map(|rest| String::from_utf8(rest.to_vec()).unwrap())
        };
        for (path, location, rest) in [
            ("1", "1", Some("")),
            ("0A", "a", Some("")),
            ("1", "1,0", Some("")),
            ("1,0", "1", Some("")),
            ("1,0,0:", "1", Some("")),
            ("1,2", "1,2", Some("")),
            ("1,2", "1", None),
            ("1", "1,2", None),
            ("1,2", "1:2", None),
            ("1:2", "1:2", Some("")),
            ("1:0", "1", Some("")),
            ("1/next", "1", Some("/next")),
            ("1/2", "1,0", Some("/2")),
            ("1x", "1", Some("x")),
            ("", "0", None),
            (",", "0", Some("")),
            ("2", "1", None),
            ("ffffffffffffffff", "ffffffffffffffff", Some("")),
            ("10000000000000000", "ffffffffffffffff", Some("")),
        ] {
            assert_eq!(same(path, location).as_deref(), rest, "{path} and {location}");
        }
    }
}
