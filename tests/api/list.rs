//! The list of what a crate has public: an item a line, in sections by what a user needs to have it.

use crate::rustdoc::Crate;
use public_api::tokens::Token;
use public_api::{PublicApi, PublicItem};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

const PREAMBLE: &str = "\
# Written by `BLESS=1 tests/api/check`. A type is Send, Sync, Unpin, UnwindSafe and RefUnwindSafe where no line says
# otherwise. The methods of a trait are listed with the trait, not with each type that implements it.
";

/// What the compiler implements, by what is private in a type.
const AUTO_TRAITS: [&str; 5] = [
    "core::marker::Send",
    "core::marker::Sync",
    "core::marker::Unpin",
    "core::panic::unwind_safe::UnwindSafe",
    "core::panic::unwind_safe::RefUnwindSafe",
];

/// What the compiler implements, and no program can name.
const UNSTABLE_TRAITS: [&str; 3] =
    ["core::marker::Freeze", "core::marker::StructuralPartialEq", "core::marker::UnsafeUnpin"];

/// The list of a crate, of which each system has its own.
pub fn of(systems: &[(&str, Crate)]) -> Result<String, String> {
    let mut items = Vec::new();
    let mut needs = Vec::new();
    for (system, krate) in systems {
        items.extend(listed(&krate.all));
        needs.push((*system, needs_of(krate)?));
    }
    items.sort_by(|a, b| a.grouping_cmp(b));
    items.dedup();

    let mut sections = BTreeMap::<String, String>::new();
    for item in items.iter().map(ToString::to_string) {
        let mut conditions: Vec<_> =
            needs.iter().filter_map(|(system, needs)| Some((*system, needs.get(&item)?))).collect();
        if conditions.len() == needs.len() && conditions.iter().all(|(_, need)| *need == conditions[0].1) {
            conditions = vec![("", conditions[0].1)];
        }
        for (system, need) in conditions {
            _ = writeln!(sections.entry(format!("{need}{system}")).or_default(), "{item}");
        }
    }
    let mut list = PREAMBLE.to_owned();
    for (heading, items) in sections {
        _ = write!(list, "\n## {heading}\n\n{items}");
    }
    Ok(list)
}

/// What a user of the crate needs, to have each of its items on one system.
fn needs_of(krate: &Crate) -> Result<HashMap<String, String>, String> {
    let lines = |api| listed(api).map(ToString::to_string).collect::<HashSet<_>>();
    let plain = lines(&krate.plain);
    let with: Vec<_> = krate.with.iter().map(|(feature, api)| (feature, lines(api))).collect();
    let all = lines(&krate.all);
    if let Some(lost) =
        with.iter().flat_map(|(_, lines)| lines).chain(&plain).find(|item| !all.contains(*item))
    {
        return Err(format!("features must add, and together they take away: {lost}"));
    }
    let need = |item: &String| {
        if plain.contains(item) {
            return "Always".to_owned();
        }
        let features = with.iter().filter(|(_, lines)| lines.contains(item));
        let features: Vec<_> = features.map(|(feature, _)| format!("`{feature}`")).collect();
        if features.is_empty() {
            "With several features".into()
        } else {
            format!("With {}", features.join(" or "))
        }
    };
    Ok(all.iter().map(|item| (item.clone(), need(item))).collect())
}

/// The items that say something of the crate.
fn listed(api: &PublicApi) -> impl Iterator<Item = &PublicItem> {
    let implementations = api.items().filter(|item| Implementation::parse(&item.to_string()).is_some());
    let implementations: HashSet<_> = implementations.map(PublicItem::id).collect();
    api.items().filter(move |item| {
        let line = item.to_string();
        match Implementation::parse(&line) {
            Some(Implementation { name, .. }) if UNSTABLE_TRAITS.contains(&name) => false,
            Some(Implementation { name, is_there }) if AUTO_TRAITS.contains(&name) => {
                !is_there || line.contains(" where ")
            }
            Some(_) => true,
            None => {
                let is_function = item.tokens().any(|token| matches!(token, Token::Function(_)));
                !(is_function && item.parent_id().is_some_and(|parent| implementations.contains(&parent)))
            }
        }
    })
}

/// `impl<T> core::marker::Send for …`, or `!core::marker::Send`.
struct Implementation<'a> {
    name: &'a str,
    is_there: bool,
}

impl<'a> Implementation<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let line = line.strip_prefix("unsafe ").unwrap_or(line).strip_prefix("impl")?;
        let line = line[generics(line)..].trim_start();
        let (name, _) = line.split_once(" for ")?;
        let absent = name.strip_prefix('!');
        Some(Self { name: absent.unwrap_or(name), is_there: absent.is_none() })
    }
}

/// The length of the generic parameters that a text begins with.
fn generics(text: &str) -> usize {
    let mut depth = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            '>' if before != '-' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return if at == 0 { 0 } else { at + 1 };
        }
        before = c;
    }
    0
}

/// The lines that one list has and the other has not, below their headings.
pub fn changes(listed: &str, made: &str) -> String {
    let (listed, made) = (by_heading(listed), by_heading(made));
    let mut changes = BTreeSet::new();
    changes.extend(listed.difference(&made).map(|(heading, item)| (heading, item, '-')));
    changes.extend(made.difference(&listed).map(|(heading, item)| (heading, item, '+')));
    let mut text = String::new();
    let mut last = "";
    for (heading, item, sign) in changes {
        if *heading != last {
            _ = writeln!(text, "{heading}");
            last = heading;
        }
        _ = writeln!(text, "{sign} {item}");
    }
    text
}

fn by_heading(list: &str) -> BTreeSet<(&str, &str)> {
    let mut heading = "";
    let mut items = BTreeSet::new();
    for line in list.lines().filter(|line| !line.is_empty()) {
        if line.starts_with("## ") {
            heading = line;
        } else {
            items.insert((heading, line));
        }
    }
    items
}
