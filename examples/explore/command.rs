//! What the command line asks for.

use super::cli::Failure;
use super::hex;
use super::selection::Selection;
use std::ops::RangeInclusive;

pub(crate) enum Command {
    List { class: String },
    Show { selection: Selection },
    Open(Attempt),
    Call(Call),
    Dump(Dump),
}

pub(crate) struct Attempt {
    pub(crate) selection: Selection,
    pub(crate) connection_types: RangeInclusive<u32>,
    pub(crate) memory_types: Vec<RangeInclusive<u32>>,
}

pub(crate) struct Call {
    pub(crate) selection: Selection,
    pub(crate) connection_type: u32,
    pub(crate) selector: u32,
    pub(crate) scalars: Vec<u64>,
    pub(crate) structure: Option<Vec<u8>>,
    pub(crate) scalars_out: usize,
    pub(crate) bytes_out: Option<Room>,
}

/// Room for a structure that comes back.
#[derive(Clone, Copy)]
pub(crate) enum Room {
    Bytes(usize),
    /// As much as it takes.
    Any,
}

pub(crate) struct Dump {
    pub(crate) selection: Selection,
    pub(crate) connection_type: u32,
    pub(crate) memory_type: u32,
    pub(crate) offset: usize,
    pub(crate) length: usize,
}

const DEFAULT_LENGTH: usize = 256;

/// Most drivers have one connection type, and some a few.
const DEFAULT_TYPES: RangeInclusive<u32> = 0..=3;

/// Drivers count their memory from 0, families from 100 on.
const DEFAULT_MEMORY: [RangeInclusive<u32>; 2] = [0..=15, 100..=127];

impl Command {
    pub(crate) fn parse(words: &[&str]) -> Result<Self, Failure> {
        let (options, words) = Options::take(words)?;
        let command = match *words {
            ["list"] => Self::List { class: "IOService".into() },
            ["list", class] => Self::List { class: class.into() },
            ["show", service] => Self::Show { selection: Selection::parse(service)? },
            ["open", service] => Self::Open(Attempt {
                selection: Selection::parse(service)?,
                connection_types: options.connection_types.clone().unwrap_or(DEFAULT_TYPES),
                memory_types: options.memory_types.clone().map_or(DEFAULT_MEMORY.into(), |types| vec![types]),
            }),
            ["call", service, selector, ref scalars @ ..] => {
                let (bytes_out, scalars_out) = (options.bytes_out, options.scalars_out.unwrap_or(0));
                let scalars = scalars.iter().map(|scalar| number(scalar)).collect::<Result<_, _>>()?;
                let (selector, connection_type) = (number(selector)?, options.connection_type("call")?);
                let (selection, structure) = (Selection::parse(service)?, options.structure.clone());
                Self::Call(Call {
                    selection,
                    connection_type,
                    selector,
                    scalars,
                    structure,
                    scalars_out,
                    bytes_out,
                })
            }
            ["dump", service, memory_type] => Self::Dump(Dump {
                selection: Selection::parse(service)?,
                connection_type: options.connection_type("dump")?,
                memory_type: number(memory_type)?,
                offset: options.offset.unwrap_or(0),
                length: options.length.unwrap_or(DEFAULT_LENGTH),
            }),
            [command @ ("show" | "open" | "call" | "dump")] => {
                return usage(format!("`{command}` wants a service"));
            }
            ["call", _] => return usage("`call` wants a selector"),
            ["dump", _] => return usage("`dump` wants a memory type"),
            ["list" | "show" | "open", _, word, ..] | ["dump", _, _, word, ..] => {
                return usage(format!("unexpected argument `{word}`"));
            }
            [word, ..] => return usage(format!("unknown command `{word}`")),
            [] => return usage("no command"),
        };
        options.check(&command)?;
        Ok(command)
    }

    fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "list",
            Self::Show { .. } => "show",
            Self::Open(_) => "open",
            Self::Call(_) => "call",
            Self::Dump(_) => "dump",
        }
    }
}

#[derive(Default)]
struct Options {
    connection_types: Option<RangeInclusive<u32>>,
    memory_types: Option<RangeInclusive<u32>>,
    structure: Option<Vec<u8>>,
    scalars_out: Option<usize>,
    bytes_out: Option<Room>,
    offset: Option<usize>,
    length: Option<usize>,
}

impl Options {
    /// Takes the options out of the words.
    fn take<'a>(words: &[&'a str]) -> Result<(Self, Vec<&'a str>), Failure> {
        let (mut options, mut others) = (Self::default(), Vec::new());
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let mut value = |what| match words.next() {
                Some(&value) => Ok(value),
                None => usage(format!("`{word}` wants {what}")),
            };
            match word {
                "--type" => options.connection_types = Some(range(value("a number")?)?),
                "--memory" => options.memory_types = Some(range(value("a number")?)?),
                "--structure" => options.structure = Some(hex::parse(value("bytes")?).or_else(usage)?),
                "--scalars-out" => options.scalars_out = Some(number(value("a number")?)?),
                "--bytes-out" => {
                    options.bytes_out = Some(match value("a number, or `any`")? {
                        "any" => Room::Any,
                        bytes => Room::Bytes(number(bytes)?),
                    });
                }
                "--offset" => options.offset = Some(number(value("a number")?)?),
                "--length" => options.length = Some(number(value("a number")?)?),
                word => others.push(word),
            }
        }
        Ok((options, others))
    }

    /// The one connection type that a command opens a service with.
    fn connection_type(&self, command: &str) -> Result<u32, Failure> {
        match self.connection_types.as_ref().map(|types| (*types.start(), *types.end())) {
            None => Ok(0),
            Some((first, last)) if first == last => Ok(first),
            Some(_) => usage(format!("`{command}` wants one connection type")),
        }
    }

    /// Refuses what the command has no use for.
    fn check(&self, command: &Command) -> Result<(), Failure> {
        let opens = matches!(command, Command::Open(_));
        let (calls, dumps) = (matches!(command, Command::Call(_)), matches!(command, Command::Dump(_)));
        let given = [
            ("--type", self.connection_types.is_some(), opens || calls || dumps),
            ("--memory", self.memory_types.is_some(), opens),
            ("--structure", self.structure.is_some(), calls),
            ("--scalars-out", self.scalars_out.is_some(), calls),
            ("--bytes-out", self.bytes_out.is_some(), calls),
            ("--offset", self.offset.is_some(), dumps),
            ("--length", self.length.is_some(), dumps),
        ];
        match given.iter().find(|(_, given, useful)| *given && !useful) {
            Some((option, ..)) => usage(format!("`{}` has no use for `{option}`", command.name())),
            None => Ok(()),
        }
    }
}

/// `7`, or `0-9`.
fn range(word: &str) -> Result<RangeInclusive<u32>, Failure> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let (first, last) = (number(first)?, number(last)?);
    if first <= last { Ok(first..=last) } else { usage(format!("`{word}` is no range")) }
}

/// A number of whatever size is wanted.
pub(super) fn number<N: TryFrom<u64>>(word: &str) -> Result<N, Failure> {
    let value = match word.strip_prefix("0x") {
        Some(digits) if !digits.starts_with('+') => u64::from_str_radix(digits, 16).ok(),
        Some(_) => None,
        None => word.parse().ok(),
    };
    match value.map(N::try_from) {
        Some(Ok(value)) => Ok(value),
        Some(Err(_)) => usage(format!("`{word}` is too large")),
        None => usage(format!("`{word}` is no number")),
    }
}

fn usage<T>(complaint: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Usage(complaint.into()))
}
