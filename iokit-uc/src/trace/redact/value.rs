//! Secrets in property lists. Nothing here recurses.

use super::known::Known;
use super::{Redaction, State, is_secret_leaf};
use crate::value::{Dictionary, Value};
use std::collections::HashMap;

/// What is in a collection, with its keys if it has any, and whether it is a secret.
fn contents(value: &Value, rules: &Redaction, is_secret: bool) -> Option<Vec<(Option<String>, Value, bool)>> {
    if let Some(list) = value.as_array().or_else(|| value.as_set()) {
        return Some(list.iter().map(|value| (None, value.clone(), is_secret)).collect());
    }
    let entries = value.as_dictionary()?.iter();
    Some(
        entries
            .map(|(key, value)| (Some(key.to_owned()), value.clone(), is_secret || rules.is_secret(key)))
            .collect(),
    )
}

/// Learns what is under keys of secrets.
pub(super) fn learn(value: &Value, rules: &Redaction, is_secret: bool, known: &mut Known) {
    let mut seen = std::collections::HashSet::new();
    let mut pending = vec![(value.clone(), is_secret)];
    while let Some((value, is_secret)) = pending.pop() {
        if value.identity().is_some_and(|identity| !seen.insert((identity, is_secret))) {
            continue;
        }
        match contents(&value, rules, is_secret) {
            Some(contents) => {
                pending.extend(contents.into_iter().map(|(_, value, is_secret)| (value, is_secret)))
            }
            None if is_secret => {
                let bytes = value.as_str().map(str::as_bytes).or_else(|| value.as_data());
                bytes.into_iter().for_each(|bytes| known.add(bytes));
                let number = value.as_number().and_then(|number| number.as_u64());
                number.into_iter().for_each(|number| known.add_number(number));
            }
            None => {}
        }
    }
}

/// A collection that is being made anew.
struct Frame {
    value: Value,
    is_secret: bool,
    rest: std::vec::IntoIter<(Option<String>, Value, bool)>,
    /// The key of what comes next.
    key: Option<String>,
    made: Vec<(Option<String>, Value)>,
    changed: bool,
}

/// The value without its secrets, if it has any.
pub(super) fn redact(value: &Value, rules: &Redaction, is_secret: bool, state: &mut State) -> Option<Value> {
    // What is shared stays so: how it came out, by what it was, which is there as long as `value`, and whether as a secret.
    let mut known: HashMap<(*const (), bool), Option<Value>> = HashMap::new();
    let mut frames: Vec<Frame> = Vec::new();
    let mut next = (value.clone(), is_secret);
    loop {
        let (value, is_secret) = next;
        let identity = value.identity().map(|identity| (identity, is_secret));
        let mut result = match identity.and_then(|identity| known.get(&identity)) {
            Some(result) => (value, result.clone()),
            None => match contents(&value, rules, is_secret) {
                Some(contents) => {
                    let rest = contents.into_iter();
                    frames.push(Frame {
                        value,
                        is_secret,
                        rest,
                        key: None,
                        made: Vec::new(),
                        changed: false,
                    });
                    // As if it was over with what came before the first.
                    match advance(&mut frames, rules, state) {
                        Some(within) => {
                            next = within;
                            continue;
                        }
                        None => end(&mut frames, &mut known),
                    }
                }
                None => {
                    let result = leaf(&value, rules, is_secret, state);
                    identity.map(|identity| known.insert(identity, result.clone()));
                    (value, result)
                }
            },
        };
        next = loop {
            let Some(frame) = frames.last_mut() else { return result.1 };
            let (value, other) = result;
            frame.changed |= other.is_some();
            frame.made.push((frame.key.take(), other.unwrap_or(value)));
            match advance(&mut frames, rules, state) {
                Some(within) => break within,
                None => result = end(&mut frames, &mut known),
            }
        };
    }
}

/// What comes next in the innermost collection.
fn advance(frames: &mut [Frame], rules: &Redaction, state: &mut State) -> Option<(Value, bool)> {
    let frame = frames.last_mut()?;
    let (key, value, is_secret) = frame.rest.next()?;
    frame.key = key.map(|key| match state.text(rules, key.as_bytes()).map(String::from_utf8) {
        Some(Ok(other)) => {
            frame.changed = true;
            other
        }
        _ => key,
    });
    Some((value, is_secret))
}

/// Ends the innermost collection: what it was, and what it is if that is another.
fn end(
    frames: &mut Vec<Frame>,
    known: &mut HashMap<(*const (), bool), Option<Value>>,
) -> (Value, Option<Value>) {
    let Some(Frame { value, is_secret, made, changed, .. }) = frames.pop() else {
        return (Value::from(false), None);
    };
    let result = changed.then(|| {
        if value.as_dictionary().is_some() {
            let entries = made.into_iter().map(|(key, value)| (key.unwrap_or_default(), value));
            return entries.collect::<Dictionary>().into();
        }
        let elements: Vec<Value> = made.into_iter().map(|(_, value)| value).collect();
        if value.as_set().is_some() { Value::set(elements) } else { Value::from(elements) }
    });
    if let Some(identity) = value.identity() {
        known.insert((identity, is_secret), result.clone());
    }
    (value, result)
}

fn leaf(value: &Value, rules: &Redaction, is_secret: bool, state: &mut State) -> Option<Value> {
    let is_secret = is_secret && is_secret_leaf(value);
    if let Some(text) = value.as_str() {
        if is_secret {
            return Some(state.pseudonyms.text(text).into());
        }
        let other = state.text(rules, text.as_bytes())?;
        return String::from_utf8(other).ok().map(Value::from);
    }
    if let Some(bytes) = value.as_data() {
        let other = if is_secret { state.secret_bytes(bytes) } else { state.bytes(rules, bytes) };
        return other.map(Value::from);
    }
    let number = value.as_number()?;
    let raw = number.as_u64()?;
    let other = match is_secret {
        true => state.pseudonyms.number(raw),
        false if number.bits() == 64 => state.word(rules, raw)?,
        false => return None,
    };
    Some(match number.bits() {
        8 => (other as u8).into(),
        16 => (other as u16).into(),
        32 => (other as u32).into(),
        _ => other.into(),
    })
}
