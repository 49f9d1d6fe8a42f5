//! A trace written as text.

use super::call::{Trace, TracedCall};
use super::line::{self, HEADER};
use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

/// A line that is to be written.
enum Event<'a> {
    /// A call, and its number if that is its beginning alone.
    Call(&'a TracedCall, Option<u64>),
    Ended(&'a TracedCall, u64),
    Lost(u64),
}

impl Trace {
    /// Writes it, in the order of its lines; a last line that was cut is left out.
    ///
    /// # Errors
    ///
    /// Those of `sink`.
    pub fn write(&self, mut sink: impl Write) -> io::Result<()> {
        self.write_lines(|line| sink.write_all(line.as_bytes()))?;
        sink.flush()
    }

    fn write_lines<E>(&self, mut write: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        let mut events = Vec::new();
        let mut number = 0;
        for call in &self.calls {
            if call.ended == Some(call.line) {
                events.push((call.line, Event::Call(call, None)));
                continue;
            }
            number += 1;
            events.push((call.line, Event::Call(call, Some(number))));
            events.extend(call.ended.map(|ended| (ended, Event::Ended(call, number))));
        }
        events.extend(self.lost.iter().map(|lost| (lost.line, Event::Lost(lost.calls))));
        events.sort_by_key(|(line, _)| *line);
        let mut text = format!("{HEADER}\n");
        let mut now = Duration::ZERO;
        for (_, event) in events {
            write(&text)?;
            text.clear();
            match event {
                Event::Call(call, number) => {
                    now = now.max(call.at);
                    call.write_begin(&mut text);
                    match number {
                        Some(number) => line::write_begun(&mut text, number),
                        None => {
                            text.push(')');
                            call.write_end(&mut text);
                            line::write_took(&mut text, call.took.unwrap_or_default());
                        }
                    }
                }
                Event::Ended(call, number) => {
                    let ended = call.at.saturating_add(call.took.unwrap_or_default());
                    now = now.max(ended);
                    line::write_start(&mut text, ended, call.thread);
                    line::write_ended(&mut text, call.function, number);
                    call.write_end(&mut text);
                    text.push('\n');
                }
                Event::Lost(calls) => line::write_lost(&mut text, now, calls),
            }
        }
        if self.is_finished {
            line::write_finished(&mut text, now);
        }
        write(&text)
    }
}

impl TracedCall {
    /// As far as the last of its inputs.
    fn write_begin(&self, text: &mut String) {
        line::write_start(text, self.at, self.thread);
        line::write_function(text, self.function);
        for (name, field) in &self.inputs {
            line::write_input(text, name, &field.borrow());
        }
    }

    fn write_end(&self, text: &mut String) {
        let (returned, outputs) = match self.outputs.split_first() {
            Some((("", returned), outputs)) => (Some(returned.borrow()), outputs),
            _ => (None, &self.outputs[..]),
        };
        line::write_returned(text, returned.as_ref());
        for (name, field) in outputs {
            line::write_output(text, name, &field.borrow());
        }
    }
}

/// As [`write`](Trace::write) writes it.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_lines(|line| f.write_str(line))
    }
}

/// On one line, as a trace has calls that cannot wait.
impl fmt::Display for TracedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write_begin(&mut text);
        text.push(')');
        match self.ended {
            Some(_) => {
                self.write_end(&mut text);
                line::write_took(&mut text, self.took.unwrap_or_default());
            }
            None => text.push_str(" did not end"),
        }
        f.write_str(text.trim_end())
    }
}
