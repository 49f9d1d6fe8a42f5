//! The driver's dispatch table.

use super::text::{comment, literal};
use super::{Header, Names};
use crate::interface::{Checks, Legacy, Method, ParameterKind, Reply, Table};
use crate::wire::{Layout, VARIABLE};
use std::fmt::{self, Write};

/// A table with more holes than this is left to the driver's author.
const HOLES_MAX: u64 = 1024;

impl Header<'_> {
    pub(super) fn write_table(&self, out: &mut String) -> fmt::Result {
        let (prefix, table, methods) = (&self.prefix, self.interface.table, self.methods.len() as u64);
        let length = self.interface.table_length();
        if methods == 0 {
            return Ok(());
        }
        if length - methods > HOLES_MAX {
            let lines = [
                format!("No table: it would have {length} records for {methods} methods."),
                "Find the function of a selector by a switch.".to_owned(),
            ];
            out.push_str(&comment(0, &lines));
            return writeln!(out);
        }
        out.push_str(&comment(0, &self.about_table()));
        writeln!(out, "#ifdef {prefix}_DISPATCH_TABLE\n#include <IOKit/IOUserClient.h>\n")?;
        match table {
            Table::Legacy => self.write_legacy(out)?,
            Table::Dispatch2022 | Table::Classic => self.write_dispatch(out)?,
        }
        writeln!(out, "#endif /* {prefix}_DISPATCH_TABLE */\n")
    }

    fn about_table(&self) -> Vec<String> {
        let table = &self.table;
        let text = match self.interface.table {
            Table::Dispatch2022 => format!(
                "For the one file of the driver that overrides IOUserClient2022::externalMethod: it gives {table}\n\
                 and the number of its records to dispatchExternalMethod."
            ),
            Table::Classic => format!(
                "For the one file of the driver that overrides IOUserClient::externalMethod: it gives that the\n\
                 record of {table} at the selector, having compared the selector with the number of records."
            ),
            Table::Legacy => format!(
                "For the one file of the driver that overrides getTargetAndMethodForIndex: it returns the record of\n\
                 {table} at the index, or NULL past the end and where the record has no function. The macro\n\
                 is the name of the class whose public member functions are in the table, each of the type IOMethod.\n\
                 What such a function is passed: the scalars that go in, then pointers to those that come out, or the\n\
                 structure that goes in, the one that comes out, and their sizes. This part is C++."
            ),
        };
        text.lines().map(str::to_owned).collect()
    }

    /// The record of each selector from 0 on.
    fn records(&self) -> impl Iterator<Item = (u64, Option<&Names>)> {
        let mut methods = self.methods.iter().peekable();
        (0..self.interface.table_length()).map(move |selector| {
            (selector, methods.next_if(|names| u64::from(names.method.name.selector) == selector))
        })
    }

    fn write_dispatch(&self, out: &mut String) -> fmt::Result {
        for Names { function, .. } in &self.methods {
            writeln!(
                out,
                "static IOReturn {function}(OSObject *target, void *reference, IOExternalMethodArguments *arguments);"
            )?;
        }
        let is_2022 = self.interface.table == Table::Dispatch2022;
        let record = if is_2022 { "IOExternalMethodDispatch2022" } else { "IOExternalMethodDispatch" };
        writeln!(out, "\nstatic const {record} {}[] = {{", self.table)?;
        for (selector, names) in self.records() {
            let Some(Names { method, function, .. }) = names else {
                let rest = if is_2022 { ", 0, NULL" } else { "" };
                writeln!(out, "    {{ NULL, 0, 0, 0, 0{rest} }}, /* {selector}: not used */")?;
                continue;
            };
            let Checks { scalar_inputs, scalar_outputs, allow_async, entitlement, .. } = method.checks;
            write!(
                out,
                "    {{ &{function}, {}, {}, {}, {}",
                count(scalar_inputs),
                self.structure_input(method),
                count(scalar_outputs),
                self.structure_output(method)
            )?;
            if is_2022 {
                let entitlement = entitlement.map_or("NULL".to_owned(), literal);
                write!(out, ", {}, {entitlement}", u8::from(allow_async))?;
            }
            writeln!(out, " }}, /* {selector} */")?;
        }
        writeln!(out, "}};")
    }

    fn write_legacy(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "static const IOExternalMethod {}[] = {{", self.table)?;
        for (selector, names) in self.records() {
            let legacy = names.and_then(|names| Some((names, names.method.checks.legacy()?)));
            let Some((Names { method, function, .. }, (flags, count0, count1))) = legacy else {
                writeln!(out, "    {{ NULL, NULL, 0, 0, 0 }}, /* {selector}: not used */")?;
                continue;
            };
            let (input, output) = (self.structure_input(method), self.structure_output(method));
            let (flags, count0, count1) = match flags {
                Legacy::<()>::SCALAR_I_SCALAR_O => ("kIOUCScalarIScalarO", count(count0), count(count1)),
                Legacy::<()>::SCALAR_I_STRUCT_O => ("kIOUCScalarIStructO", count(count0), output),
                Legacy::<()>::STRUCT_I_STRUCT_O => ("kIOUCStructIStructO", input, output),
                _ => ("kIOUCScalarIStructI", count(count0), input),
            };
            let class = format!("{}_DISPATCH_TABLE", self.prefix);
            writeln!(
                out,
                "    {{ NULL, static_cast<IOMethod>(&{class}::{function}), {flags}, {count0}, {count1} }}, /* {selector} */"
            )?;
        }
        writeln!(out, "}};")
    }

    fn structure_input(&self, method: &Method) -> String {
        let one = method.parameters.iter().find_map(|parameter| match parameter.kind {
            ParameterKind::Structure(layout) => Some(layout),
            _ => None,
        });
        self.size(one, method.checks.structure_input)
    }

    fn structure_output(&self, method: &Method) -> String {
        let one = match &method.reply {
            Reply::Values(shape) => shape.layout(),
            Reply::Filled | Reply::Variable(_) => None,
        };
        self.size(one, method.checks.structure_output)
    }

    fn size(&self, layout: Option<&'static Layout>, size: u32) -> String {
        layout.map_or_else(|| count(size), |layout| format!("sizeof({})", self.declare(layout, "")))
    }
}

/// A count, or the name of that which is not checked.
fn count(count: u32) -> String {
    if count == VARIABLE { "kIOUCVariableStructureSize".to_owned() } else { count.to_string() }
}
